/**
 * What is sealed in a request to the KGSS: opened, judged, and for whom its answer is to be sealed.
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import { namesEqual } from '../x509/name.js';
import { isActive } from './certificates.js';
import type { Exchange, Sandbox } from './exchange.js';
import { Refusal } from './faults-soap.js';
import { KGSS } from './names.js';
import { openSealed, readToken, SealedContentError } from './open-sealed.js';
import type { SharedKey } from './seal.js';
import { trustOf } from './security.js';
import { childOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

const KEY_BYTES = 16;
const DIGITAL_SIGNATURE = 0x80;
/** Ten minutes, as the official library; a sealed request is answered once and now. */
const MAX_AGE_MS = 10 * 60_000;

export interface OpenedRequest {
  readonly content: ReadElement;
  readonly signer: Certificate;
}

/**
 * Opens what is sealed in a request; the seal, its certificate and the schema inside must all hold.
 *
 * @param part Element around the sealed content.
 * @throws Refusal `SEALED_CONTENT_INVALID`, `SEALED_CONTENT_STALE`, `SIGNER_NOT_TRUSTED`, `CONTENT_INVALID`.
 */
export async function openRequest(
  exchange: Exchange,
  sandbox: Sandbox,
  payload: ReadElement,
  part: string,
): Promise<OpenedRequest> {
  const { checks, operation } = exchange;
  const sealed = textOf(childOf(payload, KGSS, part), KGSS, 'SealedContent'); // prettier-ignore
  const { encryption } = await sandbox.pki.holders.of('kgss');
  let opened;
  try {
    opened = openSealed(bytesOf(sealed), encryption);
  } catch (error) {
    throw notOpened(exchange, error);
  }
  const { content, signer, others, signingTime } = opened;
  if (
    trustOf(sandbox, signer, others) !== 'ehealth' ||
    ((signer.keyUsage ?? 0) & DIGITAL_SIGNATURE) === 0
  ) {
    checks.failed('sealed', 'the certificate of the sealer is expired, revoked or not of eHealth');
    throw new Refusal('SIGNER_NOT_TRUSTED', 'the certificate of the sealer is not trusted');
  }
  if (Math.abs(sandbox.now().getTime() - signingTime.getTime()) > MAX_AGE_MS) {
    checks.failed('sealed', 'the signing time is not of now');
    throw new Refusal('SEALED_CONTENT_STALE', 'the request was sealed at another time');
  }
  checks.ok('sealed');
  const root = exchange.read(Buffer.from(content).toString('utf8'));
  if (root.namespace !== KGSS || root.name !== `${operation}RequestContent`) {
    checks.failed('sealedSchema', `${root.name} is not the content of ${operation}`);
    throw new Refusal('CONTENT_INVALID', 'the sealed content is not the one of this operation');
  }
  const { state, detail = '' } = sandbox.schemas.validate(root.node);
  if (state === 'failed') {
    checks.failed('sealedSchema', detail);
    throw new Refusal('CONTENT_INVALID', 'the sealed content is not valid by its schema');
  }
  if (state === 'ok') {
    checks.ok('sealedSchema');
  } else {
    checks.skipped('sealedSchema', detail);
  }
  return { content: root, signer };
}

function notOpened({ checks }: Exchange, error: unknown): unknown {
  if (!(error instanceof SealedContentError)) {
    return error;
  }
  checks.failed('sealed', error.message);
  return new Refusal('SEALED_CONTENT_INVALID', error.message);
}

/** What the caller wants the answer sealed for: a token of his own, or a key that he made up. */
export function answerKey(
  exchange: Exchange,
  sandbox: Sandbox,
  content: ReadElement,
  signer: Certificate,
): readonly Certificate[] | SharedKey {
  const kek = childOf(content, KGSS, 'KeyEncryptionKey');
  if (kek === undefined) {
    return [tokenHolder(exchange, sandbox, textOf(content, KGSS, 'ETK'), signer)];
  }
  const key = bytesOf(kek.text);
  if (key.length !== KEY_BYTES) {
    throw new Refusal('KEY_INVALID', 'the KeyEncryptionKey must have 16 bytes');
  }
  const id = bytesOf(textOf(content, KGSS, 'KeyEncryptionKeyIdentifier'));
  return { key, id: id.length === 0 ? Buffer.from('0', 'latin1') : id };
}

/** The encryption certificate of a token: registered here, in the depot now, and the sealer's own. */
export function tokenHolder(
  exchange: Exchange,
  sandbox: Sandbox,
  base64: string,
  signer: Certificate,
): Certificate {
  let encryption: Certificate;
  try {
    encryption = readToken(bytesOf(base64), sandbox.pki.etkRa.certificate);
  } catch (error) {
    throw error instanceof SealedContentError ? new Refusal('ETK_INVALID', error.message) : error;
  }
  const known = sandbox.state.certificates.some(
    (record) =>
      record.etk.encryptionBase64 === Buffer.from(encryption.der).toString('base64') &&
      record.etk.status === 'VALID_ACTIVE' &&
      isActive(record, sandbox),
  );
  if (!known) {
    throw new Refusal('ETK_INVALID', 'the token is not in the depot');
  }
  if (!namesEqual(encryption.subject, signer.subject)) {
    throw new Refusal('ETK_INVALID', 'the token is not the one of the sealer');
  }
  exchange.checks.ok('etk');
  return encryption;
}

export const bytesOf = (base64: string): Buffer => Buffer.from(base64.replace(/\s/g, ''), 'base64');
