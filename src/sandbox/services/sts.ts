/**
 * The SAML 1.1 STS (sts-session §2, §3, §8): who authenticates, whose key will sign, what is claimed, what
 * the directory certifies. A bad query gets a status, a bad signature a fault.
 *
 * @module
 */

import type { Certificate } from '../../x509/certificate.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal, SandboxFault } from '../faults-soap.js';
import { DS, HOLDER_OF_KEY, SAML, SAMLP } from '../names.js';
import { verifyX509Security } from '../security.js';
import type { Designator } from '../sts-directory.js';
import { rearrange } from '../sts-faults.js';
import { issueAssertion, readHolderOfKey } from '../sts-issue.js';
import type { Order, Parties } from '../sts-issue.js';
import { SignatureError, verifySignature } from '../verify-xml.js';
import { attributeOf, childOf, childrenOf, textOf } from '../xml-read.js';
import type { ReadElement } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Content, Markup } from '../xml-text.js';

export const sts: Service = {
  name: 'sts',
  endpoint: 'stsSaml11',
  paths: ['/IAM/Saml11TokenService/v1', '/IAM/Saml11TokenService/Legacy/v1'],
  namespace: SAMLP,
  actions: () => [
    'urn:be:fgov:ehealth:sts:protocol:v1:RequestSecurityToken',
    'urn:be:fgov:ehealth:sts:protocol:v1:RequestSecureToken',
  ],
  handle: (exchange, sandbox): Promise<Answer> => {
    const { payload, certificate } = verifyX509Security(exchange, sandbox, {
      allowSha1: true,
    });
    const query = readQuery(payload);
    const holder = verifyInner(exchange, sandbox, query, certificate);
    try {
      const answer = issue(exchange, sandbox, query, { certificate, holder });
      exchange.checks.ok('business');
      const { played } = exchange.hints;
      return Promise.resolve({ payload: answer, rewrite: (text) => rearrange(played, text) });
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      exchange.checks.failed('business', error.message);
      return Promise.resolve({
        payload: response(query, sandbox, status('Requester', error.code, error.message)),
      });
    }
  },
};

interface Query extends Order {
  readonly requestId: string;
  readonly recipient: string;
  readonly holderBase64: string;
  readonly confirmed: boolean;
}

/** Values of the verified request. */
function readQuery(request: ReadElement): Query {
  const query = childOf(request, SAMLP, 'AttributeQuery');
  const confirmation = childOf(childOf(query, SAML, 'Subject'), SAML, 'SubjectConfirmation');
  const inner = childOf(childOf(confirmation, SAML, 'SubjectConfirmationData'), SAML, 'Assertion');
  const conditions = childOf(inner, SAML, 'Conditions');
  const key = childOf(childOf(confirmation, DS, 'KeyInfo'), DS, 'X509Data');
  if (request.name !== 'Request' || request.namespace !== SAMLP || query === undefined) {
    throw new SandboxFault('SOA-03005', 'a SAML 1.1 Request with an AttributeQuery is expected');
  }
  return {
    requestId: attributeOf(request, 'RequestID') ?? '',
    recipient: attributeOf(inner, 'Issuer') ?? '',
    holderBase64: textOf(key, DS, 'X509Certificate'),
    notBefore: Date.parse(attributeOf(conditions, 'NotBefore') ?? ''),
    notOnOrAfter: Date.parse(attributeOf(conditions, 'NotOnOrAfter') ?? ''),
    attributes: childrenOf(childOf(inner, SAML, 'AttributeStatement'), SAML, 'Attribute').map(
      (attribute) => ({
        ...readDesignator(attribute),
        values: childrenOf(attribute, SAML, 'AttributeValue').map(({ text }) => text.trim()),
      }),
    ),
    designators: childrenOf(query, SAML, 'AttributeDesignator').map(readDesignator),
    confirmed: textOf(confirmation, SAML, 'ConfirmationMethod') === HOLDER_OF_KEY,
  };
}

const readDesignator = (element: ReadElement): Designator => ({
  namespace: attributeOf(element, 'AttributeNamespace') ?? '',
  name: attributeOf(element, 'AttributeName') ?? '',
});

/**
 * The holder-of-key certificate, and the proof that its key was there: the inner signature. It may be
 * missing only where the message itself was signed by that key.
 */
function verifyInner(
  exchange: Exchange,
  sandbox: Sandbox,
  { holderBase64, requestId }: Query,
  authentication: Certificate,
): Certificate {
  const holder = readHolderOfKey(exchange, sandbox, holderBase64, 'innerSignature');
  const fail = (message: string): SandboxFault => {
    exchange.checks.failed('innerSignature', message);
    return new SandboxFault('SOA-01001', message, { faultCode: 'wsse:FailedCheck' });
  };
  const signature = childOf(exchange.payload, DS, 'Signature');
  if (signature === undefined) {
    if (Buffer.compare(holder.der, authentication.der) !== 0) {
      throw fail('the request is not signed by the holder of key');
    }
    exchange.checks.tolerated('innerSignature', 'unsigned, one key for both');
    return holder;
  }
  try {
    const { sha1 } = verifySignature({
      xml: exchange.xml,
      root: exchange.envelope,
      signature,
      key: holder.publicKey,
      ids: [requestId],
      idAttribute: 'RequestID',
      enveloped: true,
      allowSha1: true,
    });
    if (sha1) {
      exchange.checks.tolerated('innerSignature', 'SHA-1');
    } else {
      exchange.checks.ok('innerSignature');
    }
    return holder;
  } catch (error) {
    if (error instanceof SignatureError) {
      throw fail(`the inner signature does not hold: ${error.message}`);
    }
    throw error;
  }
}

function issue(exchange: Exchange, sandbox: Sandbox, query: Query, parties: Parties): Markup {
  if (!query.confirmed) {
    throw new Refusal('RequestDenied', 'only holder-of-key is served');
  }
  const assertion = issueAssertion(sandbox, query, parties, exchange.hints.played);
  return response(query, sandbox, status('Success'), assertion);
}

const status = (top: string, nested?: string, message?: string): Markup =>
  el(
    'samlp:Status',
    {},
    el(
      'samlp:StatusCode',
      { Value: `samlp:${top}` },
      nested === undefined ? undefined : el('samlp:StatusCode', { Value: `samlp:${nested}` }),
    ),
    message === undefined ? undefined : el('samlp:StatusMessage', {}, message),
  );

const response = (
  { requestId, recipient }: Query,
  sandbox: Sandbox,
  ...content: readonly Content[]
): Markup =>
  el(
    'samlp:Response',
    {
      'xmlns:samlp': SAMLP,
      ResponseID: `_${sandbox.newId().replaceAll('-', '')}`,
      InResponseTo: requestId,
      MajorVersion: '1',
      MinorVersion: '1',
      IssueInstant: sandbox.now().toISOString(),
      ...(recipient === '' ? {} : { Recipient: recipient }),
    },
    ...content,
  );
