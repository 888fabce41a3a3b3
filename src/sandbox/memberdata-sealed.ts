/**
 * What is sealed for the business domain of MyCareNet (BED), and the answer that is sealed in turn (mycarenet §1.6).
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import type { Exchange, Sandbox } from './exchange.js';
import { Refusal, SandboxFault } from './faults-soap.js';
import { bytesOf, tokenHolder } from './kgss-request.js';
import { ENCRYPTED } from './names.js';
import { openSealed, SealedContentError } from './open-sealed.js';
import { sealBytes } from './seal.js';
import { trustOf } from './security.js';
import { attributeOf, childOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';
import { el } from './xml-text.js';

const DIGITAL_SIGNATURE = 0x80;
const MAX_AGE_MS = 10 * 60_000;

export interface KnownContent {
  readonly document: Buffer;
  /** Whom the answer is sealed for. */
  readonly replyTo: Certificate;
}

/**
 * Opens the content of a `Detail`; seal, certificate, schema and the token for the answer must all hold.
 *
 * @throws SandboxFault `SOA-03007`.
 */
export async function openKnownContent(
  exchange: Exchange,
  sandbox: Sandbox,
  detail: ReadElement,
  sealed: Uint8Array,
): Promise<KnownContent> {
  const { checks } = exchange;
  const encryption = attributeOf(detail, 'ContentEncryption') ?? '';
  if (encryption !== 'encryptedForKnownBED') {
    throw refused(exchange, `ContentEncryption ${encryption} is not for the broker`);
  }
  const { content, signer } = await openFor(exchange, sandbox, sealed);
  checks.ok('sealed');
  const root = exchange.read(Buffer.from(content).toString('utf8'));
  if (root.name !== 'EncryptedKnownContent' || root.namespace !== ENCRYPTED) {
    throw refused(exchange, `${root.name} is not an EncryptedKnownContent`);
  }
  const verdict = sandbox.schemas.validate(root.node);
  if (verdict.state === 'failed') {
    checks.failed('sealedSchema', verdict.detail ?? '');
    throw new SandboxFault('SOA-03007', `EncryptedKnownContent: ${verdict.detail ?? ''}`);
  }
  checks[verdict.state]('sealedSchema', verdict.detail ?? '');
  const business = childOf(root, ENCRYPTED, 'BusinessContent');
  if (business === undefined || attributeOf(business, 'id') !== attributeOf(detail, 'Id')) {
    throw refused(exchange, 'the id of the BusinessContent is not the Id of the Detail');
  }
  if ((attributeOf(business, 'ContentEncoding') ?? 'none') !== 'none') {
    throw refused(exchange, 'the BusinessContent is not carried as it is');
  }
  const replyTo = holderOf(exchange, sandbox, textOf(root, ENCRYPTED, 'Reply-to-Etk'), signer);
  return { document: bytesOf(business.text), replyTo };
}

async function openFor(
  exchange: Exchange,
  sandbox: Sandbox,
  sealed: Uint8Array,
): Promise<{ readonly content: Uint8Array; readonly signer: Certificate }> {
  const { encryption } = await sandbox.pki.holders.of('bed');
  let opened;
  try {
    opened = openSealed(sealed, encryption);
  } catch (error) {
    throw error instanceof SealedContentError ? refused(exchange, error.message) : error;
  }
  const { content, signer, others, signingTime } = opened;
  if (
    trustOf(sandbox, signer, others) !== 'ehealth' ||
    ((signer.keyUsage ?? 0) & DIGITAL_SIGNATURE) === 0
  ) {
    throw refused(exchange, 'the certificate of the sealer is expired, revoked or not of eHealth');
  }
  if (Math.abs(sandbox.now().getTime() - signingTime.getTime()) > MAX_AGE_MS) {
    throw refused(exchange, 'the signing time is not of now');
  }
  return { content, signer };
}

function holderOf(
  exchange: Exchange,
  sandbox: Sandbox,
  token: string,
  signer: Certificate,
): Certificate {
  try {
    return tokenHolder(exchange, sandbox, token, signer);
  } catch (error) {
    throw error instanceof Refusal ? refused(exchange, `Reply-to-Etk: ${error.message}`) : error;
  }
}

function refused({ checks }: Exchange, reason: string): SandboxFault {
  checks.failed('sealed', reason);
  return new SandboxFault('SOA-03007', reason);
}

/** The answer, sealed by the broker for the token of the question. */
export async function sealAnswer(
  sandbox: Sandbox,
  document: Uint8Array,
  id: string,
  recipient: Certificate,
): Promise<Uint8Array> {
  const known = el(
    'enc:EncryptedKnownContent',
    { 'xmlns:enc': ENCRYPTED },
    el(
      'enc:BusinessContent',
      { id, ContentType: 'text/xml', ContentEncoding: 'none' },
      Buffer.from(document).toString('base64'),
    ),
  );
  const { authentication, chain } = await sandbox.pki.holders.of('bed');
  const bytes = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${known.text}`, 'utf8');
  return sealBytes(bytes, authentication, chain, [recipient], sandbox.now());
}
