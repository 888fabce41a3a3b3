/**
 * Renewal at the WS-Trust STS (sts-session §4): the old token, verified as any service would, says what the
 * new one is to hold. Nothing else of the request counts.
 *
 * @module
 */

import type { Exchange, Sandbox } from './exchange.js';
import { SandboxFault } from './faults-soap.js';
import { DS, HOLDER_OF_KEY, IDENTIFICATION, SAML, STS_ISSUER, WSSE, WST } from './names.js';
import type { Order } from './sts-issue.js';
import { SignatureError, verifySignature } from './verify-xml.js';
import { attributeOf, childOf, childrenOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

export interface Renewal {
  readonly order: Order;
  /** Certificate that the old token is bound to. */
  readonly holderBase64: string;
}

const refused = (code: string, message: string): SandboxFault =>
  new SandboxFault(`ws-trust:${code}`, message, { kind: 'BusinessError' });

/**
 * What a request to renew asks for: the old attributes, for as long as the old token lived.
 *
 * @throws SandboxFault `ws-trust:InvalidRequest` (no token), `ws-trust:InvalidSecurityToken` (not ours),
 *   `ws-trust:UnableToRenew` (over).
 */
export function renewOrder(exchange: Exchange, sandbox: Sandbox): Renewal {
  const target = childOf(exchange.payload, WST, 'RenewTarget');
  const reference = childOf(target, WSSE, 'SecurityTokenReference');
  const received = childOf(childOf(reference, WSSE, 'Embedded'), SAML, 'Assertion');
  if (received === undefined) {
    throw refused('InvalidRequest', 'RenewTarget embeds no assertion');
  }
  const assertion = verified(exchange, sandbox, received);
  const conditions = childOf(assertion, SAML, 'Conditions');
  const notBefore = Date.parse(attributeOf(conditions, 'NotBefore') ?? '');
  const notOnOrAfter = Date.parse(attributeOf(conditions, 'NotOnOrAfter') ?? '');
  const now = sandbox.now().getTime();
  if (!(now < notOnOrAfter)) {
    exchange.checks.failed('renewal', 'the token is over');
    throw refused('UnableToRenew', 'the token to renew has expired');
  }
  exchange.checks.ok('renewal');
  const attributes = childrenOf(
    childOf(assertion, SAML, 'AttributeStatement'),
    SAML,
    'Attribute',
  ).map((attribute) => ({
    namespace: attributeOf(attribute, 'AttributeNamespace') ?? '',
    name: attributeOf(attribute, 'AttributeName') ?? '',
    values: childrenOf(attribute, SAML, 'AttributeValue').map(({ text }) => text),
  }));
  return {
    order: {
      notBefore: now,
      notOnOrAfter: now + (notOnOrAfter - notBefore),
      attributes: attributes.filter(({ namespace }) => namespace === IDENTIFICATION),
      designators: attributes.map(({ namespace, name }) => ({ namespace, name })),
    },
    holderBase64: holderOf(assertion),
  };
}

/** The assertion read from its signed text. */
function verified(exchange: Exchange, sandbox: Sandbox, received: ReadElement): ReadElement {
  const id = attributeOf(received, 'AssertionID');
  const signature = childOf(received, DS, 'Signature');
  const fail = (message: string): SandboxFault => {
    exchange.checks.failed('renewal', message);
    return refused('InvalidSecurityToken', message);
  };
  if (id === undefined || signature === undefined) {
    throw fail('the token to renew is not signed');
  }
  try {
    const { signed } = verifySignature({
      xml: exchange.xml,
      root: exchange.envelope,
      signature,
      key: sandbox.pki.sts.certificate.publicKey,
      ids: [id],
      idAttribute: 'AssertionID',
      enveloped: true,
    });
    const assertion = exchange.read(signed.get(id) ?? '');
    if (attributeOf(assertion, 'Issuer') !== STS_ISSUER) {
      throw fail('the token to renew is not of this STS');
    }
    return assertion;
  } catch (error) {
    if (error instanceof SignatureError) {
      throw fail(`the signature of the token to renew does not hold: ${error.message}`);
    }
    throw error;
  }
}

function holderOf(assertion: ReadElement): string {
  const subject = childOf(childOf(assertion, SAML, 'AuthenticationStatement'), SAML, 'Subject');
  const confirmation = childOf(subject, SAML, 'SubjectConfirmation');
  const data = childOf(childOf(confirmation, DS, 'KeyInfo'), DS, 'X509Data');
  return textOf(confirmation, SAML, 'ConfirmationMethod') === HOLDER_OF_KEY
    ? textOf(data, DS, 'X509Certificate')
    : '';
}
