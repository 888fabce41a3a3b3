/** The main job, once per kind of card, by the built program on the sandbox. */

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createHome, PASSWORD, PIN, type Home } from '../support/binary.js';
import { hasProgram } from '../support/tools.js';

let home: Home;

beforeEach(async () => {
  home = await createHome();
});

afterEach(async () => {
  await home.close();
});

const softhsm = hasProgram('softhsm2-util');

const cards = [
  { name: 'simulated RSA', key: 'rsa', token: 'simulated' },
  { name: 'simulated EC', key: 'ec', token: 'simulated' },
  ...(softhsm
    ? [
        { name: 'SoftHSM2 RSA', key: 'rsa', token: 'softhsm' },
        { name: 'SoftHSM2 EC', key: 'ec', token: 'softhsm' },
      ]
    : []),
];

interface Card {
  module: string;
  softhsm?: { conf: string; module: string };
}

async function makeCard(key: string, token: string): Promise<void> {
  const card = (await home.json([
    'sandbox', 'card', 'create', '--out', home.path('card'), '--ssin', '79021599732', '--name', 'Jean Exemple',
    '--key', key, '--pin', PIN, ...(token === 'softhsm' ? ['--softhsm'] : []),
  ])) as unknown as Card; // prettier-ignore
  if (card.softhsm === undefined) {
    home.env['TOPAZ_PKCS11_MODULE'] = card.module;
  } else {
    home.env['TOPAZ_PKCS11_MODULE'] = card.softhsm.module;
    home.env['SOFTHSM2_CONF'] = card.softhsm.conf;
  }
}

const REQUEST = [
  'cert',
  'request',
  '--as',
  'person',
  '--email',
  'jean@exemple.test',
  '--phone',
  '+3221234567',
  '--accept-terms',
];

describe.each(cards)('$name', ({ key, token }) => {
  test('request, finalize, session both ways, eHealthBox and insurability', async () => {
    await makeCard(key, token);
    await home.startSandbox(
      '--seed',
      'demo',
      '--approve',
      'manual',
      '--record',
      home.path('record'),
    );

    const identity = await home.json(['eid', 'read']);
    expect(identity).toMatchObject({
      schema: 'topaz.eid.read/1',
      identity: { ssin: '79021599732' },
    });

    const password = ['--password-file', home.passwordFile];
    const pin = ['--pin-file', home.pinFile];
    const requested = await home.json([...REQUEST, ...pin, ...password]);
    const { id } = requested['request'] as { id: string };
    expect(id).toMatch(/^[0-9a-f]{40}$/);
    const { path } = requested['keystore'] as { path: string };
    expect((await stat(path)).mode & 0o777).toBe(0o600);

    const pending = await home.failure(['cert', 'finalize', path, ...password]);
    expect(pending).toMatchObject({ status: 8, code: 'E_REQUEST_PENDING', stdout: '' });

    await home.json(['sandbox', 'approve', id, '--data', home.path('sandbox-data')]);
    const finalized = await home.json(['cert', 'finalize', path, '--use', ...password]);
    expect(finalized).toMatchObject({
      request: { id, state: 'issued' },
      etk: { registered: true },
    });
    const again = await home.json(['cert', 'finalize', path, ...password]);
    expect(again).toMatchObject({ request: { id, state: 'issued' } });

    const eid = await home.json([
      'session',
      'open',
      '--via',
      'eid',
      '--as',
      'doctor',
      ...pin,
      ...password,
    ]);
    expect(eid).toMatchObject({ session: { via: 'eid', environment: 'sandbox' } });
    expect(await home.json(['session', 'status'])).toMatchObject({ session: { via: 'eid' } });
    await home.run(['session', 'close']);
    expect((await home.run(['session', 'status'])).status).toBe(10);
    const fallback = await home.json([
      'session',
      'open',
      '--via',
      'keystore',
      '--as',
      'doctor',
      ...password,
    ]);
    expect(fallback).toMatchObject({ session: { via: 'keystore' } });

    // Both ways once more by the older protocol; the default is WS-Trust.
    const older = ['session', 'open', '--as', 'doctor', '--sts', 'saml', '--force', ...password];
    expect(await home.json([...older, '--via', 'keystore'])).toMatchObject({
      session: { via: 'keystore' },
    });
    expect(await home.json([...older, '--via', 'eid', ...pin])).toMatchObject({
      session: { via: 'eid' },
    });
    const spoken = (await readdir(home.path('record')))
      .map((name) => /^\d+-sts-(\w+)\.request\.body$/.exec(name)?.[1])
      .filter((operation) => operation !== undefined);
    expect(spoken.sort()).toEqual([
      'Request',
      'Request',
      'RequestSecurityToken',
      'RequestSecurityToken',
      'RequestSecurityTokenResponse',
    ]);

    await home.json(['profile', 'set', 'ehbox.quality', 'DOCTOR']);
    const synced = await home.json(['ehbox', 'sync', ...password]);
    expect(synced['failed']).toEqual([]);
    expect(synced['stored']).toBeGreaterThan(0);
    expect(await home.json(['ehbox', 'sync', ...password])).toMatchObject({ new: 0 });
    const { messages } = (await home.json(['ehbox', 'list'])) as {
      messages: { id: string; sealStatus?: string }[];
    };
    expect(messages.some(({ sealStatus }) => sealStatus === 'ok')).toBe(true);

    for (const [key, value] of [
      ['mycarenet.quality', 'doctor'],
      ['mycarenet.nihii', '19547181004'],
      ['mycarenet.name', 'Jean Exemple'],
    ] as const) {
      await home.json(['profile', 'set', key, value]);
    }
    const insured = await home.json(['mycarenet', 'insurability', '85.06.11-998.14', ...password]);
    expect(insured).toMatchObject({ schema: 'topaz.mycarenet.insurability/1', status: 'insured' });
    await expectNoSecret(home.dir);
  }, 120_000);
});

describe('what goes wrong', () => {
  test('a wrong PIN is tried once and the tries left are said', async () => {
    await makeCard('rsa', 'simulated');
    await home.startSandbox('--seed', 'demo');
    await writeFile(home.path('wrong'), '9999\n', { mode: 0o600 });
    const failure = await home.failure([
      ...REQUEST,
      '--pin-file',
      home.path('wrong'),
      '--password-file',
      home.passwordFile,
    ]);
    expect(failure).toMatchObject({ status: 5, code: 'E_PIN_INCORRECT' });
    const card = JSON.parse(await readFile(home.path('card', 'card.json'), 'utf8')) as {
      triesLeft: number;
    };
    expect(card.triesLeft).toBe(2);
  });

  test('the last try is refused to a PIN that nobody typed, unless it is allowed', async () => {
    await makeCard('ec', 'simulated');
    await home.startSandbox('--seed', 'demo');
    await home.json(['sandbox', 'card', 'set', home.path('card'), 'triesLeft', '1']);
    const asked = ['cert', 'qualities', '--pin-file', home.pinFile];
    expect(await home.failure(asked)).toMatchObject({ status: 5, code: 'E_PIN_LAST_TRY' });
    await home.json([...asked, '--allow-last-pin-try']);
  });

  test('a secret that others can read is refused before the card is touched', async () => {
    await makeCard('rsa', 'simulated');
    await home.startSandbox('--seed', 'demo');
    await writeFile(home.path('open'), `${PIN}\n`, { mode: 0o644 });
    const failure = await home.failure([
      ...REQUEST,
      '--pin-file',
      home.path('open'),
      '--password-file',
      home.passwordFile,
    ]);
    expect(failure).toMatchObject({ status: 2, code: 'E_SECRET_FILE_MODE' });
  });

  test('without a card, without a network and with a wrong number the status says which', async () => {
    home.env['TOPAZ_PKCS11_MODULE'] = home.path('no-such-module.so');
    expect((await home.run(['eid', 'read'])).status).toBe(3);
    await makeCard('ec', 'simulated');
    await home.json(['sandbox', 'card', 'set', home.path('card'), 'present', 'false']);
    expect(await home.failure(['eid', 'read'])).toMatchObject({ status: 5, code: 'E_CARD_ABSENT' });
    await home.startSandbox('--seed', 'demo');
    expect(await home.failure(['mycarenet', 'insurability', '85061199815'])).toMatchObject({
      status: 2,
      code: 'E_SSIN_INVALID',
    });
    await home.run(['sandbox', 'stop', '--data', home.path('sandbox-data')]);
    expect((await home.failure(['etk', 'fetch', 'SSIN=79021599732'])).status).toBe(6);
  });
});

/** No file outside keystores and cards holds the PIN, the password or a private key. */
async function expectNoSecret(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const inside = path.slice(dir.length);
    if (
      !entry.isFile() ||
      /^\/(pin|password)$|^\/card\/|\/pki\/|sandbox-data\//.test(inside) ||
      path.endsWith('.p12')
    ) {
      continue;
    }
    const text = await readFile(path, 'latin1');
    expect({
      path: inside,
      secret: text.includes(PASSWORD) || text.includes('PRIVATE KEY'),
    }).toEqual({
      path: inside,
      secret: false,
    });
  }
}
