/**
 * The mailboxes of MyCareNet: each business has its own queue, at its own address (mycarenet §3.2).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { checkPlace } from '../../profile/endpoint-rules.js';
import type { Profile } from '../../profile/profile.js';

export interface Domain {
  /** As commands and profiles call it. */
  readonly name: string;
  /** Of the schema; they share their namespace. */
  readonly version: 1 | 3;
  /** What `get` asks for; none = everything. */
  readonly messageNames: readonly string[];
  /** What may be posted, where it is known. */
  readonly postNames: readonly string[];
  readonly contentType: 'text/xml' | 'text/plain';
  readonly encoding: 'none' | 'deflate';
  /** Whether a post must carry a signature of its own (XAdES). */
  readonly signed: boolean;
  /** Whether a post goes to one mutuality, which must be named. */
  readonly addressed: boolean;
  /** Whether a post that may have arrived may be sent again: only what changes nothing. */
  readonly repeatable: boolean;
  /** How many messages are asked for at a time, to begin with. */
  readonly max: number;
  /** `undefined` where no source gives one. */
  readonly acc?: string;
  readonly prod?: string;
}

const mailbox = (name: string, version: 1 | 3, rest: Partial<Domain> = {}): Domain => ({
  name,
  version,
  messageNames: [],
  postNames: [],
  contentType: 'text/xml',
  encoding: 'none',
  signed: false,
  addressed: false,
  repeatable: false,
  max: 100,
  ...rest,
});

/** Every mailbox that is known by name. */
export const DOMAINS: readonly Domain[] = [
  mailbox('mda', 3, {
    messageNames: ['MDA'],
    postNames: ['MDA'],
    repeatable: true,
    acc: 'https://pilot.mycarenet.be:9443/mycarenet/bed/GenAsync/memberData',
    prod: 'https://prod.mycarenet.be:9443/mycarenet/bed/GenAsync/memberData',
  }),
  // Closures and extensions of a medical file arrive unasked, so everything is fetched.
  mailbox('dmg', 1, {
    postNames: ['GMD-CONSULT-HCP'],
    acc: 'https://pilot.mycarenet.be:9443/mycarenet-ws/async/generic/gmd',
    prod: 'https://prod.mycarenet.be:9443/nip/mycarenet-ws/async/generic/gmd',
  }),
  mailbox('invoicing', 1, {
    messageNames: ['HCPFAC', 'HCPAFD', 'HCPVWR'],
    postNames: ['HCPFAC'],
    contentType: 'text/plain',
    encoding: 'deflate',
    signed: true,
    addressed: true,
    max: 64,
    acc: 'https://pilot.mycarenet.be/mycarenet-ws/async/generic/hcpfac',
    prod: 'https://prod.mycarenet.be/mycarenet-ws/async/generic/hcpfac',
  }),
  mailbox('invoicing-mediprima', 1, {
    messageNames: ['ECM-HCPFAC', 'ECM-HCPAFD', 'ECM-HCPVWR'],
    postNames: ['ECM-HCPFAC'],
    contentType: 'text/plain',
    encoding: 'deflate',
    signed: true,
    addressed: true,
    max: 64,
    acc: 'https://pilot.mycarenet.be/mycarenet-ws/async/generic/hcpfac_12',
    prod: 'https://prod.mycarenet.be/mycarenet-ws/async/generic/hcpfac_12',
  }),
  mailbox('eagreement', 3, {
    acc: 'https://pilot.mycarenet.be:9443/mcn/bed/ehealth/GenAsync/eagreement',
    prod: 'https://prod.mycarenet.be:9443/mcn/bed/ehealth/GenAsync/eagreement',
  }),
  mailbox('admissions', 1, { messageNames: ['ADM'], postNames: ['ADM'], signed: true }),
];

/** A name is part of a key and of a path. */
const NAME = /^[a-z][a-z0-9-]{0,40}$/;

/**
 * The mailbox of a name. One that is not in the table needs an address in the profile; it is asked by the newer
 * schema and for everything.
 *
 * @throws TopazError `E_USAGE`.
 */
export function findDomain(name: string, { endpoints }: Pick<Profile, 'endpoints'>): Domain {
  const known = DOMAINS.find((domain) => domain.name === name);
  if (known !== undefined) {
    return known;
  }
  if (NAME.test(name) && endpoints.genasync?.[name] !== undefined) {
    return mailbox(name, 3);
  }
  throw new TopazError('E_USAGE', `${NAME.test(name) ? name : 'this'} is not a mailbox of MyCareNet`, {
    hint: `--domain takes one of: ${DOMAINS.map((domain) => domain.name).join(', ')}`,
  }); // prettier-ignore
}

/** Mailboxes that have an address in this profile: what is synchronised when none is named. */
export const reachableDomains = (profile: Profile): readonly Domain[] => {
  const named = Object.keys(profile.endpoints.genasync ?? {});
  const all = [
    ...DOMAINS,
    ...named
      .filter((name) => NAME.test(name) && !DOMAINS.some((domain) => domain.name === name))
      .map((name) => mailbox(name, 3)),
  ];
  return all.filter((domain) => addressOf(profile, domain) !== undefined);
};

function addressOf(
  { environment, endpoints }: Profile,
  { name, acc, prod }: Domain,
): string | undefined {
  return (
    endpoints.genasync?.[name] ??
    (environment === 'acc' ? acc : environment === 'prod' ? prod : undefined)
  );
}

/**
 * The address of a mailbox: the profile's own, else the built-in one.
 *
 * @throws TopazError `E_ENDPOINT_UNKNOWN` that names the key; `E_ENVIRONMENT_MISMATCH`, `E_PROFILE_INVALID`.
 */
export function domainEndpoint(profile: Profile, domain: Domain): string {
  const key = `endpoints.genasync.${domain.name}`;
  const url = addressOf(profile, domain);
  if (url === undefined) {
    throw new TopazError(
      'E_ENDPOINT_UNKNOWN',
      `the address of the mailbox ${domain.name} in the environment ${profile.environment} is not known`,
      {
        facts: [`profile "${profile.name}"`],
        hint:
          profile.environment === 'sandbox'
            ? `topaz sandbox start, or: topaz profile set ${key} URL`
            : `topaz profile set ${key} URL`,
        details: { key },
      },
    );
  }
  checkPlace(url, key, profile.environment);
  return url;
}
