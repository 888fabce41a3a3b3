/**
 * What the machine itself must have: a Node that is new enough, the native packages, room on the disk, and no
 * secret in plain sight.
 *
 * @module
 */

import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Context } from '../../cli/context.js';
import type { Run } from '../../cli/run.js';
import { isSecretVariable } from '../../cli/secrets.js';
import { formatSize } from '../../cli/text.js';
import { VERSION } from '../../cli/version.js';
import { checksOf } from './check.js';
import type { Check } from './check.js';
import { loadsPkcs11, loadsSqlite } from './native-modules.js';

const check = checksOf('machine');

/** `engines` of package.json. */
const LEAST_NODE = [20, 17] as const;
const FULL_BYTES = 100_000_000;
const LOW_BYTES = 1_000_000_000;

/** @param env With the secrets still in it: they are named, never shown. */
export async function examineMachine(run: Run, env: Context['env']): Promise<readonly Check[]> {
  return [
    nodeVersion(run, process.versions.node),
    nativeModule(run, 'pkcs11js', loadsPkcs11(), 'failed'),
    nativeModule(run, 'better-sqlite3', loadsSqlite(), 'warning'),
    secretVariables(run, env),
    await diskSpace(run),
  ];
}

/** @param version `20.20.2`. */
export function nodeVersion({ t, ctx }: Run, version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  const isNew = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  const facts = { node: version, topaz: VERSION, platform: `${ctx.platform} ${process.arch}` };
  return isNew
    ? check('node', 'ok', t('doctor.node.ok', facts))
    : check(
        'node',
        'failed',
        t('doctor.node.old', { node: version, least: LEAST_NODE.join('.') }),
        t('doctor.node.next'),
      );
}

function nativeModule(
  { t }: Run,
  name: string,
  loads: boolean,
  without: 'failed' | 'warning',
): Check {
  const id = `native.${name}`;
  return loads
    ? check(id, 'ok', t('doctor.native.ok', { name }))
    : check(id, without, t('doctor.native.missing', { name }), t(`doctor.native.next.${without}`));
}

function secretVariables({ t }: Run, env: Context['env']): Check {
  const names = Object.keys(env).filter((name) => isSecretVariable(name) && env[name] !== '');
  return names.length === 0
    ? check('secrets', 'ok', t('doctor.secrets.ok'))
    : check(
        'secrets',
        'warning',
        // A name may end in the alias of a keystore, and that in the number of a person.
        t('doctor.secrets.found', { names: [...new Set(names.map((name) => name.replace(/__.*$/, '')))].join(', ') }), // prettier-ignore
        t('doctor.secrets.next'),
      );
}

async function diskSpace(run: Run): Promise<Check> {
  const { t } = run;
  const free = await freeBytes(run.paths.data);
  if (free === undefined) {
    return check('disk', 'skipped', t('doctor.disk.unknown'));
  }
  const size = formatSize(run, free);
  return free >= LOW_BYTES
    ? check('disk', 'ok', t('doctor.disk.ok', { size }))
    : check(
        'disk',
        free < FULL_BYTES ? 'failed' : 'warning',
        t('doctor.disk.low', { size }),
        t('doctor.disk.next'),
      );
}

/** Of the disk on which a folder is, or will be. */
async function freeBytes(folder: string): Promise<number | undefined> {
  for (let place = folder; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch {
      if (dirname(place) === place) {
        return undefined;
      }
    }
  }
}
