/**
 * The WS-Trust 1.3 STS (sts-session §4, §8): a token at once where one key authenticates and will sign; else
 * a challenge, which the holder-of-key key answers in a second message. A token that is valid still can be
 * renewed. Every refusal is a fault.
 *
 * @module
 */

import type { Certificate } from '../../x509/certificate.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal, SandboxFault } from '../faults-soap.js';
import { AUTHORIZATION, CERTIFIED, DS, IDENTIFICATION, SAML_TOKEN, WSSE, WST, WST_PUBLIC_KEY, WSU } from '../names.js'; // prettier-ignore
import { parseBase64Certificate, requireSchema, verifyX509Security } from '../security.js';
import type { StsChallenge } from '../state.js';
import { rearrange } from '../sts-faults.js';
import { checkOrder, issueAssertion, readHolderOfKey } from '../sts-issue.js';
import type { Order, Parties } from '../sts-issue.js';
import { renewOrder } from '../sts-renew.js';
import { attributeOf, childOf, childrenOf, textOf } from '../xml-read.js';
import type { ReadElement } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Content, Markup } from '../xml-text.js';

const ACTION = 'urn:be:fgov:ehealth:sts:protocol:v1:';
/** How long a challenge waits for its answer. */
const CHALLENGE_MS = 5 * 60 * 1000;

export const stsWsTrust: Service = {
  name: 'sts',
  endpoint: 'stsWsTrust',
  paths: ['/IAM/SecurityTokenService/v1'],
  namespace: WST,
  actions: (operation) => [
    `${ACTION}${operation === 'RequestSecurityTokenResponse' ? 'Challenge' : 'RequestSecurityToken'}`,
  ],
  handle: (exchange, sandbox): Promise<Answer> => {
    const { payload, certificate } = verifyX509Security(exchange, sandbox, { allowSha1: false });
    try {
      const { answer, played } =
        payload.name === 'RequestSecurityToken'
          ? handleRequest(exchange, sandbox, payload, certificate)
          : handleChallenge(exchange, sandbox, payload, certificate);
      exchange.checks.ok('business');
      return Promise.resolve({ payload: answer, rewrite: (text) => rearrange(played, text) });
    } catch (error) {
      if (error instanceof Refusal) {
        const code = error.code === 'PeriodOver' ? 'InvalidTimeRange' : 'RequestFailed';
        throw refused(code, error.message);
      }
      throw error;
    }
  },
};

/** An answer, and the kind of fault that is to be played with it. */
interface Handled {
  readonly answer: Markup;
  readonly played: string | undefined;
}

const refused = (code: string, message: string): SandboxFault =>
  new SandboxFault(`ws-trust:${code}`, message, { kind: 'BusinessError' });

function handleRequest(
  exchange: Exchange,
  sandbox: Sandbox,
  request: ReadElement,
  certificate: Certificate,
): Handled {
  const context = attributeOf(request, 'Context');
  const { order, holder } =
    textOf(request, WST, 'RequestType') === `${WST}/Renew`
      ? readRenewal(exchange, sandbox, request)
      : {
          order: readOrder(exchange, sandbox, request),
          holder: readKey(exchange, sandbox, request),
        };
  exchange.checks.ok('holderOfKey');
  const { played } = exchange.hints;
  const parties = { certificate, holder };
  if (isSame(holder, certificate)) {
    return { answer: tokenResponse(sandbox, context, order, parties, played), played };
  }
  checkOrder(sandbox, order, parties);
  const challenge = sandbox.newId();
  const now = sandbox.now().getTime();
  sandbox.state.challenges = [
    ...sandbox.state.challenges.filter(({ at }) => Math.abs(now - at) <= CHALLENGE_MS),
    {
      challenge,
      ...(context === undefined ? {} : { context }),
      at: now,
      certificateBase64: base64Of(certificate),
      holderBase64: base64Of(holder),
      // Not a number has no place in JSON.
      period: [order.notBefore, order.notOnOrAfter].map((time) =>
        Number.isNaN(time) ? null : time,
      ),
      attributes: order.attributes,
      designators: order.designators,
      ...(played === undefined ? {} : { played }),
    },
  ];
  const sign = el('wst:SignChallenge', {}, el('wst:Challenge', {}, challenge));
  return { answer: response(context, sign), played: undefined };
}

/** The key that shall sign with the token. */
function readKey(exchange: Exchange, sandbox: Sandbox, request: ReadElement): Certificate {
  const reference = childOf(childOf(request, WST, 'UseKey'), WSSE, 'SecurityTokenReference');
  const base64 = textOf(childOf(reference, DS, 'X509Data'), DS, 'X509Certificate');
  return readHolderOfKey(exchange, sandbox, base64, 'holderOfKey');
}

/** What the old token says is asked for again. */
function readRenewal(
  exchange: Exchange,
  sandbox: Sandbox,
  request: ReadElement,
): { readonly order: Order; readonly holder: Certificate } {
  if (textOf(request, WST, 'TokenType') !== SAML_TOKEN) {
    throw refused('InvalidRequest', `TokenType is not ${SAML_TOKEN}`);
  }
  const { order, holderBase64 } = renewOrder(exchange, sandbox);
  return { order, holder: readHolderOfKey(exchange, sandbox, holderBase64, 'holderOfKey') };
}

/** The second message: the same context, the same text, signed by the key that is to be proven. */
function handleChallenge(
  exchange: Exchange,
  sandbox: Sandbox,
  answer: ReadElement,
  certificate: Certificate,
): Handled {
  const sign = childOf(answer, WST, 'SignChallengeResponse');
  const challenge = sign === undefined ? '' : (childOf(sign, WST, 'Challenge')?.text ?? '');
  const pending = sandbox.state.challenges.find((entry) => entry.challenge === challenge);
  if (pending === undefined || pending.context !== attributeOf(answer, 'Context')) {
    throw refused('InvalidRequest', 'no challenge of this STS is answered');
  }
  sandbox.state.challenges = sandbox.state.challenges.filter((entry) => entry !== pending);
  if (Math.abs(sandbox.now().getTime() - pending.at) > CHALLENGE_MS) {
    throw refused('ExpiredData', 'the challenge is too old');
  }
  const [holder, authentication] = certificatesOf(pending);
  if (holder === undefined || authentication === undefined || !isSame(holder, certificate)) {
    exchange.checks.failed('holderOfKey', 'signed by another key than that of the request');
    throw refused('FailedAuthentication', 'the challenge is not signed by the holder of key');
  }
  exchange.checks.ok('holderOfKey', 'challenge');
  const [notBefore, notOnOrAfter] = pending.period;
  const { attributes, designators, played, context } = pending;
  const token = tokenResponse(
    sandbox,
    context,
    { notBefore: notBefore ?? NaN, notOnOrAfter: notOnOrAfter ?? NaN, attributes, designators },
    { certificate: authentication, holder },
    played,
  );
  return { answer: token, played };
}

const certificatesOf = ({ holderBase64, certificateBase64 }: StsChallenge) =>
  [parseBase64Certificate(holderBase64), parseBase64Certificate(certificateBase64)] as const;

/** Values of the verified request. */
function readOrder(exchange: Exchange, sandbox: Sandbox, request: ReadElement): Order {
  const expected: readonly (readonly [string, string])[] = [
    ['TokenType', SAML_TOKEN],
    ['RequestType', `${WST}/Issue`],
    ['KeyType', WST_PUBLIC_KEY],
  ];
  for (const [name, value] of expected) {
    if (textOf(request, WST, name) !== value) {
      throw refused('InvalidRequest', `${name} is not ${value}`);
    }
  }
  const claims = childOf(request, WST, 'Claims');
  if (attributeOf(claims, 'Dialect') !== `${AUTHORIZATION}/authclaims`) {
    throw refused('InvalidRequest', 'Claims of that dialect are expected');
  }
  const types = childrenOf(claims, AUTHORIZATION, 'ClaimType');
  // Inside the request the schema lets them be; the first bad one is reported.
  const bad = types.find(({ node }) => sandbox.schemas.validate(node).state === 'failed');
  if (bad !== undefined) {
    requireSchema(exchange, sandbox, bad);
  }
  const names = types.map((type) => attributeOf(type, 'Uri') ?? '');
  if (new Set(names).size !== names.length) {
    throw refused('InvalidRequest', 'a claim is repeated');
  }
  // Claims carry no namespace: with a value it is claimed, without one it is to be certified.
  const valued = types.map((type) => childOf(type, AUTHORIZATION, 'Value')?.text);
  if (valued.some((value, at) => value !== undefined && at > 0 && valued[at - 1] === undefined)) {
    throw refused('InvalidRequest', 'claims with a value come first');
  }
  const designators = names.map((name, at) => ({
    namespace: valued[at] === undefined ? CERTIFIED : IDENTIFICATION,
    name,
  }));
  const lifetime = childOf(request, WST, 'Lifetime');
  return {
    notBefore: Date.parse(textOf(lifetime, WSU, 'Created')),
    notOnOrAfter: Date.parse(textOf(lifetime, WSU, 'Expires')),
    attributes: designators.flatMap((designator, at) => {
      const value = valued[at];
      return value === undefined ? [] : [{ ...designator, values: value.split(';') }];
    }),
    designators,
  };
}

const isSame = (one: Certificate, other: Certificate): boolean =>
  Buffer.compare(one.der, other.der) === 0;

const base64Of = ({ der }: Certificate): string => Buffer.from(der).toString('base64');

function tokenResponse(
  sandbox: Sandbox,
  context: string | undefined,
  order: Order,
  parties: Parties,
  played: string | undefined,
): Markup {
  const assertion = issueAssertion(sandbox, order, parties, played);
  return response(
    context,
    el('wst:TokenType', {}, SAML_TOKEN),
    el('wst:RequestedSecurityToken', {}, assertion),
  );
}

const response = (context: string | undefined, ...content: readonly Content[]): Markup =>
  el('wst:RequestSecurityTokenResponse', { 'xmlns:wst': WST, Context: context }, ...content);
