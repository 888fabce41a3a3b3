/**
 * Opening of sealed fields for a mailbox: the keys at hand, the verdict of ETEE in the words of the mirror,
 * and the signing time held against the day of publication, since a message is always older than the five
 * minutes that the official rule allows (etee §5.3).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { unseal } from '../etee/unseal.js';
import type { Unsealed, UnsealOptions } from '../etee/unseal.js';
import type { SealRevocation } from '../etee/revocation.js';
import type { Decrypter } from '../keys/keys.js';
import { fingerprint } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { maybe } from './fields.js';
import type { LocalDate } from './fields.js';
import type { PartStatus } from './seal-status.js';

/** Identity in the certificate that sealed. */
export interface Signer {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
}

export interface Opened {
  readonly state: 'opened';
  readonly status: Extract<PartStatus, 'ok' | 'ok-with-warnings' | 'bad-signature'>;
  readonly content: Uint8Array;
  /** Absent when the seal does not carry the certificate of its signer. */
  readonly signer?: Signer | undefined;
  readonly signingTime?: string | undefined;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

export type Outcome = Opened | { readonly state: 'no-key' | 'corrupt' };

export interface Opener {
  /** Fingerprints of the certificates whose keys are tried, sorted. */
  readonly keys: readonly string[];
  open(sealed: Uint8Array, publicationDate: LocalDate | undefined): Promise<Outcome>;
}

const DAY_MS = 86_400_000;
const SIGNING_TIME_EXPIRED = 'SIGNING_TIME_EXPIRED';

/** An opener with these keys and these roots of trust. */
export function createOpener(options: {
  readonly decrypters: readonly Decrypter[];
  readonly roots: readonly Certificate[];
  readonly now: Date;
  /** Without it, nobody is asked whether a sender was revoked. */
  readonly revocation?: SealRevocation | undefined;
}): Opener {
  return {
    keys: options.decrypters.map(({ certificate }) => fingerprint(certificate)).sort(),
    open: (sealed, publicationDate) => open(sealed, publicationDate, options),
  };
}

async function open(
  sealed: Uint8Array,
  publicationDate: LocalDate | undefined,
  options: UnsealOptions,
): Promise<Outcome> {
  try {
    return judge(await unseal(sealed, options), publicationDate);
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    return { state: error.code === 'E_SEAL_NOT_FOR_US' ? 'no-key' : 'corrupt' };
  }
}

function judge(unsealed: Unsealed, publicationDate: LocalDate | undefined): Opened {
  const { sender, signingTime, errors } = unsealed;
  const warnings = unsealed.warnings.filter(
    (name) => name !== SIGNING_TIME_EXPIRED || !fitsDay(signingTime, publicationDate),
  );
  return {
    state: 'opened',
    ...(unsealed.verdict === 'refused'
      ? { status: 'bad-signature', content: unsealed.quarantined }
      : { status: warnings.length > 0 ? 'ok-with-warnings' : 'ok', content: unsealed.content }),
    ...maybe(
      'signer',
      sender && { type: sender.type, id: sender.id, ...maybe('name', sender.name) },
    ),
    ...maybe('signingTime', signingTime?.toISOString().replace(/\.\d{3}Z$/, 'Z')),
    errors,
    warnings,
  };
}

/** Whether a message was sealed about when it was published: the mailbox knows the day only. */
function fitsDay(signingTime: Date | undefined, publicationDate: LocalDate | undefined): boolean {
  if (signingTime === undefined || publicationDate === undefined) {
    return false;
  }
  const distance = signingTime.getTime() - Date.parse(`${publicationDate}T00:00:00Z`);
  return distance >= -DAY_MS && distance < 2 * DAY_MS;
}
