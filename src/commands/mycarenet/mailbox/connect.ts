/**
 * In whose name the mailboxes are asked: the profile's care provider with the open session and the licence of the
 * software.
 *
 * @module
 */

import type { Run } from '../../../cli/run.js';
import { TopazError } from '../../../errors.js';
import { formatNihii, hasValidNihiiCheck } from '../../../ids/nihii.js';
import { isTestFor } from '../../../mycarenet/common-input.js';
import type { MailboxCaller } from '../../../mycarenet/genasync/client.js';
import { domainEndpoint } from '../../../mycarenet/genasync/domains.js';
import type { Domain } from '../../../mycarenet/genasync/domains.js';
import type { ContentKeys } from '../../../mycarenet/genasync/open-content.js';
import { findParties } from '../../../mycarenet/parties.js';
import type { Profile } from '../../../profile/profile.js';
import { trustRoots } from '../../../profile/trust.js';
import type { Call } from '../../../soap/call.js';
import { sealRevocation } from '../../cert/open-revocation.js';
import type { KeystoreFlags, OpenedKeystore } from '../../keystore/open-keystore.js';
import { liveSession } from '../../session/live-session.js';
import { openLicense, packageName } from '../license.js';

export interface Connected {
  readonly call: Call;
  readonly nihii: string;
  readonly keystore: OpenedKeystore;
  /** @throws TopazError `E_ENDPOINT_UNKNOWN`, `E_ENVIRONMENT_MISMATCH`. */
  readonly caller: (domain: Domain) => MailboxCaller;
}

/**
 * Opens session, keystore and licence; the licence's password is wiped afterwards.
 *
 * @throws TopazError `E_PROFILE_INVALID`, `E_SESSION_NONE` and whatever opens keystore and session.
 */
export async function withMailboxes<T>(
  run: Run,
  profile: Profile,
  flags: KeystoreFlags,
  work: (connected: Connected) => Promise<T>,
): Promise<T> {
  const { session, security, keystore } = await liveSession(run, flags);
  const parties = findParties(profile.mycarenet, session);
  const { careProvider } = parties;
  if (!hasValidNihiiCheck(careProvider.nihii)) {
    run.warn(run.t('mycarenet.nihii-check', { number: formatNihii(careProvider.nihii) }));
  }
  const license = await openLicense(run, profile);
  try {
    return await work({
      call: await run.call(),
      nihii: careProvider.nihii,
      keystore,
      caller: (domain) => {
        const url = domainEndpoint(profile, domain);
        return {
          url,
          isTest: isTestFor(profile.environment, url),
          origin: { packageName: packageName(profile), license, ...parties },
          security,
          signal: run.ctx.signal,
        };
      },
    });
  } finally {
    license.password.fill(0);
  }
}

/** Keys and trust for what is sealed for this care provider. */
export async function contentKeys(
  run: Run,
  profile: Profile,
  { decrypters }: Pick<OpenedKeystore, 'decrypters'>,
): Promise<ContentKeys> {
  const { heldAlternates } = await import('../../session/held-keys.js');
  const [roots, revocation, older] = await Promise.all([
    trustRoots(profile, 'ehealthRoots'),
    sealRevocation(run),
    // Keystores of before, where the agent holds them: nobody is asked for a password.
    heldAlternates(run),
  ]);
  return { decrypters: [...decrypters, ...older.decrypters], roots, revocation };
}

/** Own ETK, so that answers can be sealed for us; `undefined`, and a word about it, where there is none. */
export async function ownEtk(
  run: Run,
  { holder }: OpenedKeystore,
): Promise<Uint8Array | undefined> {
  try {
    const [{ etkSource }, { lookUpEtk }] = await Promise.all([
      import('../../etk/etk-source.js'),
      import('../../../etk/obtain.js'),
    ]);
    const { etk } = await lookUpEtk(await etkSource(run), holder.identifier, {
      applicationId: holder.applicationId ?? '',
      signal: run.ctx.signal,
    });
    return etk.token;
  } catch (error) {
    if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
      throw error;
    }
    run.warn(run.t('mailbox.no-etk', { code: error.code }));
    return undefined;
  }
}
