/**
 * Opens a session at the STS (sts-session §2, §4): what is claimed and asked for is the same in both
 * protocols, SAML 1.1 and WS-Trust 1.3, and so are the rules for the assertion that comes back.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Identifier } from '../ids/identifier.js';
import { nihii8 } from '../ids/nihii.js';
import type { Signer } from '../keys/keys.js';
import type { Environment } from '../profile/environment.js';
import { NS_CERTIFIED } from '../saml/names.js';
import type { AttributeQuery, Designator } from '../saml/request.js';
import type { VerifiedAssertion } from '../saml/verified-assertion.js';
import type { Call } from '../soap/call.js';
import type { Certificate } from '../x509/certificate.js';
import { fingerprint } from '../x509/certificate.js';
import { readHolder } from '../x509/holder.js';
import { issueBySaml } from './issue-saml.js';
import { issueByWsTrust, renewByWsTrust } from './issue-wstrust.js';
import { QUALITIES, SERVICE_NAME } from './qualities.js';
import type { QualityAttributes } from './qualities.js';
import type { Session } from './session.js';

export type StsProtocol = 'saml' | 'wstrust';

export interface OpenSessionRequest {
  readonly protocol: StsProtocol;
  readonly via: Session['via'];
  /** Signs the message: the eID's Authentication key, or the eHealth key. */
  readonly authentication: Signer;
  /** The eHealth key: it will sign every later call. */
  readonly holderOfKey: Signer;
  readonly quality: string;
  /** Of a mandate holder: the service that the mandate is for. */
  readonly serviceName?: string | undefined;
  /** More designators of the certified namespace, from the profile. */
  readonly designators?: readonly string[] | undefined;
  /** Asked life; the STS may shorten it. @default 1440 */
  readonly minutes?: number | undefined;
  /** SHA-1 is an escape for the SAML 1.1 STS alone. @default 'sha256' */
  readonly signatureDigest?: 'sha1' | 'sha256' | undefined;
  readonly environment: Environment;
  /** Pinned certificates of the STS. */
  readonly trusted: readonly Certificate[];
  /**
   * A session that is open still, of the same holder, key and quality: it is renewed where protocol and STS
   * allow it, else a new one is asked for: also where `minutes` says how long it is to live, which a renewal
   * cannot. Never with a card, whose second signature would need a PIN again.
   */
  readonly renew?: Session | undefined;
}

export interface OpenSessionContext {
  readonly call: Call;
  /** Of the STS that speaks this protocol: neither understands the other's messages. */
  readonly url: string;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly signal?: AbortSignal | undefined;
}

const DAY_MINUTES = 24 * 60;

/**
 * Opens a session, or renews one.
 *
 * @throws TopazError `E_USAGE` (a quality that is unknown, or not one of this certificate),
 *   `E_INPUT_REQUIRED` (a mandate without service), `E_STS_REFUSED`, `E_CLOCK_SKEW`, and what
 *   `verifyAssertion`, the keys and the call throw.
 */
export async function openSession(
  request: OpenSessionRequest,
  context: OpenSessionContext,
): Promise<Session> {
  const { holderOfKey, quality } = request;
  const now = context.now();
  const { kind, identifier } = holderFor(holderOfKey.certificate, quality);
  const query = queryFor(request, kind, identifier, now, context.newId);
  const { xml, assertionId, notOnOrAfter, attributes } = await issue(query, request, context);
  return {
    via: request.via,
    holder: { ...holderShown(kind, identifier, attributes), quality },
    environment: request.environment,
    openedAt: now,
    notOnOrAfter,
    assertionId,
    assertion: xml,
    holderOfKey: fingerprint(holderOfKey.certificate),
    attributes,
  };
}

async function issue(
  query: AttributeQuery,
  request: OpenSessionRequest,
  context: OpenSessionContext,
): Promise<VerifiedAssertion> {
  if (request.protocol === 'saml') {
    return issueBySaml(query, request, context);
  }
  const old = renewable(request, context.now());
  if (old !== undefined) {
    try {
      // A renewal asks for no period: the STS chooses.
      const longest = new Date(query.now.getTime() + DAY_MINUTES * 60_000);
      const limit = { ...query, notOnOrAfter: longest };
      return await renewByWsTrust(limit, old.assertion, request, context);
    } catch (error) {
      // The STS need not renew; it may still give a new one. What is hostile or broken is not asked again.
      if (!(error instanceof TopazError) || error.code !== 'E_STS_REFUSED') {
        throw error;
      }
    }
  }
  return issueByWsTrust(query, request, context);
}

/** One key signs both messages, and it is the one that the old assertion is bound to. */
function renewable(
  { renew, authentication, holderOfKey, quality, minutes = DAY_MINUTES }: OpenSessionRequest,
  now: Date,
): Session | undefined {
  const key = fingerprint(holderOfKey.certificate);
  return renew?.via === 'keystore' &&
    minutes >= DAY_MINUTES &&
    renew.notOnOrAfter > now &&
    renew.holder.quality === quality &&
    renew.holderOfKey === key &&
    fingerprint(authentication.certificate) === key
    ? renew
    : undefined;
}

function holderFor(
  certificate: Certificate,
  quality: string,
): { readonly kind: QualityAttributes; readonly identifier: Identifier } {
  const kind = Object.hasOwn(QUALITIES, quality) ? QUALITIES[quality] : undefined;
  const identifier = readHolder(certificate.subject)?.identifier;
  if (kind === undefined || identifier === undefined) {
    throw new TopazError('E_USAGE', `${quality} is not a quality of a session`, {
      hint: `--as takes one of: ${Object.keys(QUALITIES).join(', ')}`,
    });
  }
  if (kind.holderType !== identifier.type) {
    throw new TopazError('E_USAGE', `this certificate cannot act as ${quality}`, {
      facts: [`it is one of type ${identifier.type}`],
      hint: 'choose another --as, or another keystore: topaz keystore list',
    });
  }
  return { kind, identifier };
}

function queryFor(
  request: OpenSessionRequest,
  kind: QualityAttributes,
  identifier: Identifier,
  now: Date,
  newId: () => string,
): AttributeQuery {
  const { authentication, holderOfKey, designators = [], minutes = DAY_MINUTES } = request;
  const service = serviceOf(request, kind);
  // Claims are about the holder of the certificate and about the user; the user of a card may be another person.
  const user = readHolder(authentication.certificate.subject)?.identifier;
  const value = kind.value === 'nihii' ? nihii8(identifier.id) : identifier.id;
  const valueOf = (name: string): string =>
    name === SERVICE_NAME
      ? service
      : name === 'urn:be:fgov:person:ssin' && user?.type === 'SSIN'
        ? user.id
        : value;
  const asked = new Date(now.getTime() + minutes * 60_000);
  const end = holderOfKey.certificate.notAfter;
  const known = new Set(kind.designators.map(({ name }) => name));
  const more = [...new Set(designators)].filter((name) => !known.has(name));
  const extra = more.map((name): Designator => ({ namespace: NS_CERTIFIED, name }));
  return {
    requestId: `request-${newId()}`,
    assertionId: `assertion-${newId()}`,
    authentication: authentication.certificate,
    holderOfKey: holderOfKey.certificate,
    now,
    // The key must be valid as long as the session.
    notOnOrAfter: asked < end ? asked : end,
    attributes: kind.attributes.map((each) => ({ ...each, values: [valueOf(each.name)] })),
    designators: [...kind.designators, ...extra],
    insistOn: designators,
  };
}

/** @throws TopazError `E_INPUT_REQUIRED`. */
function serviceOf(
  { quality, serviceName = '' }: OpenSessionRequest,
  { attributes }: QualityAttributes,
): string {
  if (serviceName === '' && attributes.some(({ name }) => name === SERVICE_NAME)) {
    throw new TopazError('E_INPUT_REQUIRED', `which service is the ${quality} for?`, {
      hint: '--service-name NAME, as the mandate has it',
    });
  }
  return serviceName;
}

/** A provider is known by the number that eHealth certified, where there is one. */
function holderShown(
  { value }: QualityAttributes,
  identifier: Identifier,
  attributes: Session['attributes'],
): { readonly type: string; readonly id: string } {
  const certified = attributes.find(
    ({ namespace, name, values }) =>
      namespace === NS_CERTIFIED && name.endsWith(':nihii11') && /^\d{11}$/.test(values[0] ?? ''),
  )?.values[0];
  return value === 'ssin' && certified !== undefined
    ? { type: 'NIHII11', id: certified }
    : { type: identifier.type, id: identifier.id };
}
