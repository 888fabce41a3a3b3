/**
 * One warning per command and day when the certificate in use ends within 60 days (cli-ux §11). The state
 * folder remembers them; where it cannot be written, the warning comes each time.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import { day, formatDay } from '../../cli/text.js';
import { profileFolders } from '../../profile/paths.js';
import { serialDecimal } from '../../x509/certificate.js';
import type { Certificate } from '../../x509/certificate.js';

const DAY_MS = 86_400_000;
const WARNING_DAYS = 60;

/** Whole days until the end; negative afterwards. */
export const daysLeft = ({ notAfter }: Pick<Certificate, 'notAfter'>, now: Date): number =>
  Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);

/** Warns when the certificate ends soon and this command did not say so today. */
export async function warnBeforeEnd(run: Run, certificate: Certificate): Promise<void> {
  const now = run.now();
  const left = daysLeft(certificate, now);
  if (left > WARNING_DAYS || run.settings.quiet) {
    return;
  }
  const folder = profileFolders(run.paths, run.settings.profileName).state;
  const file = join(folder, 'expiry-warning');
  const today = day(now);
  const given = await warningsOf(file, today);
  const mark = `${today}\t${run.command}\t${serialDecimal(certificate)}`;
  if (given.includes(mark)) {
    return;
  }
  const date = formatDay(run, certificate.notAfter);
  run.warn(run.t('keystore.ending', { count: left, date }));
  const { makePrivateFolder, writeFileAtomic } = await import('../../disk/atomic.js');
  await makePrivateFolder(folder)
    .then(() => writeFileAtomic(file, `${[...given, mark].join('\n')}\n`))
    .catch(() => undefined);
}

/** Those of today: one line for each, day, command and serial number. */
async function warningsOf(file: string, today: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line.startsWith(`${today}\t`));
}
