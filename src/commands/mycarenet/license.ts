/**
 * The licence of the software for MyCareNet: given by the National Intermutualist College to the software house,
 * one per environment (mycarenet §4.1). The sandbox asks for one and takes any.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { License } from '../../mycarenet/origin.js';
import type { Profile } from '../../profile/profile.js';

const DEFAULT_PACKAGE = 'topaz';
const SANDBOX = 'topaz-sandbox';

/** The name under which the software is registered with the licence. */
export const packageName = ({ mycarenet }: Profile): string =>
  mycarenet.package.name ?? DEFAULT_PACKAGE;

/** The licence's user name; it is no secret. */
export const licenseUsername = ({ mycarenet, environment }: Profile): string | undefined =>
  mycarenet.license.username ?? (environment === 'sandbox' ? SANDBOX : undefined);

/**
 * The licence of the profile. Whoever asks wipes the password.
 *
 * @throws TopazError `E_PROFILE_INVALID` that names the key to set; as `run.secret` for its file.
 */
export async function openLicense(run: Run, profile: Profile): Promise<License> {
  const username = licenseUsername(profile);
  if (username === undefined) {
    throw missing('mycarenet.license.username', 'NAME');
  }
  const { passwordFile } = profile.mycarenet.license;
  try {
    const { bytes } = await run.secret(
      'license',
      passwordFile === undefined ? {} : { passwordFile },
      '',
    );
    return { username, password: bytes };
  } catch (error) {
    if (!(error instanceof TopazError && error.code === 'E_INPUT_REQUIRED')) {
      throw error;
    }
    if (profile.environment === 'sandbox') {
      return { username, password: new TextEncoder().encode(SANDBOX) };
    }
    throw missing('mycarenet.license.passwordFile', 'FILE');
  }
}

const missing = (key: string, value: string): TopazError =>
  new TopazError('E_PROFILE_INVALID', 'the licence for MyCareNet is not set', {
    facts: ['it is the one of the software, given by the National Intermutualist College'],
    hint: `topaz profile set ${key} ${value}`,
    details: { key },
  });
