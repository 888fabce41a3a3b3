/**
 * In whose name MyCareNet is asked: the profile's care provider with the open session and the licence of the
 * software. What every command that asks MemberData needs.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import type { Run } from '../../cli/run.js';
import { formatNihii, hasValidNihiiCheck } from '../../ids/nihii.js';
import { isTestFor } from '../../mycarenet/common-input.js';
import { consultGenIns } from '../../mycarenet/genins/client.js';
import { GenInsRefusal } from '../../mycarenet/genins/refusal.js';
import { createRecordReferences } from '../../mycarenet/genins/request.js';
import { askPatiently, consultPatiently } from '../../mycarenet/memberdata/client.js';
import type { MemberDataCaller } from '../../mycarenet/memberdata/client.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { MemberDataRefusal } from '../../mycarenet/memberdata/refusal.js';
import type { MemberDataReply } from '../../mycarenet/memberdata/reply.js';
import { findParties } from '../../mycarenet/parties.js';
import { createReferences } from '../../mycarenet/reference.js';
import { endpoint } from '../../profile/endpoints.js';
import type { Profile } from '../../profile/profile.js';
import { trustRoots } from '../../profile/trust.js';
import type { Call } from '../../soap/call.js';
import type { Certificate } from '../../x509/certificate.js';
import { liveSession } from '../session/live-session.js';
import { faultMeaning, genInsMeaning, moment } from './insurability-text.js';
import { openLicense, packageName } from './license.js';
import { openOpening, openSealing } from './sealing.js';
import type { CallerFlags } from './sealing.js';

export interface ConsultHooks {
  /** Told each reference before it leaves. */
  readonly sent?: (reference: string) => void;
  /** Passed before each try. */
  readonly pace?: () => Promise<void>;
}

export interface OpenCaller {
  /** NIHII of the care provider. */
  readonly nihii: string;
  /** End of the session. */
  readonly until: Date;
  /** Asks one question, again where that may help. Refusals carry their meaning in the language of the user. */
  readonly consult: (
    query: MemberDataQuery,
    hooks?: ConsultHooks,
  ) => Promise<{ readonly reply: MemberDataReply; readonly reference: string }>;
}

/**
 * Opens session, keystore and licence for some questions; the licence's password is wiped afterwards.
 *
 * @param options.batch Whether many questions follow.
 * @throws TopazError `E_PROFILE_INVALID`, `E_ENDPOINT_UNKNOWN`, `E_ENVIRONMENT_MISMATCH`, `E_SESSION_NONE`, as
 *   {@link openSealing}, and whatever opens keystore and session.
 */
export async function withCaller<T>(
  run: Run,
  profile: Profile,
  flags: CallerFlags,
  work: (caller: OpenCaller) => Promise<T>,
  { batch = false }: { readonly batch?: boolean } = {},
): Promise<T> {
  const { service = 'mda' } = flags;
  const url = endpoint(profile, service === 'mda' ? 'memberdata' : 'genins');
  const isTest = isTestFor(profile.environment, url);
  const { session, security, keystore } = await liveSession(run, flags);
  const parties = findParties(profile.mycarenet, session);
  const { careProvider } = parties;
  // Other rules may exist for some numbers: the service decides.
  if (!hasValidNihiiCheck(careProvider.nihii)) {
    run.warn(run.t('mycarenet.nihii-check', { number: formatNihii(careProvider.nihii) }));
  }
  const license = await openLicense(run, profile);
  run.done(run.t('mycarenet.session', { moment: moment(run, session.notOnOrAfter) }));
  try {
    const [sealing, opening] =
      service === 'mda'
        ? await Promise.all([
            openSealing(run, profile, flags, keystore),
            openOpening(run, profile, keystore),
          ])
        : [];
    const caller: MemberDataCaller = {
      origin: { packageName: packageName(profile), license, ...parties },
      isTest,
      security,
      roots: await knownRoots(profile),
      sealing,
      opening,
    };
    const call = await run.call({ batch });
    const newReference = createReferences(run.now, run.ctx.newId);
    const newRecordReference = createRecordReferences(run.now, run.ctx.newId);
    return await work({
      nihii: careProvider.nihii,
      until: session.notOnOrAfter,
      consult: async (query, { sent, pace } = {}) => {
        const paced: Call = async (request, options) => {
          await pace?.();
          return call(request, options);
        };
        try {
          const options = {
            now: run.now,
            newId: run.ctx.newId,
            newReference: () => {
              const reference = newReference();
              sent?.(reference);
              return reference;
            },
            signal: run.ctx.signal,
            sleep: (ms: number) => sleep(ms, undefined, { signal: run.ctx.signal }),
          };
          return service === 'mda'
            ? await consultPatiently(paced, url, caller, query, options)
            : await askPatiently(
                () => consultGenIns(paced, url, caller, query, { ...options, newRecordReference }),
                options,
              );
        } catch (error) {
          throw explain(run, error);
        }
      },
    });
  } finally {
    license.password.fill(0);
  }
}

/** Signers are looked up where the profile says whom to trust; without that, their signatures are only told. */
export const knownRoots = (profile: Profile): Promise<readonly Certificate[]> =>
  profile.trust.ehealthRoots === undefined
    ? Promise.resolve([])
    : trustRoots(profile, 'ehealthRoots');

/** The meaning of the code in the language of the user, before the service's own words. */
function explain(run: Run, error: unknown): unknown {
  if (error instanceof MemberDataRefusal && error.refusal.detailCode !== undefined) {
    return new MemberDataRefusal(error.refusal, faultMeaning(run, error.refusal.detailCode));
  }
  if (error instanceof GenInsRefusal && error.refusal.detailCode !== undefined) {
    return new GenInsRefusal(error.refusal, genInsMeaning(run, error.refusal.detailCode));
  }
  return error;
}
