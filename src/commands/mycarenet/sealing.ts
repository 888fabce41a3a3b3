/**
 * Whether questions to MemberData are sealed for the broker (mycarenet §1.6): as the line says, else the profile;
 * where neither does, they are when that can be. What goes in clear then is told.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Opening, Sealing } from '../../mycarenet/memberdata/sealed.js';
import type { Profile } from '../../profile/profile.js';
import { trustRoots } from '../../profile/trust.js';
import { sealRevocation } from '../cert/open-revocation.js';
import type { KeystoreFlags, OpenedKeystore } from '../keystore/open-keystore.js';

export interface CallerFlags extends KeystoreFlags {
  /** `--encrypt`, `--no-encrypt`; `undefined` = as the profile says. */
  readonly encrypt?: boolean;
  /** @default 'mda' */
  readonly service?: InsurabilityService;
}

/** MemberData, or GenericInsurability where it is asked for. */
export type InsurabilityService = 'mda' | 'genins';

/** What is asked for: `undefined` = sealed where both have an ETK. */
export const sealingWanted = (
  { mycarenet }: Pick<Profile, 'mycarenet'>,
  { encrypt }: Pick<CallerFlags, 'encrypt'>,
): boolean | undefined => encrypt ?? mycarenet.encrypt;

/**
 * The tokens to seal with; `undefined` = in clear.
 *
 * @throws TopazError where sealing is asked for and cannot be: as `obtainEtk`, `E_ETK_NOT_FOUND`,
 *   `E_KEYSTORE_INCOMPLETE`, `E_ENDPOINT_UNKNOWN`, `E_TRUST_MISSING`.
 */
export async function openSealing(
  run: Run,
  profile: Profile,
  flags: CallerFlags,
  { signer, decrypters, holder }: OpenedKeystore,
): Promise<Sealing | undefined> {
  const wanted = sealingWanted(profile, flags);
  if (wanted === false) {
    return undefined;
  }
  try {
    const [{ obtainBed }, { obtainOwn }, { etkSource }] = await Promise.all([
      import('../../mycarenet/memberdata/sealed.js'),
      import('../../kgss/parties.js'),
      import('../etk/etk-source.js'),
    ]);
    const source = await etkSource(run);
    const { signal } = run.ctx;
    const own = await obtainOwn(source, holder, decrypters, signal, 'MyCareNet seals its answer for it'); // prettier-ignore
    return { sender: signer, bed: await obtainBed(source, signal), replyTo: own.token };
  } catch (error) {
    if (wanted === true || !(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
      throw error;
    }
    run.warn(run.t('mycarenet.in-clear', { code: error.code }));
    return undefined;
  }
}

/** Keys for an answer that is sealed; without trusted roots none can be judged. */
export async function openOpening(
  run: Run,
  profile: Profile,
  { decrypters }: OpenedKeystore,
): Promise<Opening | undefined> {
  if (profile.trust.ehealthRoots === undefined) {
    return undefined;
  }
  return {
    decrypters,
    roots: await trustRoots(profile, 'ehealthRoots'),
    revocation: await sealRevocation(run),
  };
}
