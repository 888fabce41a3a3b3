/** `--remember` and `--forget`: passwords in the keyring of the system, a real one and one that is scripted. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { Keyring } from '../../../src/cli/keyring.js';
import { accountOf } from '../../../src/commands/keystore/remember.js';
import { TopazError } from '../../../src/errors.js';
import { keystoreFile, PASSWORD, run as runProgram } from '../../keystore/fixtures.js';
import { scriptedPrompter } from '../../support/context.js';
import { createHome } from '../../support/binary.js';
import { hasProgram } from '../../support/tools.js';
import { createWorld } from './world.js';
import type { World } from './world.js';

const NEW = 'another one, of words';
const secrets = new Map<string, Uint8Array>();
let state: 'open' | 'locked' | 'forgetful' = 'open';
let asked = 0;
const refuseLocked = (): void => {
  asked += 1;
  if (state === 'locked') {
    throw new TopazError('E_KEYRING', 'locked', { hint: 'unlock it' });
  }
};
const keyring: Keyring = {
  read: (account) => {
    refuseLocked();
    const secret = secrets.get(account);
    return Promise.resolve(secret === undefined ? undefined : Uint8Array.from(secret));
  },
  write: (account, secret) => {
    refuseLocked();
    if (state === 'open') {
      secrets.set(account, Uint8Array.from(secret));
    }
    return Promise.resolve();
  },
  remove: (account) => {
    refuseLocked();
    return Promise.resolve(secrets.delete(account));
  },
};
const overrides = { keyring: () => Promise.resolve(keyring) };

let world: World;
let path: string;
const profile = async (): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(world.dir, 'config', 'profiles', 'cabinet.json'), 'utf8')) as Record<string, unknown>; // prettier-ignore
const kept = (): string | undefined => {
  const secret = secrets.get(accountOf(path));
  return secret === undefined ? undefined : Buffer.from(secret).toString();
};
const show = (more: Parameters<World['failure']>[1] = overrides) => world.run(['show', 'doctor', '--json'], more); // prettier-ignore

beforeAll(async () => {
  world = await createWorld();
  path = join(world.keystores, 'doctor.p12');
  await writeFile(join(world.dir, 'new'), `${NEW}\n`, { mode: 0o600 });
});
afterAll(() => world.remove());
beforeEach(async () => {
  state = 'open';
  secrets.clear();
  asked = 0;
  await rm(path, { force: true });
  const document = await profile();
  delete document['remember'];
  await writeFile(join(world.dir, 'config', 'profiles', 'cabinet.json'), JSON.stringify(document));
});

const importIt = (...more: readonly string[]) => world.json(['import', keystoreFile('openssl-modern'), '--alias', 'doctor', ...world.password, ...more], overrides); // prettier-ignore

describe('only when asked for', () => {
  test('without --remember no keyring is touched, and the profile says nothing', async () => {
    await importIt('--use');
    expect((await world.run(['show', 'doctor', '--json', ...world.password], overrides)).status).toBe(0); // prettier-ignore
    expect(asked).toBe(0);
    expect(await profile()).not.toHaveProperty('remember');
    expect(await world.failure(['show', 'doctor'], overrides)).toMatchObject({ code: 'E_INPUT_REQUIRED' }); // prettier-ignore
  });

  test('a password in the keyring is not used where the profile does not say so', async () => {
    await importIt();
    secrets.set(accountOf(path), Buffer.from(PASSWORD));
    expect(await world.failure(['show', 'doctor'], overrides)).toMatchObject({ code: 'E_INPUT_REQUIRED' }); // prettier-ignore
    expect(asked).toBe(0);
  });
});

describe('--remember', () => {
  test('import: the password goes into the keyring, the alias into the profile, nothing else anywhere', async () => {
    await importIt('--use', '--remember');
    expect(kept()).toBe(PASSWORD);
    expect(await profile()).toMatchObject({ keystore: 'doctor', remember: ['doctor'] });
    expect(JSON.stringify(await profile())).not.toContain(PASSWORD);
    expect([...secrets.keys()].join()).not.toContain('doctor');
    // Without a person, a file or a variable.
    expect((await show()).status).toBe(0);
  });

  test('import of a file that is there already', async () => {
    await importIt();
    expect(await importIt('--remember')).toMatchObject({ imported: false });
    expect(kept()).toBe(PASSWORD);
  });

  test('use: a person types it', async () => {
    await importIt();
    const { prompter } = scriptedPrompter(PASSWORD);
    const { status, stderr } = await world.run(['use', 'doctor', '--remember'], { ...overrides, prompter, terminal: true }); // prettier-ignore
    expect(status).toBe(0);
    expect(stderr.join('\n')).toContain('--forget');
    expect(kept()).toBe(PASSWORD);
  });

  test('a wrong password is not remembered', async () => {
    await importIt();
    expect(await world.failure(['use', 'doctor', '--remember', '--password-file', join(world.dir, 'new')], overrides)).toMatchObject({ code: 'E_KEYSTORE_PASSWORD' }); // prettier-ignore
    expect(secrets.size).toBe(0);
    expect(await profile()).not.toHaveProperty('remember');
  });

  test('a flag goes before what is remembered', async () => {
    await importIt('--remember');
    expect(await world.failure(['show', 'doctor', '--password-file', join(world.dir, 'new')], overrides)).toMatchObject({ code: 'E_KEYSTORE_PASSWORD' }); // prettier-ignore
  });

  test('an alias with a comma is one name', async () => {
    await world.json(['import', keystoreFile('openssl-modern'), '--alias', 'LABO, a', ...world.password, '--remember'], overrides); // prettier-ignore
    expect(await profile()).toMatchObject({ remember: ['LABO, a'] });
    await world.json(['use', 'LABO, a', '--forget'], overrides);
    expect(await profile()).not.toHaveProperty('remember');
    await rm(join(world.keystores, 'LABO, a.p12'));
  });
});

describe('a keyring that is not as it was', () => {
  test('locked: said, and asked for; nothing is remembered', async () => {
    await importIt();
    state = 'locked';
    expect(await world.failure(['use', 'doctor', '--remember', ...world.password], overrides)).toMatchObject({ status: 3, code: 'E_KEYRING' }); // prettier-ignore
    expect(await profile()).not.toHaveProperty('remember');
  });

  test('locked later: a warning, then the usual question', async () => {
    await importIt('--remember');
    state = 'locked';
    const { prompter } = scriptedPrompter(PASSWORD);
    const { status, stderr } = await world.run(['show', 'doctor'], { ...overrides, prompter, terminal: true }); // prettier-ignore
    expect(status).toBe(0);
    expect(stderr.join('\n')).toContain('cannot be asked');
    expect(await world.failure(['show', 'doctor'], overrides)).toMatchObject({ code: 'E_INPUT_REQUIRED' }); // prettier-ignore
  });

  test('one that keeps nothing', async () => {
    await importIt();
    state = 'forgetful';
    expect(await world.failure(['use', 'doctor', '--remember', ...world.password], overrides)).toMatchObject({ code: 'E_KEYRING' }); // prettier-ignore
    expect(await profile()).not.toHaveProperty('remember');
  });

  test('emptied by somebody', async () => {
    await importIt('--remember');
    secrets.clear();
    const { prompter } = scriptedPrompter(PASSWORD);
    const { status, stderr } = await world.run(['show', 'doctor'], { ...overrides, prompter, terminal: true }); // prettier-ignore
    expect(status).toBe(0);
    expect(stderr.join('\n')).toContain('no password for doctor any more');
  });

  test('with the password of another time: says so, and how to forget it', async () => {
    await importIt('--remember');
    secrets.set(accountOf(path), Buffer.from(NEW));
    const refusal = await world.failure(['show', 'doctor'], overrides);
    expect(refusal).toMatchObject({ status: 4, code: 'E_KEYSTORE_PASSWORD', hint: 'topaz keystore use "doctor" --forget' }); // prettier-ignore
    expect(JSON.stringify(refusal)).not.toContain(NEW);
  });
});

describe('when password or keystore change', () => {
  const passwd = (...more: readonly string[]) => world.run(['passwd', 'doctor', '--new-password-file', join(world.dir, 'new'), ...more], overrides); // prettier-ignore

  test('passwd replaces what is remembered', async () => {
    await importIt('--remember');
    expect((await passwd()).status).toBe(0);
    expect(kept()).toBe(NEW);
    expect((await show()).status).toBe(0);
  });

  test('passwd without --remember remembers nothing; with it, the new one', async () => {
    await importIt();
    expect((await passwd(...world.password)).status).toBe(0);
    expect(secrets.size).toBe(0);
    await rm(path);
    await importIt();
    expect((await passwd(...world.password, '--remember')).status).toBe(0);
    expect(kept()).toBe(NEW);
  });

  test('passwd while the keyring is locked: the keystore has its new password, the old one is not used', async () => {
    await importIt('--remember');
    state = 'locked';
    const { status, stderr } = await passwd(...world.password);
    expect(status).toBe(0);
    expect(stderr.join('\n')).toContain('did not take the new password');
    expect(await profile()).not.toHaveProperty('remember');
  });

  test('remove forgets', async () => {
    await importIt('--remember');
    await world.json(['remove', 'doctor', '--force', '--yes'], overrides);
    expect(secrets.size).toBe(0);
    expect(await profile()).not.toHaveProperty('remember');
  });
});

describe('--forget', () => {
  test('takes it out of both, and changes nothing else', async () => {
    await importIt('--use', '--remember');
    expect(await world.json(['use', 'doctor', '--forget'], overrides)).toMatchObject({ remembered: false }); // prettier-ignore
    expect(secrets.size).toBe(0);
    expect(await profile()).toMatchObject({ keystore: 'doctor' });
    expect(await profile()).not.toHaveProperty('remember');
    expect(await world.failure(['show', 'doctor'], overrides)).toMatchObject({ code: 'E_INPUT_REQUIRED' }); // prettier-ignore
  });

  test('of one that was not remembered is no failure; beside another flag it is one', async () => {
    await importIt();
    expect((await world.run(['use', 'doctor', '--forget'], overrides)).status).toBe(0);
    expect(await world.failure(['use', 'doctor', '--forget', '--remember'], overrides)).toMatchObject({ code: 'E_USAGE' }); // prettier-ignore
  });

  test('while the keyring is locked: it is not used any more, and that it may still be there is said', async () => {
    await importIt('--remember');
    state = 'locked';
    expect(await world.failure(['use', 'doctor', '--forget'], overrides)).toMatchObject({ status: 3, code: 'E_KEYRING' }); // prettier-ignore
    expect(await profile()).not.toHaveProperty('remember');
  });
});

describe('the real thing, on Linux', () => {
  const there = ['dbus-run-session', 'gnome-keyring-daemon'].every((name) => hasProgram(name));
  (there ? test : test.skip)(
    'gnome-keyring: remembered by one command, used by another, forgotten',
    async () => {
      const home = await createHome();
      await writeFile(home.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
      const script = `
      set -eu
      mkdir -p -m 700 "$XDG_RUNTIME_DIR"
      echo -n login | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 & daemon=$!
      trap 'kill $daemon' EXIT
      # Asked of the bus, not of the service: that would have the bus start a second, locked one.
      owned() { dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true'; }
      for _ in $(seq 600); do owned && break; sleep 0.1; done
      topaz() { "$NODE" "$TOPAZ" --no-input "$@"; }
      topaz keystore import "$KEYSTORE" --alias doctor --use --remember --password-file "$PASSWORD_FILE"
      rm "$PASSWORD_FILE"
      topaz keystore show doctor --json
      topaz keystore use doctor --forget
      topaz keystore show doctor && exit 1
      echo gone`; // prettier-ignore
      try {
        const env = { ...home.env, TOPAZ_PROFILE: 'cabinet', HOME: home.dir, XDG_RUNTIME_DIR: home.path('run'), XDG_DATA_HOME: home.path('data'), NODE: process.execPath, TOPAZ: join(process.cwd(), 'bin/topaz.js'), KEYSTORE: keystoreFile('openssl-modern'), PASSWORD_FILE: home.passwordFile }; // prettier-ignore
        const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
        const { status, stdout, stderr } = await runProgram('env', [...words, 'dbus-run-session', '--', 'bash', '-c', script]); // prettier-ignore
        expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout).toContain('topaz.keystore.show/1');
        expect(stdout.trimEnd()).toMatch(/gone$/);
        expect(stdout + stderr).not.toContain(PASSWORD);
      } finally {
        await home.close();
      }
    },
    60_000,
  );

  test('without a desktop: a clear refusal', async () => {
    const home = await createHome();
    try {
      await writeFile(home.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
      const env = { TOPAZ_PROFILE: 'cabinet', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', HOME: home.dir }; // prettier-ignore
      const { status, stderr } = await home.run(['keystore', 'import', keystoreFile('openssl-modern'), '--alias', 'doctor', '--remember', '--password-file', home.passwordFile, '--json'], { env }); // prettier-ignore
      expect(status).toBe(3);
      expect(stderr).toContain('E_KEYRING');
      expect(stderr).toContain('--password-file');
    } finally {
      await home.close();
    }
  }, 60_000);
});
