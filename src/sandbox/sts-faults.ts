/**
 * Bad and hostile tokens on demand (`topaz sandbox fail sts --with …`): values that the STS signs though they
 * are wrong, and answers that are changed after the signature was made. Both protocols play all of them.
 *
 * @module
 */

import type { Authority } from './citizen-pki.js';
import type { Sandbox } from './exchange.js';
import { CERTIFIED, IDENTIFICATION, WSSE, WSU } from './names.js';
import type { AssertionValues } from './sts-assertion.js';

const DAY_MS = 86_400_000;

/** A wrong value, signed well. */
type Change = (values: AssertionValues, sandbox: Sandbox) => Partial<AssertionValues>;

const CHANGES: Readonly<Record<string, Change>> = {
  'bad-signature': () => ({ badSignature: true }),
  'wrong-signer': (_, { pki }) => ({ signer: pki.senders satisfies Authority }),
  'wrong-issuer': () => ({ issuer: 'urn:be:fgov:ehealth:sts:other' }),
  expired: ({ notBefore }) => ({
    notBefore: new Date(notBefore.getTime() - 2 * DAY_MS),
    notOnOrAfter: new Date(notBefore.getTime() - DAY_MS),
  }),
  'not-yet-valid': ({ notBefore }) => ({ notBefore: new Date(notBefore.getTime() + DAY_MS / 24) }),
  'too-long': ({ notOnOrAfter }) => ({ notOnOrAfter: new Date(notOnOrAfter.getTime() + DAY_MS) }),
  'wrong-holder': (_, { pki }) => ({ holder: pki.senders.certificate }),
  'second-holder': (_, { pki }) => ({ secondHolder: pki.senders.certificate }),
  bearer: () => ({ method: 'urn:oasis:names:tc:SAML:1.0:cm:bearer' }),
  'wrong-subject': () => ({ subjectDn: 'CN="SSIN=85061199814", O=Federal Government, C=BE' }),
  'wrong-audience': () => ({ audience: 'urn:topaz:test:others' }),
  'wrong-identity': ({ attributes }) => ({
    attributes: attributes.map((each) =>
      each.namespace === IDENTIFICATION ? { ...each, values: ['85061199814'] } : each,
    ),
  }),
  'not-certified': ({ attributes }) => ({
    attributes: attributes.flatMap((each) =>
      each.namespace !== CERTIFIED
        ? [each]
        : each.name.endsWith(':boolean')
          ? [{ ...each, values: ['false'] }]
          : [],
    ),
  }),
};

const EXPIRING = /^expiring:([1-9]\d{0,4})$/;

/** The values of an assertion as the fault wants them. */
export function changeValues(
  played: string | undefined,
  values: AssertionValues,
  sandbox: Sandbox,
): AssertionValues {
  const seconds = EXPIRING.exec(played ?? '')?.[1];
  if (seconds !== undefined) {
    const end = sandbox.now().getTime() + Number(seconds) * 1000;
    return { ...values, notOnOrAfter: new Date(end) };
  }
  const change = CHANGES[played ?? ''];
  return change === undefined ? values : { ...values, ...change(values, sandbox) };
}

/** An answer's pieces for those who rearrange them. */
interface Pieces {
  /** The real one. */
  readonly assertion: string;
  /** Its signature. */
  readonly signature: string;
  /** A copy with another id and one attribute more, under the signature of the real one. */
  readonly forged: string;
}

/** What stands in the place of the assertion, and in a SOAP header before it. */
interface Arrangement {
  readonly inPlace: string;
  readonly header?: string;
}

const OTHER = 'urn:topaz:test:other';

/** Before the end of a copy, whatever its signature then covers. */
const within = (text: string, more: string): string =>
  text.replace('<ds:Signature', () => `${more}<ds:Signature`);

const ARRANGEMENTS: Readonly<Record<string, (pieces: Pieces) => Arrangement>> = {
  'no-assertion': () => ({ inPlace: '' }),
  'no-signature': ({ assertion, signature }) => ({ inPlace: assertion.replace(signature, '') }),
  'several-assertions': ({ assertion }) => ({
    inPlace: `${assertion}${assertion.replace(/AssertionID="_/, 'AssertionID="_2')}`,
  }),
  'late-timestamp': ({ assertion }) => ({
    inPlace: assertion,
    header: `<wsse:Security xmlns:wsse="${WSSE}"><wsu:Timestamp xmlns:wsu="${WSU}"><wsu:Created>2020-01-01T00:00:00Z</wsu:Created><wsu:Expires>2020-01-01T00:01:00Z</wsu:Expires></wsu:Timestamp></wsse:Security>`,
  }),
  // Signature wrapping: the real assertion is somewhere, and one that nobody signed where it is looked for.
  'wrapped:header': ({ assertion, forged }) => ({ inPlace: forged, header: assertion }),
  'wrapped:moved': ({ assertion }) => ({ inPlace: '', header: assertion }),
  'wrapped:advice': ({ assertion, forged }) => ({
    inPlace: within(forged, `<Advice>${assertion}</Advice>`),
  }),
  'wrapped:nested': ({ assertion, forged, signature }) => ({
    inPlace: forged.replace(signature, () => assertion),
  }),
  'wrapped:object': ({ assertion, forged }) => ({
    inPlace: forged.replace('</ds:Signature>', () => `<ds:Object>${assertion}</ds:Object></ds:Signature>`), // prettier-ignore
  }),
  'wrapped:extension': ({ assertion, forged }) => ({
    inPlace: `<x:Extension xmlns:x="${OTHER}">${assertion}</x:Extension>${forged}`,
  }),
  'wrapped:before': ({ assertion, forged }) => ({ inPlace: `${forged}${assertion}` }),
  'wrapped:after': ({ assertion, forged }) => ({ inPlace: `${assertion}${forged}` }),
  'wrapped:same-id': ({ assertion, forged }) => ({
    inPlace: forged.replace(idOf(forged), idOf(assertion)),
    header: assertion,
  }),
  'wrapped:copy-in-header': ({ assertion, forged }) => ({ inPlace: assertion, header: forged }),
  'wrapped:other-element': ({ assertion, forged }) => ({
    inPlace: forged,
    header: `<x:Other xmlns:x="${OTHER}" Id="${idOf(assertion)}">signed</x:Other>`,
  }),
  'wrapped:whole-document': ({ forged, assertion }) => ({
    inPlace: forged.replace(`URI="#${idOf(assertion)}"`, 'URI=""'),
  }),
  'wrapped:other-namespace': ({ assertion, forged }) => ({
    inPlace: `${forged}${assertion.replace(/xmlns="[^"]*"/, `xmlns="${OTHER}"`)}`,
  }),
  'wrapped:comment-in-name': ({ assertion }) => ({
    inPlace: assertion.replace(/(<NameIdentifier[^>]*>.)/g, '$1<!-- -->'),
  }),
  'wrapped:comment-in-value': ({ assertion }) => ({
    inPlace: assertion.replace(/(<AttributeValue>.)/, '$1<!-- -->'),
  }),
  'wrapped:instruction': ({ assertion }) => ({
    inPlace: assertion.replace(/(<AttributeValue>.)/, '$1<?x y?>'),
  }),
};

const ASSERTION = /<Assertion xmlns="urn:oasis:names:tc:SAML:1\.0:assertion"[\s\S]*<\/Assertion>/;

const idOf = (assertion: string): string => /AssertionID="([^"]*)"/.exec(assertion)?.[1] ?? '';

/** An answer as the fault wants it; one without assertion (a challenge, a refusal) stays as it is. */
export function rearrange(played: string | undefined, answer: string): string {
  const assertion = ASSERTION.exec(answer)?.[0];
  if (assertion === undefined || played === undefined) {
    return answer;
  }
  if (played === 'wrong-request') {
    return answer.replace(/ (InResponseTo|Context)="[^"]*"/, ' $1="request-0"');
  }
  const arrange = ARRANGEMENTS[played];
  if (arrange === undefined) {
    return answer;
  }
  const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(assertion)?.[0] ?? '';
  const forged = assertion
    .replace(/AssertionID="_/, 'AssertionID="_f')
    .replace(
      '</AttributeStatement>',
      `<Attribute AttributeName="${OTHER}" AttributeNamespace="${CERTIFIED}"><AttributeValue>true</AttributeValue></Attribute></AttributeStatement>`,
    );
  const { inPlace, header } = arrange({ assertion, signature, forged });
  const changed = answer.replace(assertion, () => inPlace);
  return header === undefined
    ? changed
    : changed.replace('<soap:Body>', () => `<soap:Header>${header}</soap:Header><soap:Body>`);
}

/** Kinds that every signed answer knows are not listed here. */
const COMMON = new Set(['bad-signature', 'expired', 'wrong-holder']);

/** Kinds of this service alone, as typed. */
export const STS_FAULT_KINDS: readonly string[] = [
  ...Object.keys(CHANGES).filter((kind) => !COMMON.has(kind)),
  'expiring:SECONDS',
  'wrong-request',
  ...Object.keys(ARRANGEMENTS),
];

/** Whether a kind is one of them. */
export const isStsFault = (kind: string): boolean =>
  EXPIRING.test(kind) || (kind !== 'expiring:SECONDS' && STS_FAULT_KINDS.includes(kind));
