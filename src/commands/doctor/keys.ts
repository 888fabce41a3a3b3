/**
 * What the profile works with: keystores and their dates, the session and its agent, the mirrored mailboxes, the
 * copies of user keys. No password is needed.
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { shortDuration } from '../../cli/counter.js';
import type { Run } from '../../cli/run.js';
import { formatDay, formatMoment } from '../../cli/text.js';
import { renewableFrom } from '../../lifecycle/replacement.js';
import { profileFolders } from '../../profile/paths.js';
import type { Profile } from '../../profile/profile.js';
import { checksOf, examine } from './check.js';
import type { Check } from './check.js';

const check = checksOf('profile');
const DAY_MS = 86_400_000;

export async function examineKeys(run: Run, profile: Profile): Promise<readonly Check[]> {
  const { keystore, organisationKeystore } = profile;
  const named = [...new Set([keystore, organisationKeystore])].filter((entry) => entry !== undefined); // prettier-ignore
  const parts: readonly (readonly [string, () => Promise<readonly Check[]>])[] = [
    ...named.map(
      (alias) => [`keystore.${alias}`, () => keystoreDates(run, profile, alias)] as const,
    ),
    ['session', () => session(run, profile)],
    ['agent', () => agent(run)],
    ['mirror', () => mirror(run, profile)],
    ['userKeys', () => userKeys(run, profile)],
  ];
  const checks: Check[] = [];
  if (named.length === 0) {
    checks.push(
      check('keystore', 'warning', run.t('doctor.keystore.none'), run.t('doctor.keystore.next')),
    );
  }
  for (const [id, part] of parts) {
    checks.push(...(await examine(run, { id, group: 'profile' }, part)));
  }
  return checks;
}

async function keystoreDates(run: Run, profile: Profile, named: string): Promise<readonly Check[]> {
  const [{ aliasOf, findKeystore }, { knownCertificates }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../cert/status-source.js'),
  ]);
  const folder = profileFolders(run.paths, profile.name).keystores;
  const path = await findKeystore(folder, named, { cwd: run.ctx.cwd });
  const alias = aliasOf(path);
  const id = `keystore.${alias}`;
  const known = await knownCertificates(run, { profile, path, alias });
  const [first] = [...(known ?? [])].sort(
    (a, b) => a.certificate.notAfter.getTime() - b.certificate.notAfter.getTime(),
  );
  if (first === undefined) {
    return [check(id, 'ok', run.t('doctor.keystore.unknown', { alias }), 'topaz cert status')];
  }
  const { notAfter } = first.certificate;
  const now = run.now();
  if (first.record?.revocation !== undefined) {
    return [check(id, 'failed', run.t('doctor.keystore.revoked', { alias }), 'topaz cert request')];
  }
  if (notAfter <= now) {
    return [check(id, 'failed', run.t('doctor.keystore.expired', { alias, date: formatDay(run, notAfter) }), 'topaz cert request')]; // prettier-ignore
  }
  const summary = run.t('doctor.keystore.ok', {
    alias,
    count: Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS),
  });
  return [
    now >= renewableFrom(notAfter, first.record)
      ? check(id, 'warning', summary, 'topaz cert renew')
      : check(id, 'ok', summary),
  ];
}

async function session(run: Run, profile: Profile): Promise<readonly Check[]> {
  const { readSession } = await import('../../sts/session-store.js');
  const folder = profileFolders(run.paths, profile.name).state;
  const found = await readSession(folder, profile.environment);
  if (found === undefined) {
    return [check('session', 'warning', run.t('doctor.session.none'), 'topaz session open')];
  }
  const seconds = Math.round((found.notOnOrAfter.getTime() - run.now().getTime()) / 1000);
  const time = shortDuration(Math.abs(seconds));
  return [
    seconds > 0
      ? check('session', 'ok', run.t('doctor.session.ok', { quality: found.holder.quality, time }))
      : check('session', 'failed', run.t('doctor.session.expired', { time }), 'topaz session open'),
  ];
}

async function agent(run: Run): Promise<readonly Check[]> {
  const { agentState } = await import('../session/held-keys.js');
  const found = await agentState(run);
  switch (found.state) {
    case 'none':
      return [check('agent', 'skipped', run.t('doctor.agent.none'))];
    case 'locked':
      return [check('agent', 'warning', run.t('doctor.agent.locked'), 'topaz session open')];
    case 'unlocked':
      return [check('agent', 'ok', run.t('doctor.agent.ok', { time: formatMoment(run, found.status.locksAt) }))]; // prettier-ignore
  }
}

async function mirror(run: Run, profile: Profile): Promise<readonly Check[]> {
  const { listBoxes } = await import('../../ehbox/boxes.js');
  const boxes = await listBoxes(profileFolders(run.paths, profile.name).ehbox, profile.environment);
  if (boxes.length === 0) {
    return [check('mirror', 'skipped', run.t('doctor.mirror.none'))];
  }
  return Promise.all(
    boxes.map(async ({ folder, record: { box, lastSync } }) => {
      const names = await readdir(join(folder, 'messages', 'received')).catch(() => []);
      const facts = { box: `${box.type} ${box.quality}`, count: names.length };
      return lastSync === undefined
        ? check('mirror', 'warning', run.t('doctor.mirror.never', facts), 'topaz ehbox sync')
        : check('mirror', 'ok', run.t('doctor.mirror.ok', { ...facts, time: formatMoment(run, new Date(lastSync)) })); // prettier-ignore
    }),
  );
}

async function userKeys(run: Run, profile: Profile): Promise<readonly Check[]> {
  const { listCopies, listKeys } = await import('../../userkey/key-store.js');
  const folder = profileFolders(run.paths, profile.name).keys;
  const ids = await listKeys(folder);
  if (ids.length === 0) {
    return [check('userKeys', 'skipped', run.t('doctor.userKeys.none'))];
  }
  const copies = await Promise.all(ids.map((id) => listCopies(folder, id)));
  const bare = copies.filter((list) => list.length === 0).length;
  return [
    bare === 0
      ? check('userKeys', 'ok', run.t('doctor.userKeys.ok', { count: ids.length }))
      : check('userKeys', 'warning', run.t('doctor.userKeys.bare', { count: bare }), 'topaz key backup --out PLACE --out PLACE'), // prettier-ignore
  ];
}
