/**
 * A certificate as `topaz cert status` tells it: whose it is, its dates by the clock of its profile, its state.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { renewableFrom } from '../../lifecycle/replacement.js';
import type { Profile } from '../../profile/profile.js';
import type { Found } from './status-source.js';

const DAY_MS = 86_400_000;

type State = 'valid' | 'expiring' | 'expired' | 'revoked' | 'not-yet-valid';

export interface Described {
  readonly document: Readonly<Record<string, unknown>>;
  readonly profile: string;
  readonly keystore: string;
  readonly alias: string;
  readonly usage: Found['usage'];
  readonly subject: string;
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly renewableFrom: Date;
  readonly daysLeft: number;
  readonly msLeft: number;
  readonly state: State;
}

/** What is shown of a certificate. */
export async function describe(
  run: Run,
  { source, alias, usage, certificate, record }: Found,
): Promise<Described> {
  // prettier-ignore
  const [{ serialDecimal }, { readHolder }, { formatRfc2253 }] = await Promise.all([
    import('../../x509/certificate.js'),
    import('../../x509/holder.js'),
    import('../../x509/name.js'),
  ]);
  const { profile, alias: keystore } = source;
  const now = clockOf(run, profile);
  const { notBefore, notAfter, subject: name } = certificate;
  const from = renewableFrom(notAfter, record);
  const owner = readHolder(name);
  const { quality } = profile.holder;
  const msLeft = notAfter.getTime() - now.getTime();
  const facts = {
    alias,
    usage,
    subject: formatRfc2253(name),
    serial: serialDecimal(certificate),
    daysLeft: Math.floor(msLeft / DAY_MS),
    state: record?.revocation === undefined ? stateAt({ notBefore, msLeft, from }, now) : ('revoked' as const), // prettier-ignore
  };
  return {
    ...facts,
    profile: profile.name,
    keystore,
    notBefore,
    notAfter,
    renewableFrom: from,
    msLeft,
    document: {
      profile: profile.name,
      keystore,
      ...facts,
      ...(owner === undefined
        ? {}
        : {
            holder: {
              ...owner.identifier,
              ...(owner.name === undefined ? {} : { name: owner.name }),
              ...(owner.applicationId === undefined ? {} : { applicationId: owner.applicationId }),
              ...(owner.identifier.type === 'SSIN' && quality !== undefined ? { quality } : {}),
            },
          }),
      notBefore: seconds(notBefore),
      notAfter: seconds(notAfter),
      renewableFrom: seconds(from),
    },
  };
}

/** The clock of a profile: that of the sandbox is its own. */
const clockOf = ({ ctx }: Run, { environment, clock }: Profile): Date =>
  new Date(ctx.now().getTime() + (environment === 'sandbox' ? clock.offsetSeconds * 1000 : 0));

/** A certificate counts as ending from the first day on which it can be renewed. */
function stateAt(
  { notBefore, msLeft, from }: { notBefore: Date; msLeft: number; from: Date },
  now: Date,
): State {
  if (now < notBefore) {
    return 'not-yet-valid';
  }
  return msLeft < 0 ? 'expired' : now >= from ? 'expiring' : 'valid';
}
