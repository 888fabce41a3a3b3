/**
 * Asks MemberData about one patient after the other, in the name of the profile's care provider and with the open
 * session.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import type { Run } from '../../cli/run.js';
import { SoapFaultError, TopazError } from '../../errors.js';
import { formatNihii, hasValidNihiiCheck } from '../../ids/nihii.js';
import { findCareProvider } from '../../mycarenet/care-provider.js';
import { isTestFor } from '../../mycarenet/common-input.js';
import { consultPatiently } from '../../mycarenet/memberdata/client.js';
import type { MemberDataCaller } from '../../mycarenet/memberdata/client.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { MemberDataRefusal } from '../../mycarenet/memberdata/refusal.js';
import { createReferences } from '../../mycarenet/reference.js';
import { endpoint } from '../../profile/endpoints.js';
import type { Profile } from '../../profile/profile.js';
import { trustRoots } from '../../profile/trust.js';
import type { Certificate } from '../../x509/certificate.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { liveSession } from '../session/live-session.js';
import type { Outcome } from './insurability-document.js';
import { faultMeaning, moment } from './insurability-text.js';
import { openLicense, packageName } from './license.js';

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
 * @throws TopazError `E_PROFILE_INVALID`, `E_ENDPOINT_UNKNOWN`, `E_ENVIRONMENT_MISMATCH`, `E_SESSION_NONE` and whatever
 *   opens keystore and session; `E_INTERRUPTED`.
 */
export async function askAll(
  run: Run,
  profile: Profile,
  queries: readonly MemberDataQuery[],
  flags: KeystoreFlags,
): Promise<readonly Outcome[]> {
  const url = endpoint(profile, 'memberdata');
  const isTest = isTestFor(profile.environment, url);
  const { session, security } = await liveSession(run, flags);
  const careProvider = findCareProvider(profile.mycarenet, session);
  // Other rules may exist for some numbers: the service decides.
  if (!hasValidNihiiCheck(careProvider.nihii)) {
    run.warn(run.t('mycarenet.nihii-check', { number: formatNihii(careProvider.nihii) }));
  }
  const license = await openLicense(run, profile);
  run.done(run.t('mycarenet.session', { moment: moment(run, session.notOnOrAfter) }));
  try {
    const caller: MemberDataCaller = {
      origin: { packageName: packageName(profile), license, careProvider },
      isTest,
      security,
      roots: await knownRoots(profile),
    };
    const call = await run.call();
    const newReference = createReferences(run.now, run.ctx.newId);
    const outcomes: Outcome[] = [];
    let stopped: TopazError | undefined;
    for (const query of queries) {
      const { patient } = query;
      const error = stopped ?? expired(session.notOnOrAfter, run.now());
      if (error !== undefined) {
        stopped = error;
        outcomes.push({ patient, error });
        continue;
      }
      try {
        const title = run.t('mycarenet.step', { n: outcomes.length + 1, count: queries.length });
        const { reply, reference } = await run.step(title, () =>
          consultPatiently(call, url, caller, query, {
            now: run.now,
            newId: run.ctx.newId,
            newReference,
            signal: run.ctx.signal,
            sleep: (ms) => sleep(ms, undefined, { signal: run.ctx.signal }),
          }),
        );
        outcomes.push({ patient, answered: { query, reference, reply } });
      } catch (failure) {
        if (!(failure instanceof TopazError) || failure.code === 'E_INTERRUPTED') {
          throw failure;
        }
        const explained = explain(run, failure);
        stopped = isHopeless(failure, outcomes.at(-1)?.error) ? explained : undefined;
        outcomes.push({ patient, error: explained });
      }
    }
    return outcomes;
  } finally {
    license.password.fill(0);
  }
}

/** Signers are looked up where the profile says whom to trust; without that, their signatures are only told. */
const knownRoots = (profile: Profile): Promise<readonly Certificate[]> =>
  profile.trust.ehealthRoots === undefined
    ? Promise.resolve([])
    : trustRoots(profile, 'ehealthRoots');

/** A batch may outlive its session. */
const expired = (notOnOrAfter: Date, now: Date): TopazError | undefined =>
  now < notOnOrAfter
    ? undefined
    : new TopazError('E_SESSION_EXPIRED', 'the session has ended', { hint: 'topaz session open' });

/** The meaning of the code in the language of the user, before the service's own words. */
const explain = (run: Run, error: TopazError): TopazError =>
  error instanceof MemberDataRefusal && error.refusal.detailCode !== undefined
    ? new MemberDataRefusal(error.refusal, faultMeaning(run, error.refusal.detailCode))
    : error;
