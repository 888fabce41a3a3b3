import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicKey, createHash, generateKeyPairSync, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { octetString } from '../../src/der/writer.js';
import { CKR } from '../../src/pkcs11/ckr.js';
import { CKA, CKK, CKM, CKO } from '../../src/pkcs11/constants.js';
import { findSofthsm } from '../../src/pkcs11/discovery.js';
import { openNativeModule } from '../../src/pkcs11/native-module.js';
import type { NativeModule } from '../../src/pkcs11/native-module.js';
import type { Slot } from '../../src/pkcs11/module.js';
import type { AttributeValue } from '../../src/pkcs11/worker/protocol.js';
import { buildPkcs11Child } from '../support/pkcs11-child.js';
import { hasProgram } from '../support/tools.js';

const PIN = '583914';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const jwk = privateKey.export({ format: 'jwk' });
const part = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
const object = (attributes: [number, AttributeValue['value']][]): AttributeValue[] =>
  attributes.map(([type, value]) => ({ type, value }));
const P384 = Buffer.from('06052b81040022', 'hex');

let childFile = '';
let folder = '';

beforeAll(async () => {
  childFile = buildPkcs11Child();
  folder = await mkdtemp(join(tmpdir(), 'topaz-p11-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(join(childFile, '..'), { recursive: true, force: true });
});

describe('loading a module', () => {
  test.each([
    ['no such file', '/nonexistent/libbeidpkcs11.so.0'],
    ['no library', import.meta.url.replace('file://', '')],
  ])('%s is E_MODULE_NOT_FOUND with the path', async (_name, path) => {
    const opened = openNativeModule({ path, env: {}, childFile });

    await expect(opened).rejects.toMatchObject({
      code: 'E_MODULE_NOT_FOUND',
      facts: expect.arrayContaining([expect.stringContaining(path)]),
    });
  });

  test('a missing binding is E_NATIVE_MISSING', async () => {
    // The child stands where no node_modules is found.
    const alone = join(folder, 'alone.mjs');
    await writeFile(alone, readFileSync(childFile));
    const path = import.meta.url.replace('file://', '');

    await expect(openNativeModule({ path, env: {}, childFile: alone })).rejects.toMatchObject({
      code: 'E_NATIVE_MISSING',
      exitCode: 3,
    });
  });
});

const tokenDescribe = hasProgram('softhsm2-util') ? describe : describe.skip;

tokenDescribe('SoftHSM2 behind the child process', () => {
  const env: Record<string, string> = {};
  let path = '';
  const open = (
    extra: Partial<Parameters<typeof openNativeModule>[0]> = {},
  ): Promise<NativeModule> => openNativeModule({ path, env, childFile, ...extra });
  const card = async (module: NativeModule): Promise<Slot> => {
    const slot = (await module.slots()).find(({ token }) => token?.label === 'BELPIC');
    if (slot === undefined) throw new Error('no token');
    return slot;
  };

  beforeAll(async () => {
    path = await findSofthsm();
    const tokens = join(folder, 'tokens');
    await mkdir(tokens);
    env['SOFTHSM2_CONF'] = join(folder, 'softhsm2.conf');
    await writeFile(env['SOFTHSM2_CONF'], `directories.tokendir = ${tokens}\nlog.level = ERROR\n`);
    env['TOPAZ_PIN'] = PIN;
    const module = await open();
    try {
      await module.provision({
        label: 'BELPIC',
        soPin: Buffer.from('12345678'),
        pin: Buffer.from(PIN),
        objects: [
          object([
            [CKA.CLASS, CKO.PRIVATE_KEY],
            [CKA.KEY_TYPE, CKK.EC],
            [CKA.TOKEN, true],
            [CKA.PRIVATE, true],
            [CKA.LABEL, 'Authentication'],
            [CKA.SIGN, true],
            [CKA.EC_PARAMS, P384],
            [CKA.VALUE, part(jwk.d)],
          ]),
          object([
            [CKA.CLASS, CKO.DATA],
            [CKA.TOKEN, true],
            [CKA.PRIVATE, false],
            [CKA.LABEL, 'surname'],
            [CKA.OBJECT_ID, Buffer.from('id')],
            [CKA.VALUE, Buffer.from('Exemple')],
          ]),
          object([
            [CKA.CLASS, CKO.PUBLIC_KEY],
            [CKA.KEY_TYPE, CKK.EC],
            [CKA.TOKEN, true],
            [CKA.LABEL, 'Authentication'],
            [CKA.EC_PARAMS, P384],
            [
              CKA.EC_POINT,
              octetString(Buffer.concat([Uint8Array.of(4), part(jwk.x), part(jwk.y)])),
            ],
          ]),
        ],
      });
    } finally {
      await module.close();
    }
  });

  test('reads by label and group, signs after login, and wipes nothing that is not its own', async () => {
    const module = await open();
    try {
      expect(module.info.manufacturer).toBe('SoftHSM');
      const session = await module.open(await card(module));
      expect(await session.data('id')).toEqual([
        { label: 'surname', value: Uint8Array.from(Buffer.from('Exemple')) },
      ]);
      expect(await session.data('photo')).toEqual([]);
      expect(await session.certificate('Authentication')).toBeUndefined();
      expect(await session.sign('Authentication', CKM.ECDSA, new Uint8Array(32))).toBeUndefined();

      await session.login(Buffer.from(PIN));
      const data = Buffer.from('the message');
      const signature = await session.sign(
        'Authentication',
        CKM.ECDSA,
        createHash('sha256').update(data).digest(),
      );
      const key = createPublicKey(privateKey);
      expect(signature).toHaveLength(96);
      expect(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature!)).toBe(true);
    } finally {
      await module.close();
    }
  });

  test('a wrong PIN is the code of the module', async () => {
    const module = await open();
    try {
      const session = await module.open(await card(module));
      await expect(session.login(Buffer.from('9999'))).rejects.toMatchObject({
        ckr: CKR.PIN_INCORRECT,
      });
    } finally {
      await module.close();
    }
  });

  test('the PIN is neither in the arguments nor in the environment of the child', async () => {
    const module = await open();
    try {
      const session = await module.open(await card(module));
      await session.login(Buffer.from(PIN));
      if (!existsSync(`/proc/${module.pid}`)) return;
      for (const file of ['cmdline', 'environ']) {
        const text = readFileSync(`/proc/${module.pid}/${file}`, 'latin1');
        expect(text).not.toContain(PIN);
        expect(text).not.toContain('TOPAZ_');
      }
    } finally {
      await module.close();
    }
  });

  test('close ends the child; later requests are refused', async () => {
    const module = await open();
    const { pid } = module;
    await module.close();

    expect(() => process.kill(pid ?? 0, 0)).toThrow();
    await expect(module.slots()).rejects.toMatchObject({ code: 'E_CARD_ERROR' });
  });

  test('an interruption rejects at once and ends the child within a second', async () => {
    const abort = new AbortController();
    const module = await open({ signal: abort.signal });
    const { pid } = module;
    const started = performance.now();
    const asked = module.slots();
    abort.abort();

    await expect(asked).rejects.toMatchObject({ code: 'E_INTERRUPTED', exitCode: 130 });
    await module.close();
    expect(performance.now() - started).toBeLessThan(1500);
    expect(() => process.kill(pid ?? 0, 0)).toThrow();
  });

  test('a step that takes too long names what was waited for, and the child is killed', async () => {
    const module = await open({ limits: { slots: 50 } });
    process.kill(module.pid ?? 0, 'SIGSTOP'); // as a native call that never returns

    await expect(module.slots()).rejects.toMatchObject({
      code: 'E_CARD_TIMEOUT',
      details: { step: 'slots' },
    });
    await module.close();
    expect(() => process.kill(module.pid ?? 0, 0)).toThrow();
  });

  test('an interruption kills a child that is busy in a native call, after a second', async () => {
    const abort = new AbortController();
    const module = await open({ signal: abort.signal });
    process.kill(module.pid ?? 0, 'SIGSTOP');
    const asked = module.slots();
    const started = performance.now();
    abort.abort();

    await expect(asked).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    await module.close();
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(900);
    expect(took).toBeLessThan(2500);
    expect(() => process.kill(module.pid ?? 0, 0)).toThrow();
  });

  test('Ctrl-C of the terminal does not end the child: its parent decides', async () => {
    const module = await open();
    try {
      process.kill(module.pid ?? 0, 'SIGINT');
      process.kill(module.pid ?? 0, 'SIGTERM');
      expect((await module.slots()).length).toBeGreaterThan(0);
    } finally {
      await module.close();
    }
  });

  test('a child that dies is an error of the card, not a hang', async () => {
    const module = await open();
    const asked = module
      .open(await card(module))
      .then((session) => session.login(Buffer.from(PIN)));
    process.kill(module.pid ?? 0, 'SIGKILL');

    await expect(asked).rejects.toMatchObject({ code: 'E_CARD_ERROR' });
    await module.close();
  });
});
