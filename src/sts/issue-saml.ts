/**
 * An assertion from the SAML 1.1 STS (sts-session §2): the request is signed by the holder-of-key key, then
 * the message by the authentication key; with an eID the PIN is needed for the latter, once and last. There
 * is no renewal in this protocol: a new request asks for the same again (sts-session §3.2).
 *
 * @module
 */

import type { SignatureAlgorithm, Signer } from '../keys/keys.js';
import { attributeQuery } from '../saml/request.js';
import type { AttributeQuery } from '../saml/request.js';
import { readResponse } from '../saml/response.js';
import type { VerifiedAssertion } from '../saml/verified-assertion.js';
import { signXml } from '../xml/sign.js';
import { askSts } from './ask-sts.js';
import type { OpenSessionContext, OpenSessionRequest } from './open-session.js';

/**
 * Asks with one message.
 *
 * @throws what `askSts`, `readResponse` and the keys throw.
 */
export async function issueBySaml(
  query: AttributeQuery,
  { authentication, holderOfKey, trusted, signatureDigest }: OpenSessionRequest,
  context: OpenSessionContext,
): Promise<VerifiedAssertion> {
  const algorithmOf = ({ certificate }: Signer): SignatureAlgorithm | undefined =>
    signatureDigest === 'sha1' && certificate.keyType === 'rsa' ? 'rsa-sha1' : undefined;
  const body = await signXml(attributeQuery(query), {
    signer: holderOfKey,
    algorithm: algorithmOf(holderOfKey),
    idAttribute: 'RequestID',
    position: 'first',
  });
  return askSts(
    context,
    {
      operation: 'RequestSecurityToken',
      body,
      signer: authentication,
      algorithm: algorithmOf(authentication),
    },
    ({ payload, envelope, raw }) =>
      readResponse(payload, envelope, { query, trusted, now: context.now(), raw }),
  );
}
