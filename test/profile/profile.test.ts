/** Reading and writing profiles: what is understood, what is refused, what is guessed (nothing). */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { PROFILE_KEYS, SERVICE_ENDPOINTS } from '../../src/profile/keys.js';
import { resolvePaths } from '../../src/profile/paths.js';
import type { Paths } from '../../src/profile/paths.js';
import { listProfiles, readProfile, writeProfileFile } from '../../src/profile/profile.js';
import { temporaryHome } from '../support/context.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let paths: Paths;

beforeEach(async () => {
  home = await temporaryHome();
  paths = resolvePaths({ env: home.env, platform: 'linux', home: '/nonexistent' });
});

afterEach(async () => {
  await home.remove();
});

async function put(name: string, text: string): Promise<void> {
  const file = join(paths.config, 'profiles', `${name}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

const FULL = {
  environment: 'sandbox',
  language: 'nl',
  keystore: 'SSIN=79021599732 20260301-091244.acc',
  organisationKeystore: 'group',
  alternates: ['old', 'older'],
  remember: ['doctor'],
  holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' },
  via: 'keystore',
  pkcs11: { module: 'sandbox:/card', reader: 'ACME' },
  mycarenet: {
    nihii: '19547181004',
    quality: 'doctor',
    name: 'Jean Exemple',
    responsible: '79021599732',
    cbe: '0123456789',
    package: { name: 'topaz' },
    license: { username: 'user', passwordFile: '/secret' },
  },
  ehbox: { quality: 'DOCTOR', keep: '365d', unseal: true },
  session: { minutes: 60, idleMinutes: 30 },
  sts: { protocol: 'saml', signatureDigest: 'sha256', designators: ['urn:a', 'urn:b'] },
  trust: { tls: '/ca.pem', stsSigner: '/s.pem', eidRoots: '/e.pem', ehealthRoots: '/h.pem' },
  endpoints: {
    ...Object.fromEntries(SERVICE_ENDPOINTS.map((name) => [name, `https://127.0.0.1:1/${name}`])),
    genasync: { dmg: 'https://127.0.0.1:1/dmg' },
  },
  clock: { offsetSeconds: -3600 },
};

describe('a profile', () => {
  test('comes back as it was written, every key of it', async () => {
    const file = await writeProfileFile(paths, 'full', FULL);
    expect(file).toBe(join(paths.config, 'profiles', 'full.json'));
    expect(await readProfile(paths, 'full')).toEqual({ name: 'full', ...FULL });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      schema: 'topaz.profile/1',
      ...FULL,
    });
  });

  test('with nothing but its environment has empty groups', async () => {
    await writeProfileFile(paths, 'small', { environment: 'prod' });
    expect(await readProfile(paths, 'small')).toEqual({
      name: 'small',
      environment: 'prod',
      alternates: [],
      remember: [],
      holder: {},
      pkcs11: {},
      mycarenet: { package: {}, license: {} },
      ehbox: {},
      session: {},
      sts: { designators: [] },
      trust: {},
      endpoints: {},
      clock: { offsetSeconds: 0 },
    });
  });

  test('is completed by config.json, which never wins', async () => {
    await mkdir(paths.config, { recursive: true });
    await writeFile(
      join(paths.config, 'config.json'),
      JSON.stringify({
        schema: 'topaz.profile/1',
        language: 'fr',
        session: { minutes: 30 },
        via: 'eid',
      }),
    );
    await writeProfileFile(paths, 'mine', { environment: 'acc', session: { minutes: 90 } });
    expect(await readProfile(paths, 'mine')).toMatchObject({
      language: 'fr',
      via: 'eid',
      session: { minutes: 90 },
    });
  });

  test.each(['environment', 'keystore', 'endpoints', 'trust', 'clock'])(
    'what belongs to one environment cannot stand in config.json: %s',
    async (key) => {
      await mkdir(paths.config, { recursive: true });
      const value = { environment: 'acc', keystore: 'x' }[key] ?? { tls: '/x', certra: 'https://x.test', offsetSeconds: 1 }; // prettier-ignore
      await writeFile(
        join(paths.config, 'config.json'),
        JSON.stringify({ schema: 'topaz.profile/1', [key]: value }),
      );
      await writeProfileFile(paths, 'mine', { environment: 'acc' });
      await expect(readProfile(paths, 'mine')).rejects.toMatchObject({ code: 'E_PROFILE_INVALID' });
    },
  );
});

describe('what is refused', () => {
  test.each([
    ['no JSON', '{', 'is not JSON'],
    ['an array', '[]', 'it is not an object'],
    ['null', 'null', 'it is not an object'],
    ['no schema', '{"environment":"acc"}', '"schema"'],
    ['another schema', '{"schema":"topaz.profile/2","environment":"acc"}', '"schema"'],
    ['no environment', '{"schema":"topaz.profile/1"}', 'environment'],
    [
      'an unknown environment',
      '{"schema":"topaz.profile/1","environment":"live"}',
      'one of: sandbox',
    ],
    [
      'an unknown key',
      '{"schema":"topaz.profile/1","environment":"acc","keystor":"x"}',
      'no key "keystor"',
    ],
    ['a dotted key', '{"schema":"topaz.profile/1","environment":"acc","holder.id":"1"}', 'no key'],
    [
      'a number for a text',
      '{"schema":"topaz.profile/1","environment":"acc","keystore":1}',
      'a text',
    ],
    [
      'null for a text',
      '{"schema":"topaz.profile/1","environment":"acc","keystore":null}',
      'a text',
    ],
    [
      'a text for a group',
      '{"schema":"topaz.profile/1","environment":"acc","holder":"x"}',
      'no key "holder"',
    ],
    [
      'a list of numbers',
      '{"schema":"topaz.profile/1","environment":"acc","alternates":[1]}',
      'a list',
    ],
    [
      'half a minute',
      '{"schema":"topaz.profile/1","environment":"acc","session":{"minutes":0.5}}',
      'whole number',
    ],
    [
      'a prototype',
      '{"schema":"topaz.profile/1","environment":"acc","__proto__":{"x":1}}',
      'no key',
    ],
    [
      'a javascript URL',
      '{"schema":"topaz.profile/1","environment":"acc","proxy":"javascript:1"}',
      'URL',
    ],
  ])('%s', async (_, text, message) => {
    await put('bad', text);
    await expect(readProfile(paths, 'bad')).rejects.toMatchObject({
      code: 'E_PROFILE_INVALID',
      message: expect.stringContaining(message) as unknown,
    });
  });

  test('a mistyped key is answered with what was probably meant', async () => {
    await put('bad', '{"schema":"topaz.profile/1","environment":"acc","keystor":"x"}');
    await expect(readProfile(paths, 'bad')).rejects.toMatchObject({
      hint: 'did you mean "keystore"',
    });
  });

  test('an unknown profile, with the nearest names', async () => {
    await writeProfileFile(paths, 'cabinet', { environment: 'acc' });
    await expect(readProfile(paths, 'cabinets')).rejects.toMatchObject({
      code: 'E_PROFILE_UNKNOWN',
      hint: expect.stringContaining('"cabinet"') as unknown,
    });
  });

  test('a document that is not valid is not written', async () => {
    await expect(
      writeProfileFile(paths, 'bad', { environment: 'acc', nonsense: 1 }),
    ).rejects.toMatchObject({
      code: 'E_PROFILE_INVALID',
    });
    await expect(writeProfileFile(paths, 'bad', {})).rejects.toMatchObject({
      code: 'E_PROFILE_INVALID',
    });
    expect(await listProfiles(paths)).toEqual([]);
  });

  test('any JSON at all ends in a profile or in E_PROFILE_INVALID', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const outcome = await writeProfileFile(paths, 'fuzz', {
          environment: 'acc',
          ...(typeof value === 'object' && !Array.isArray(value) ? value : { holder: value }),
        }).then(
          () => 'written',
          (error: unknown) => (error as { code?: string }).code,
        );
        expect(['written', 'E_PROFILE_INVALID']).toContain(outcome);
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});

test('the schema in the documentation knows exactly these keys', async () => {
  const schema = JSON.parse(await readFile('docs/schema/profile.json', 'utf8')) as SchemaNode;
  const keys: string[] = [];
  const walk = (node: SchemaNode, prefix: string): void => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      if (child.properties === undefined && child.type !== 'object') {
        keys.push(`${prefix}${name}`);
      } else {
        walk(child, `${prefix}${name}.`);
      }
    }
  };
  walk(schema, '');
  expect(keys.filter((key) => key !== 'schema').sort()).toEqual([...PROFILE_KEYS.keys()].sort());
});

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}
