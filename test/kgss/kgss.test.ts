/** Keys of the KGSS, from the client's request to the sandbox's verdict and back. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { getKey, getNewKey, MAX_READERS } from '../../src/kgss/client.js';
import type { NewKeyOptions } from '../../src/kgss/client.js';
import { createKeyCache } from '../../src/kgss/key-cache.js';
import type { NewKey } from '../../src/kgss/reply.js';
import { parseReader } from '../../src/kgss/readers.js';
import { doctorAttributes, groupAttributes } from '../sandbox/ehbox-support.js';
import type { TestHolder } from '../sandbox/ehbox-support.js';
import { hasShared } from '../support/tools.js';
import { openWorld } from './world.js';
import type { World } from './world.js';

const JEAN = '79021599732';
const NURSE = '72090499770';
const GROUP = '94499180';

let world: World;
let jean: TestHolder;
let nurse: TestHolder;
let sender: NewKeyOptions;
let reader: NewKeyOptions;

beforeAll(async () => {
  world = await openWorld();
  jean = await world.holder(JEAN);
  nurse = await world.holder(NURSE);
  sender = await world.options(jean);
  reader = await world.options(nurse);
});

afterAll(() => world.close());

const nurseAttributes = doctorAttributes(NURSE).map((attribute) =>
  attribute.name.includes(':nurse:boolean')
    ? { ...attribute, values: ['true'] }
    : attribute.name.includes(':doctor:boolean')
      ? { ...attribute, values: ['false'] }
      : attribute,
);

const make = (...texts: readonly string[]): Promise<NewKey> =>
  getNewKey(sender, { allowed: texts.flatMap((text) => parseReader(text)) });
const asNurse = () => world.session(nurse, nurseAttributes);

describe('a key', () => {
  test('is made without WS-Security, and handed to the reader with it', async () => {
    const { id, key } = await make(`SSIN=${NURSE}`);
    expect(world.wire().request).not.toContain('Security');
    expect([id.length, key.length]).toEqual([16, 16]);
    expect(await getKey(reader, id, asNurse())).toEqual(key);
    expect(world.wire().request).toContain('SAMLAssertionID');
    // The service was given nothing to forgive; the schemas may be missing.
    for (const { name, state, detail } of world.checks()) {
      expect(hasShared() || !/schema/i.test(name) ? state : 'ok').toBe('ok');
      expect(detail ?? '').not.toMatch(/^tolerated/);
    }
  });

  test('stands on the wire sealed only', async () => {
    const { id, key } = await make(`SSIN=${NURSE}`);
    const made = world.wire();
    await getKey(reader, id, asNurse());
    const fetched = world.wire();
    for (const text of [made.request, made.answer, fetched.request, fetched.answer]) {
      for (const secret of [id, key]) {
        expect(text).not.toContain(Buffer.from(secret).toString('base64'));
      }
    }
    expect(made.request).not.toContain(NURSE);
  });

  test.each([
    ['the person', `SSIN=${NURSE}`],
    ['the person as a nurse', `nurse=${NURSE}`],
    ['every nurse', 'nurse'],
    ['every nurse, written out', 'NURSE=*'],
  ])('for %s is handed out', async (_, text) => {
    const { id, key } = await make(text);
    expect(await getKey(reader, id, asNurse())).toEqual(key);
  });

  test.each([
    ['another person', `SSIN=${JEAN}`],
    ['every doctor', 'doctor'],
    ['a doctor by number', 'doctor=19547181005'],
    ['an organisation', `NIHII-GROUP=${GROUP}`],
  ])('for %s is not', async (_, text) => {
    const { id } = await make(text);
    await expect(getKey(reader, id, asNurse())).rejects.toMatchObject({
      code: 'E_KEY_REFUSED',
      exitCode: 7,
      details: { serviceCode: 'ACCESS_DENIED', status: '403' },
      facts: [expect.stringContaining('ACCESS_DENIED')],
    });
  });

  test('by NIHII is handed to the doctor with that number, and to the sender only as a reader', async () => {
    const { id, key } = await make('doctor=19547181004');
    expect(await getKey(sender, id, world.session(jean))).toEqual(key);
    const other = await make(`SSIN=${NURSE}`);
    await expect(getKey(sender, other.id, world.session(jean))).rejects.toMatchObject({
      code: 'E_KEY_REFUSED',
    });
  });

  test('is not handed to whoever is excluded, though allowed', async () => {
    const { id } = await getNewKey(sender, {
      allowed: parseReader('nurse'),
      excluded: parseReader(`SSIN=${NURSE}`),
    });
    await expect(getKey(reader, id, asNurse())).rejects.toMatchObject({ code: 'E_KEY_REFUSED' });
  });

  test('of an organisation is handed to its session', async () => {
    const group = await world.holder(GROUP, 'NIHII-GROUP');
    const options = await world.options(group);
    const { id, key } = await make(`groupofnurses=${GROUP}`);
    expect(await getKey(options, id, world.session(group, groupAttributes(GROUP)))).toEqual(key);
  });

  test('survives a restart of the sandbox', async () => {
    const { id } = await make(`SSIN=${NURSE}`);
    const { openState } = await import('../../src/sandbox/state.js');
    const { state } = await openState(world.test.sandbox.store.folder);
    expect(state.keys.map(({ idBase64 }) => idBase64)).toContain(
      Buffer.from(id).toString('base64'),
    );
    expect(state.keys.at(-1)).toMatchObject({ owner: `SSIN=${JEAN}` });
  });

  test('that nobody made is unknown', async () => {
    await expect(getKey(reader, new Uint8Array(16), asNurse())).rejects.toMatchObject({
      code: 'E_KEY_REFUSED',
      details: { serviceCode: 'KEY_UNKNOWN', status: '404' },
    });
  });
});

describe('before anything is sent', () => {
  test.each([
    ['no reader', 0],
    ['too many', MAX_READERS + 1],
  ])('%s is refused', async (_, count) => {
    const [one] = parseReader('nurse');
    const allowed = Array.from({ length: count }, () => one!);
    await expect(getNewKey(sender, { allowed })).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  test.each([0, 129])('an identifier of %i bytes is none', async (length) => {
    await expect(getKey(reader, new Uint8Array(length), asNurse())).rejects.toMatchObject({
      code: 'E_SEAL_INVALID',
    });
  });

  test('a token whose key is elsewhere is refused', async () => {
    const { obtainOwn } = await import('../../src/kgss/parties.js');
    await expect(
      obtainOwn(world.source, reader.own.holder, sender.decrypters),
    ).rejects.toMatchObject({ code: 'E_KEYSTORE_INCOMPLETE', hint: expect.stringContaining('etk register') }); // prettier-ignore
  });

  test('a holder without token is told to register one', async () => {
    const { obtainOwn } = await import('../../src/kgss/parties.js');
    const holder = { ...sender.own.holder, identifier: { type: 'SSIN', id: '68052399767' } };
    await expect(obtainOwn(world.source, holder, sender.decrypters)).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
      hint: expect.stringContaining('topaz etk register'),
    });
  });
});

describe('an answer', () => {
  test.each([
    ['bad-signature', 'E_REPLY_INVALID', /SIGNATURE/],
    ['wrong-holder', 'E_REPLY_INVALID', /somebody else/],
    ['expired', 'E_REPLY_INVALID', /SIGNING_TIME_EXPIRED/],
    ['fault:SOA-01001', 'E_SOAP_FAULT', /SOA-01001/],
    ['fault:SOME_CODE', 'E_KEY_REFUSED', /SOME_CODE/],
  ])('with %s is refused as %s', async (kind, code, fact) => {
    const { id } = await make(`SSIN=${NURSE}`);
    world.play(kind);
    try {
      await expect(getKey(reader, id, asNurse())).rejects.toMatchObject({
        code,
        facts: expect.arrayContaining([expect.stringMatching(fact)]),
      });
    } finally {
      world.play(undefined);
    }
  });

  test('about the session says what to do', async () => {
    const { id } = await make(`SSIN=${NURSE}`);
    const late = { ...asNurse(), assertion: asNurse().assertion.replace(NURSE, JEAN) };
    await expect(getKey(reader, id, late)).rejects.toMatchObject({
      code: 'E_SOAP_FAULT',
      hint: 'topaz session open --force',
    });
  });

  test('sealed for somebody else cannot be opened', async () => {
    await expect(
      getNewKey({ ...sender, decrypters: reader.decrypters }, { allowed: parseReader('nurse') }),
    ).rejects.toMatchObject({ code: 'E_SEAL_NOT_FOR_US' });
  });
});

describe('the session', () => {
  test('must be of the key that seals', async () => {
    const { id } = await make(`SSIN=${NURSE}`);
    await expect(getKey(sender, id, asNurse())).rejects.toMatchObject({
      code: 'E_KEY_REFUSED',
      details: { serviceCode: 'SIGNER_NOT_HOLDER' },
    });
  });

  test('of another cannot be used with our key', async () => {
    const { id } = await make(`SSIN=${NURSE}`);
    const stolen = { ...asNurse(), signer: sender.sender };
    await expect(getKey(sender, id, stolen)).rejects.toMatchObject({ code: 'E_SOAP_FAULT' });
  });
});

describe('keys in memory', () => {
  test('are fetched once, handed out as copies, and wiped', async () => {
    let calls = 0;
    const secret = Uint8Array.of(1, 2, 3);
    const cache = createKeyCache(() => {
      calls += 1;
      return Promise.resolve(secret);
    });
    const [one, two] = await Promise.all([
      cache.get(Uint8Array.of(9)),
      cache.get(Uint8Array.of(9)),
    ]);
    one.fill(0);
    expect(two).toEqual(Uint8Array.of(1, 2, 3));
    expect(calls).toBe(1);
    await cache.get(Uint8Array.of(8));
    expect(calls).toBe(2);
    cache.wipe();
    await Promise.resolve();
    expect(secret).toEqual(new Uint8Array(3));
  });

  test('forget a refusal', async () => {
    let calls = 0;
    const cache = createKeyCache(() => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('no')) : Promise.resolve(Uint8Array.of(5));
    });
    await expect(cache.get(Uint8Array.of(1))).rejects.toThrow('no');
    expect(await cache.get(Uint8Array.of(1))).toEqual(Uint8Array.of(5));
  });
});
