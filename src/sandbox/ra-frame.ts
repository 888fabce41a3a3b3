/**
 * What CertRA and ETKRA v2 share: the frame of answers, the status with its errors, the XML signature
 * inside the body (certificate-lifecycle §3).
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import type { Exchange, Sandbox } from './exchange.js';
import { Refusal } from './faults-soap.js';
import { CERTRA_CORE, COMMONS_2, DS, ETEE_COMMONS_2 } from './names.js';
import { parseBase64Certificate, trustOf } from './security.js';
import { SignatureError, verifySignature } from './verify-xml.js';
import { attributeOf, childOf, childrenOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';
import { el } from './xml-text.js';
import type { Content, Markup } from './xml-text.js';

const SUCCESS = 'urn:be:fgov:ehealth:2.0:status:Success';
const REQUESTER = 'urn:be:fgov:ehealth:2.0:status:Requester';

export interface RaReply {
  readonly prefix: string;
  readonly namespace: string;
  readonly operation: string;
}

/** An answer with status success. */
export const success = (
  reply: RaReply,
  exchange: Exchange,
  sandbox: Sandbox,
  ...content: readonly Content[]
): Markup => frame(reply, exchange, sandbox, status(), ...content);

/** An answer that refuses: one error with its code. */
export const refusal = (
  reply: RaReply,
  exchange: Exchange,
  sandbox: Sandbox,
  { code, message, parameters }: Refusal,
): Markup =>
  frame(
    reply,
    exchange,
    sandbox,
    el(
      'core:Status',
      {},
      el('core:StatusCode', { Value: REQUESTER }),
      el('core:StatusMessage', {}, message),
      el(
        'core:StatusDetail',
        {},
        el(
          'e:EteeStatusDetail',
          { 'xmlns:e': ETEE_COMMONS_2 },
          el(
            'Errors',
            {},
            el('Code', {}, code),
            el('Message', {}, message),
            parameters.map(([name, value]) =>
              el('Parameters', {}, el('Name', {}, name), el('Value', {}, value)),
            ),
          ),
        ),
      ),
    ),
  );

const status = (): Markup => el('core:Status', {}, el('core:StatusCode', { Value: SUCCESS }));

/** The root of an answer; `GetExistingApplicationIds` alone has no status. */
export const frame = (
  { prefix, namespace, operation }: RaReply,
  { payload }: Exchange,
  sandbox: Sandbox,
  ...content: readonly Content[]
): Markup =>
  el(
    `${prefix}:${operation}Response`,
    {
      [`xmlns:${prefix}`]: namespace,
      'xmlns:c': CERTRA_CORE,
      'xmlns:core': COMMONS_2,
      Id: `_${sandbox.newId()}`,
      InResponseTo: attributeOf(payload, 'Id'),
      IssueInstant: sandbox.now().toISOString(),
    },
    ...content,
  );

export interface SignedRequest {
  /** From the signed text. */
  readonly root: ReadElement;
  readonly certificate: Certificate;
}

/** Which key must have signed. */
export type SignerKind = 'eid-authentication' | 'eid-signature' | 'ehealth';

const KEY_USAGE = { 'eid-authentication': 0x80, 'eid-signature': 0x40, ehealth: 0x80 } as const;

/**
 * The enveloped signature of a request: the last child of the root, over the whole root.
 *
 * @throws Refusal `SIGNATURE_INVALID`, `SIGNER_NOT_TRUSTED`, `SIGNER_NOT_ALLOWED`.
 */
export function verifySignedRequest(
  exchange: Exchange,
  sandbox: Sandbox,
  kind: SignerKind,
): SignedRequest {
  const { payload, checks } = exchange;
  const id = attributeOf(payload, 'Id');
  const signature = payload.children.at(-1);
  const fail = (code: string, message: string): Refusal => {
    checks.failed('signature', message);
    return new Refusal(code, message);
  };
  if (id === undefined || signature?.name !== 'Signature' || signature.namespace !== DS) {
    throw fail('SIGNATURE_INVALID', 'the request is not signed');
  }
  const chain =
    childrenOf(childOf(childOf(signature, DS, 'KeyInfo'), DS, 'X509Data'), DS, 'X509Certificate') // prettier-ignore
      .map(({ text }) => parseBase64Certificate(text))
      .filter((certificate) => certificate !== undefined);
  const [certificate] = chain;
  if (certificate === undefined) {
    throw fail('SIGNATURE_INVALID', 'KeyInfo holds no certificate');
  }
  const trust = trustOf(sandbox, certificate, chain.slice(1));
  if (trust !== (kind === 'ehealth' ? 'ehealth' : 'eid')) {
    throw fail('SIGNER_NOT_TRUSTED', 'the signer is expired, revoked or not from the right CA');
  }
  if (((certificate.keyUsage ?? 0) & KEY_USAGE[kind]) === 0) {
    throw fail('SIGNER_NOT_ALLOWED', `the wrong key: expected ${kind}`);
  }
  try {
    const { signed } = verifySignature({
      xml: exchange.xml,
      root: exchange.envelope,
      signature,
      key: certificate.publicKey,
      ids: [id],
      enveloped: true,
    });
    checks.ok('signature', kind);
    return { root: exchange.read(signed.get(id) ?? ''), certificate };
  } catch (error) {
    if (error instanceof SignatureError) {
      throw fail('SIGNATURE_INVALID', `the signature does not hold: ${error.message}`);
    }
    throw error;
  }
}
