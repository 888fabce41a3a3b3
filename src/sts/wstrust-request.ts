/**
 * Messages to the WS-Trust 1.3 STS (sts-session §4): a request for a token with claims, one to renew a
 * token, and the answer to its challenge.
 *
 * @module
 */

import { NS_IDENTIFICATION } from '../saml/names.js';
import type { AttributeQuery } from '../saml/request.js';
import { namespace, verbatim } from '../xml/build.js';
import { NS_DS, NS_WSSE, NS_WSU } from '../xml/namespaces.js';
import type { XmlElement } from '../xml/tree.js';

export const NS_WST = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512';
const NS_AUTH = 'http://docs.oasis-open.org/wsfed/authorization/200706';
const SAML_V11 = 'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1';
/** Quirk: `wstrust` without hyphen, unlike the standard: every client of eHealth spells it so. */
const PUBLIC_KEY = 'http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey';

const wst = namespace('wst', NS_WST);
const auth = namespace('auth', NS_AUTH);
const wsse = namespace('wsse', NS_WSSE);
// Not `wsu`: the Body declares that one, and what it declares is not written again on the payload, which is
// to stand alone.
const time = namespace('time', NS_WSU);
const ds = namespace('ds', NS_DS);

/** `wst:RequestSecurityToken` that asks to issue; its `Context` is the query's request id. */
export function issueRequest(query: AttributeQuery): XmlElement {
  const holderOfKey = Buffer.from(query.holderOfKey.der).toString('base64');
  return wst(
    'RequestSecurityToken',
    { Context: query.requestId },
    wst('TokenType', {}, SAML_V11),
    wst('RequestType', {}, `${NS_WST}/Issue`),
    wst('Claims', { Dialect: `${NS_AUTH}/authclaims` }, claims(query)),
    wst(
      'Lifetime',
      {},
      time('Created', {}, query.now.toISOString()),
      time('Expires', {}, query.notOnOrAfter.toISOString()),
    ),
    wst('KeyType', {}, PUBLIC_KEY),
    wst(
      'UseKey',
      {},
      wsse(
        'SecurityTokenReference',
        {},
        ds('X509Data', {}, ds('X509Certificate', {}, holderOfKey)),
      ),
    ),
  );
}

/**
 * Quirk: claims carry no namespace. One with a value is claimed by us, one without is to be certified; a
 * name that was sent is not repeated.
 */
function claims({ attributes, designators }: AttributeQuery): readonly XmlElement[] {
  const claimed = new Set(attributes.map(({ name }) => name));
  const asked = designators
    .filter(({ namespace: uri, name }) => uri !== NS_IDENTIFICATION && !claimed.has(name))
    .map(({ name }) => name);
  return [
    ...attributes.map(({ name, values }) =>
      auth('ClaimType', { Uri: name }, auth('Value', {}, values.join(';'))),
    ),
    ...[...new Set(asked)].map((name) => auth('ClaimType', { Uri: name })),
  ];
}

/**
 * `wst:RequestSecurityToken` that asks for a token in the place of another: the old one verbatim, no claims,
 * no period, no key (as the official client sends it).
 *
 * @param assertion Self-contained text.
 * @param id An NCName.
 */
export const renewRequest = (context: string, assertion: string, id: string): XmlElement => {
  const embedded = wsse('Embedded', {}, verbatim(assertion));
  const named = {
    ...embedded,
    // Under the prefix of `time`, for the same reason.
    attributes: [{ prefix: 'time', name: 'Id', namespace: NS_WSU, value: id }],
  };
  return wst(
    'RequestSecurityToken',
    { Context: context },
    wst('TokenType', {}, SAML_V11),
    wst('RequestType', {}, `${NS_WST}/Renew`),
    wst('RenewTarget', {}, wsse('SecurityTokenReference', {}, named)),
  );
};

/** The answer to a challenge: the same text, in a message that the holder-of-key key signs. */
export const challengeResponse = (context: string, challenge: string): XmlElement =>
  wst(
    'RequestSecurityTokenResponse',
    { Context: context },
    wst('SignChallengeResponse', {}, wst('Challenge', {}, challenge)),
  );
