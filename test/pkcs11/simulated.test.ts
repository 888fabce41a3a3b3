import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CKR } from '../../src/pkcs11/ckr.js';
import { CKM } from '../../src/pkcs11/constants.js';
import type { Pkcs11Module, TokenSession } from '../../src/pkcs11/module.js';
import { openModule } from '../../src/pkcs11/open-module.js';
import { readCard, setCard } from '../../src/pkcs11/simulated/card-folder.js';
import {
  decodeFields,
  encodeFields,
  labelledFields,
} from '../../src/pkcs11/simulated/identity-file.js';

const PIN = '1234';
const pin = (text = PIN): Uint8Array => Uint8Array.from(Buffer.from(text));
const digest = createHash('sha256').update('message').digest();

const keys: Record<'rsa' | 'ec', KeyObject | undefined> = { rsa: undefined, ec: undefined };
let dir = '';

beforeAll(() => {
  keys.ec = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  keys.rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'topaz-card-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function makeCard(keyType: 'rsa' | 'ec' = 'ec', extra: object = {}): Promise<void> {
  await mkdir(join(dir, 'files'));
  await writeFile(
    join(dir, 'files/DATA_FILE'),
    encodeFields([
      [0, Uint8Array.of(0, 2)],
      [7, 'Exemple'],
    ]),
  );
  const pem = keys[keyType]!.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(dir, 'authentication.key'), pem);
  await writeFile(join(dir, 'signature.key'), pem);
  await writeFile(
    join(dir, 'card.json'),
    JSON.stringify({
      schema: 'topaz.sandbox.card-file/1',
      ssin: '79021599732',
      name: 'Jean Exemple',
      type: 'citizen',
      keyType,
      applet: keyType === 'ec' ? 0x18 : 0x17,
      serial: '534c494e000102030405060708090a0b',
      pin: PIN,
      triesLeft: 3,
      present: true,
      delayMs: 0,
      ...extra,
    }),
  );
}

const open = (signal?: AbortSignal): Promise<Pkcs11Module> =>
  openModule(`sandbox:${dir}`, { env: {}, signal });
async function session(signal?: AbortSignal): Promise<TokenSession> {
  const module = await open(signal);
  const [slot] = await module.slots();
  return module.open(slot!);
}
const triesLeft = async (): Promise<number> => (await readCard(dir)).triesLeft;
const code = (ckr: number): object => ({ ckr });

describe('the simulated card as a module', () => {
  test('says what it is, and shows a token as the middleware does', async () => {
    await makeCard();
    const module = await open();

    expect(module.info.manufacturer).toBe('topaz sandbox');
    expect((await module.slots())[0]?.token).toEqual({
      label: 'BELPIC',
      manufacturer: 'Belgium Government',
      model: 'Belgium eID',
      serial: '0405060708090A0B',
      flags: 0x40a,
      firmwareMajor: 0x18,
    });
  });

  test.each([
    ['no card', '', {}],
    ['damaged', '{', {}],
  ])('refuses a folder with %s', async (_name, text) => {
    if (text !== '') await writeFile(join(dir, 'card.json'), text);

    await expect(open()).rejects.toMatchObject({ code: 'E_MODULE_NOT_FOUND' });
  });

  test.each([
    { triesLeft: 4 },
    { triesLeft: -1 },
    { present: 'no' },
    { ssin: '79' },
    { type: 'x' },
  ])('refuses a card.json with %j', async (extra) => {
    await makeCard('ec', extra);

    await expect(open()).rejects.toMatchObject({ code: 'E_MODULE_NOT_FOUND' });
  });

  test('reads data objects by group', async () => {
    await makeCard();
    const card = await session();

    expect((await card.data('id')).map(({ label }) => label)).toEqual(['DATA_FILE', 'surname']);
    expect(await card.data('photo')).toEqual([]);
  });

  test.each([
    ['ec', [3]],
    ['rsa', undefined],
  ] as const)(
    'tells the PIN counter of the connection with an %s key: %j',
    async (keyType, told) => {
      await makeCard(keyType);
      const counter = (await (await session()).data('carddata')).find(
        ({ label }) => label === 'carddata_pin_counter',
      );

      expect(counter === undefined ? undefined : [...counter.value]).toEqual(told);
    },
  );
});

describe('the PIN', () => {
  test('right: the counter is full again, any number of signatures follows', async () => {
    await makeCard('ec', { triesLeft: 1 });
    const card = await session();
    await card.login(pin());

    expect(await triesLeft()).toBe(3);
    await card.sign('Authentication', CKM.ECDSA, digest);
    const signature = await card.sign('Authentication', CKM.ECDSA, digest);
    expect(
      verify(
        'sha256',
        Buffer.from('message'),
        { key: createPublicKey(keys.ec!), dsaEncoding: 'ieee-p1363' },
        signature!,
      ),
    ).toBe(true);
  });

  test('wrong: counted on disk, third one locks, then the right one is refused too', async () => {
    await makeCard();
    const card = await session();

    await expect(card.login(pin('9999'))).rejects.toMatchObject(code(CKR.PIN_INCORRECT));
    expect(await triesLeft()).toBe(2);
    await expect(card.login(pin('9999'))).rejects.toMatchObject(code(CKR.PIN_INCORRECT));
    await expect(card.login(pin('9999'))).rejects.toMatchObject(code(CKR.PIN_LOCKED));
    expect(await triesLeft()).toBe(0);
    await expect(card.login(pin())).rejects.toMatchObject(code(CKR.PIN_LOCKED));
    await expect((await session()).login(pin())).rejects.toMatchObject(code(CKR.PIN_LOCKED));
  });

  test.each(['123', '1234567890123', '12a4', '12345678901234567890'])(
    'in the form %s costs no try',
    async (text) => {
      await makeCard();

      await expect((await session()).login(pin(text))).rejects.toMatchObject(
        code(CKR.FUNCTION_FAILED),
      );
      expect(await triesLeft()).toBe(3);
    },
  );

  test('is not looked at by a second login, and wiped by each', async () => {
    await makeCard();
    const card = await session();
    const bytes = pin();
    await card.login(bytes);
    await card.login(pin('9999'));

    expect([...bytes]).toEqual([0, 0, 0, 0]);
    expect(await triesLeft()).toBe(3);
  });

  test('an empty one opens the window', async () => {
    await makeCard();
    await writeFile(join(dir, 'dialog'), 'cancel\n');

    await expect((await session()).login(new Uint8Array())).rejects.toMatchObject(
      code(CKR.FUNCTION_CANCELED),
    );
  });

  test('logging out twice is an error, and signing afterwards opens the window', async () => {
    await makeCard();
    await writeFile(join(dir, 'dialog'), 'none\n');
    const card = await session();
    await card.login(pin());
    await card.logout();

    await expect(card.logout()).rejects.toMatchObject(code(CKR.USER_NOT_LOGGED_IN));
    await expect(card.sign('Authentication', CKM.ECDSA, digest)).rejects.toMatchObject(
      code(CKR.FUNCTION_FAILED),
    );
    expect(await triesLeft()).toBe(3);
  });
});

describe('the Signature key', () => {
  test.each([
    ['wrong', CKR.PIN_INCORRECT, 2],
    ['cancel', CKR.FUNCTION_CANCELED, 3],
    ['none', CKR.FUNCTION_FAILED, 3],
  ])('window answering %s', async (answer, ckr, left) => {
    await makeCard();
    await writeFile(join(dir, 'dialog'), `${answer}\n`);
    const card = await session();
    await card.login(pin()); // the window opens all the same

    await expect(card.sign('Signature', CKM.ECDSA, digest)).rejects.toMatchObject(code(ckr));
    expect(await triesLeft()).toBe(left);
  });

  test('right by default, and with a locked card refused', async () => {
    await makeCard();
    const card = await session();
    expect(await card.sign('Signature', CKM.ECDSA, digest)).toHaveLength(96);

    await setCard(dir, 'triesLeft', '0');
    await expect(card.sign('Signature', CKM.ECDSA, digest)).rejects.toMatchObject(
      code(CKR.PIN_LOCKED),
    );
  });

  test('takes the rights of the Authentication key away on applet 1.8', async () => {
    await makeCard();
    const card = await session();
    await card.login(pin());
    await card.sign('Signature', CKM.ECDSA, digest);
    await writeFile(join(dir, 'dialog'), 'cancel\n');

    await expect(card.sign('Authentication', CKM.ECDSA, digest)).rejects.toMatchObject(
      code(CKR.FUNCTION_CANCELED),
    );
  });
});

describe('mechanisms', () => {
  test.each([
    ['sha1', 20],
    ['sha224', 28],
    ['sha256', 32],
    ['sha384', 48],
    ['sha512', 64],
  ])('raw ECDSA over %s', async (hash, length) => {
    await makeCard();
    const card = await session();
    const value = createHash(hash).update('message').digest();
    expect(value).toHaveLength(length);
    const signature = await card.sign('Authentication', CKM.ECDSA, value);

    const key = { key: createPublicKey(keys.ec!), dsaEncoding: 'ieee-p1363' as const };
    expect(verify(hash, Buffer.from('message'), key, signature!)).toBe(true);
    expect(verify(hash, Buffer.from('massage'), key, signature!)).toBe(false);
  });

  test.each([0, 16, 31, 33, 65])('raw ECDSA refuses %i bytes', async (length) => {
    await makeCard();

    await expect(
      (await session()).sign('Authentication', CKM.ECDSA, new Uint8Array(length)),
    ).rejects.toMatchObject(code(CKR.GENERAL_ERROR));
  });

  test('RSA: hashed, DigestInfo and PSS', async () => {
    await makeCard('rsa');
    const card = await session();
    const message = Buffer.from('message');
    const key = createPublicKey(keys.rsa!);
    const info = Buffer.concat([
      Buffer.from('3031300d060960864801650304020105000420', 'hex'),
      digest,
    ]);

    for (const [mechanism, data] of [
      [CKM.SHA256_RSA_PKCS, message],
      [CKM.RSA_PKCS, info],
    ] as const) {
      const signature = await card.sign('Authentication', mechanism, data);
      expect(verify('sha256', message, key, signature!)).toBe(true);
    }
    const pss = await card.sign('Authentication', CKM.SHA256_RSA_PKCS_PSS, message);
    expect(verify('sha256', message, { key, padding: 6, saltLength: 32 }, pss!)).toBe(true);
    await expect(
      card.sign('Authentication', CKM.RSA_PKCS, new Uint8Array(246)),
    ).rejects.toMatchObject(code(CKR.DATA_LEN_RANGE));
  });

  test.each([
    ['ec', CKM.SHA256_RSA_PKCS],
    ['rsa', CKM.ECDSA],
  ] as const)('an %s card does not know the other kind', async (keyType, mechanism) => {
    await makeCard(keyType);

    await expect((await session()).sign('Authentication', mechanism, digest)).rejects.toMatchObject(
      code(CKR.MECHANISM_INVALID),
    );
  });
});

describe('removal and slowness', () => {
  test('an empty reader', async () => {
    await makeCard('ec', { present: false });
    const module = await open();
    const [slot] = await module.slots();

    expect(slot).toMatchObject({ token: undefined, problem: CKR.TOKEN_NOT_PRESENT });
    await expect(module.open(slot!)).rejects.toMatchObject(code(CKR.TOKEN_NOT_PRESENT));
  });

  test('a pulled card ends the session for ever, also when it is put back', async () => {
    await makeCard();
    const card = await session();
    await setCard(dir, 'present', 'false');
    await expect(card.data('id')).rejects.toMatchObject(code(CKR.DEVICE_REMOVED));
    await setCard(dir, 'present', 'true');

    await expect(card.data('id')).rejects.toMatchObject(code(CKR.DEVICE_REMOVED));
    expect(await (await session()).data('id')).toHaveLength(2);
  });

  test('pulled in the middle of a signature: a reader error, and no try is lost', async () => {
    await makeCard('ec', { delayMs: 60 });
    const card = await session();
    const signing = card.sign('Authentication', CKM.ECDSA, digest);
    await setCard(dir, 'present', 'false');

    await expect(signing).rejects.toMatchObject(code(CKR.DEVICE_ERROR));
    expect(await triesLeft()).toBe(3);
  });

  test('each access takes its time, and an interruption ends it', async () => {
    await makeCard('ec', { delayMs: 80 });
    const started = performance.now();
    await (await session()).data('id');
    expect(performance.now() - started).toBeGreaterThanOrEqual(75);

    await setCard(dir, 'delayMs', '600000');
    const abort = new AbortController();
    const reading = (await session(abort.signal)).data('id');
    setImmediate(() => {
      abort.abort();
    });
    await expect(reading).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });
});

describe('sandbox card set', () => {
  test.each([
    ['triesLeft', '4'],
    ['triesLeft', 'x'],
    ['present', 'yes'],
    ['delayMs', '-1'],
    ['pin', '12'],
    ['dialog', 'maybe'],
    ['ssin', '85061199814'],
    ['__proto__', '1'],
  ])('refuses %s = %s', async (key, value) => {
    await makeCard();
    const before = await readFile(join(dir, 'card.json'), 'utf8');

    await expect(setCard(dir, key, value)).rejects.toMatchObject({ code: 'E_USAGE' });
    expect(await readFile(join(dir, 'card.json'), 'utf8')).toBe(before);
  });

  test('changes one key and leaves the others', async () => {
    await makeCard();
    await setCard(dir, 'delayMs', '5');
    await setCard(dir, 'dialog', 'wrong');

    expect(await readCard(dir)).toMatchObject({ delayMs: 5, present: true, triesLeft: 3 });
    expect(await readFile(join(dir, 'dialog'), 'utf8')).toBe('wrong\n');
  });
});

describe('raw files', () => {
  test('long values take several length bytes', () => {
    const long = 'x'.repeat(600);
    const file = encodeFields([
      [0, Uint8Array.of(0, 1)],
      [1, ''],
      [2, long],
      [3, 'y'.repeat(255)],
    ]);

    expect(decodeFields(file).map(({ tag, value }) => [tag, value.length])).toEqual([
      [0, 2],
      [1, 0],
      [2, 600],
      [3, 255],
    ]);
  });

  test('padding ends the file; a cut field and unknown tags are left out', () => {
    const file = Uint8Array.of(0, 1, 0, 1, 1, 0x41, 0x77, 1, 0x42, 0, 0, 0);

    expect(labelledFields(file, ['', 'first'])).toEqual([
      { label: 'first', value: Uint8Array.of(0x41) },
    ]);
    expect(decodeFields(Uint8Array.of(0, 1, 0, 1, 200, 0x41))).toHaveLength(1);
    expect(decodeFields(Uint8Array.of(1, 0xff, 0xff))).toEqual([]);
  });
});
