/**
 * Asks MemberData about one patient after the other, in the name of the profile's care provider and with the open
 * session.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { SoapFaultError, TopazError } from '../../errors.js';
import { expired } from '../../mycarenet/batch/run-batch.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import type { Profile } from '../../profile/profile.js';
import { withCaller } from './caller.js';
import type { Outcome } from './insurability-document.js';
import type { CallerFlags } from './sealing.js';

/**
 * Whether the next question would fare no better: refused at the door, or nobody there. One that was merely late or
 * cut off may be alone; two in a row are not.
 */
const isHopeless = (error: TopazError, before: TopazError | undefined): boolean =>
  (error instanceof SoapFaultError && /^SOA-0[12]/.test(error.faultCode)) ||
  ['E_NETWORK_REFUSED', 'E_NETWORK_DNS', 'E_NETWORK_TLS'].includes(error.code) ||
  (isNetwork(error) && before !== undefined && isNetwork(before));

const isNetwork = ({ code }: TopazError): boolean => code.startsWith('E_NETWORK');

/**
 * Asks all of them. A failure is that patient's own; one that would meet the next question too ends the asking, and
 * stands for the rest.
 *
 * @throws TopazError as {@link withCaller}; `E_INTERRUPTED`.
 */
export async function askAll(
  run: Run,
  profile: Profile,
  queries: readonly MemberDataQuery[],
  flags: CallerFlags,
): Promise<readonly Outcome[]> {
  const { service = 'mda' } = flags;
  return withCaller(run, profile, flags, async ({ consult, until }) => {
    const outcomes: Outcome[] = [];
    let stopped: TopazError | undefined;
    for (const query of queries) {
      const { patient } = query;
      const error = stopped ?? expired(until, run.now());
      if (error !== undefined) {
        stopped = error;
        outcomes.push({ patient, error });
        continue;
      }
      try {
        const title = run.t('mycarenet.step', { n: outcomes.length + 1, count: queries.length });
        const { reply, reference } = await run.step(title, () => consult(query));
        outcomes.push({ patient, answered: { service, query, reference, reply } });
      } catch (failure) {
        if (!(failure instanceof TopazError) || failure.code === 'E_INTERRUPTED') {
          throw failure;
        }
        stopped = isHopeless(failure, outcomes.at(-1)?.error) ? failure : undefined;
        outcomes.push({ patient, error: failure });
      }
    }
    return outcomes;
  });
}
