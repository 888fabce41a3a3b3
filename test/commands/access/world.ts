/** A home with a group's keystore, a responsible and a colleague with their cards, and a mirror. */

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { clearOpener } from '../../../src/ehbox/clear-opener.js';
import { MailboxMirror } from '../../../src/ehbox/mirror.js';
import { runSync } from '../../../src/ehbox/sync.js';
import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import type { Paths } from '../../../src/profile/paths.js';
import { createCard } from '../../../src/sandbox/cards.js';
import { fake, FakeBox } from '../../ehbox/fake-box.js';
import { FIXTURES, MADE_AT, pkiPath } from '../../etee/pki.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides } from '../../support/context.js';

export const JEAN = '79021599732';
export const MARIE = '85061199814';
const PIN = '1234';

export interface Outcome {
  readonly status: number;
  readonly document: Record<string, unknown> | undefined;
  readonly error: { code: string; facts?: string[]; details?: Record<string, unknown> } | undefined;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

export interface World {
  readonly dir: string;
  readonly paths: Paths;
  /** `--password-file FILE`. */
  readonly password: readonly string[];
  /** `--pin-file FILE`. */
  readonly pin: readonly string[];
  /** Runs with `--json`, unless it is for a person. */
  topaz(argv: readonly string[], overrides?: ContextOverrides & { readonly text?: boolean }): Promise<Outcome>; // prettier-ignore
  /** Whose card is in the reader; `none` = no card. */
  card(name: 'jean' | 'marie' | 'none'): void;
  profile(more: Readonly<Record<string, unknown>>): Promise<void>;
  /** A mirror with a message. */
  sync(): Promise<void>;
  remove(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const home = await temporaryHome();
  const paths = resolvePaths({ env: home.env, platform: 'linux', home: home.dir });
  const dir = join(home.dir, 'work');
  const keystores = join(paths.data, 'practice', 'keystores');
  await mkdir(dir);
  await mkdir(keystores, { recursive: true, mode: 0o700 });
  await mkdir(join(paths.config, 'profiles'), { recursive: true, mode: 0o700 });
  await copyFile(pkiPath('recipient.p12'), join(keystores, 'group.p12'));
  await copyFile(pkiPath('other.p12'), join(keystores, 'own.p12'));
  await copyFile(`${FIXTURES}/oracle/none.sealed`, join(dir, 'sealed'));
  const put = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, name), `${text}\n`, { mode: 0o600 });
    return join(dir, name);
  };
  for (const [name, ssin, who] of [['jean', JEAN, 'Jean Exemple'], ['marie', MARIE, 'Marie Voorbeeld']] as const) {
    await createCard({ dir: join(dir, name), dataFolder: join(home.dir, 'pki'), ssin, name: who, key: 'ec', pin: PIN, type: 'citizen', now: MADE_AT });
  } // prettier-ignore
  let module = `sandbox:${join(dir, 'jean')}`;
  const profile: World['profile'] = async (more) => {
    const whole = { schema: 'topaz.profile/1', environment: 'sandbox', keystore: 'group', ehbox: { quality: 'DOCTOR' }, trust: { ehealthRoots: pkiPath('root.pem'), eidRoots: join(dir, 'jean', 'root.crt') }, ...more }; // prettier-ignore
    await writeFile(join(paths.config, 'profiles', 'practice.json'), JSON.stringify(whole), { mode: 0o600 }); // prettier-ignore
  };
  await profile({});
  const folder = join(paths.data, 'practice', 'ehbox', 'sandbox', 'NIHII-19547181-DOCTOR');
  return {
    dir,
    paths,
    password: ['--password-file', await put('password', 'test')],
    pin: ['--pin-file', await put('pin', PIN)],
    topaz: async (argv, { text = false, env = {}, ...overrides } = {}) => {
      const ctx = testContext({ cwd: dir, home: home.dir, now: () => MADE_AT, newId: randomUUID, ...overrides, env: { ...home.env, TOPAZ_PROFILE: 'practice', TOPAZ_PKCS11_MODULE: module, NO_COLOR: '1', ...env } }); // prettier-ignore
      const status = await main([...argv, ...(text ? [] : ['--json'])], ctx);
      if (status === 1) throw new Error([...argv, ...ctx.stderr].join('\n'));
      const last = ctx.stderr.at(-1) ?? '';
      return {
        status,
        document: ctx.stdout[0]?.startsWith('{') === true ? (JSON.parse(ctx.stdout.join('')) as Record<string, unknown>) : undefined,
        error: last.startsWith('{') ? (JSON.parse(last) as { error: NonNullable<Outcome['error']> }).error : undefined,
        stdout: ctx.stdout,
        stderr: ctx.stderr,
      }; // prettier-ignore
    },
    card: (name) => {
      module = `sandbox:${join(dir, name)}`;
    },
    profile,
    sync: async () => {
      const box = new FakeBox();
      box.inbox = [fake(1), fake(2)];
      const mirror = new MailboxMirror(folder, { now: () => MADE_AT, newId: randomUUID });
      await mirror.create();
      const result = await runSync(mirror, { ...box.source, environment: 'sandbox', info: { box: { type: 'NIHII', id: '19547181', quality: 'DOCTOR' }, standBy: 0, usedBytes: 0, maxBytes: 1000 }, opener: clearOpener, annexes: true, now: () => MADE_AT, pause: () => Promise.resolve() }); // prettier-ignore
      if (result.stopped !== undefined) throw result.stopped;
    },
    remove: home.remove,
  };
}
