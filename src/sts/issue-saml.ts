/**
 * An assertion from the SAML 1.1 STS (sts-session §2): the request is signed by the holder-of-key key, then
 * the message by the authentication key; with an eID the PIN is needed for the latter, once and last.
 *
 * @module
 */

import type { SignatureAlgorithm, Signer } from '../keys/keys.js';
import { attributeQuery } from '../saml/request.js';
import type { AttributeQuery } from '../saml/request.js';
import { readResponse } from '../saml/response.js';
import type { VerifiedAssertion } from '../saml/verified-assertion.js';
import { signXml } from '../xml/sign.js';
import type { OpenSessionContext, OpenSessionRequest } from './open-session.js';

const ACTION = 'urn:be:fgov:ehealth:sts:protocol:v1:RequestSecurityToken';

/**
 * Asks with one message.
 *
 * @throws what `readResponse`, the keys and the call throw.
 */
export async function issueBySaml(
  query: AttributeQuery,
  { authentication, holderOfKey, trusted, signatureDigest }: OpenSessionRequest,
  { call, url, now, signal }: OpenSessionContext,
): Promise<VerifiedAssertion> {
  const algorithmOf = ({ certificate }: Signer): SignatureAlgorithm | undefined =>
    signatureDigest === 'sha1' && certificate.keyType === 'rsa' ? 'rsa-sha1' : undefined;
  const body = await signXml(attributeQuery(query), {
    signer: holderOfKey,
    algorithm: algorithmOf(holderOfKey),
    idAttribute: 'RequestID',
    position: 'first',
  });
  const { payload, envelope, raw } = await call(
    {
      service: 'sts',
      operation: 'RequestSecurityToken',
      url,
      action: ACTION,
      body,
      security: { kind: 'x509', signer: authentication, algorithm: algorithmOf(authentication) },
    },
    { signal },
  );
  return readResponse(payload, envelope, { query, trusted, now: now(), raw });
}
