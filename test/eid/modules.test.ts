/**
 * What differs between modules, played by a module that wraps the simulated card and says it is another:
 * nobody has the real middleware in a test.
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openEidIn } from '../../src/eid/card.js';
import type { EidCard, OpenEidOptions } from '../../src/eid/card.js';
import { CKR } from '../../src/pkcs11/ckr.js';
import { CkrError } from '../../src/pkcs11/module.js';
import type { Pkcs11Module, TokenSession } from '../../src/pkcs11/module.js';
import { openModule } from '../../src/pkcs11/open-module.js';
import { createCard } from '../../src/sandbox/cards.js';
import type { CreatedCard } from '../../src/sandbox/cards.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const PIN = '1234';
const message = Buffer.from('message to sign');
const noPin = (): Promise<Uint8Array> => Promise.reject(new Error('the PIN was asked'));

let folder = '';
let card: CreatedCard;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-modules-'));
  card = await createCard({
    dir: join(folder, 'card'),
    dataFolder: join(folder, 'data'),
    ssin: '79021599732',
    name: 'Jean Exemple',
    key: 'ec',
    pin: PIN,
    type: 'citizen',
    now: NOW,
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Disguise {
  readonly manufacturer: string;
  readonly flags?: number;
  readonly session?: (real: TokenSession) => Partial<TokenSession>;
}

async function disguised({ manufacturer, flags, session }: Disguise): Promise<Pkcs11Module> {
  const real = await openModule(card.module, { env: {} });
  return {
    ...real,
    info: { ...real.info, manufacturer, description: '' },
    slots: async () =>
      (await real.slots()).map((slot) => ({
        ...slot,
        token: slot.token && { ...slot.token, flags: flags ?? slot.token.flags },
      })),
    open: async (slot) => {
      const opened = await real.open(slot);
      return {
        token: opened.token,
        mechanisms: opened.mechanisms,
        certificate: (label) => opened.certificate(label),
        data: (group) => opened.data(group),
        login: (pin) => opened.login(pin),
        logout: () => opened.logout(),
        sign: (label, mechanism, data) => opened.sign(label, mechanism, data),
        close: () => opened.close(),
        ...session?.(opened),
      };
    },
  };
}

async function using<T>(
  disguise: Disguise,
  options: Partial<OpenEidOptions>,
  work: (eid: EidCard) => Promise<T>,
): Promise<T> {
  const eid = await openEidIn(await disguised(disguise), {
    module: 'unused',
    env: {},
    now: () => NOW,
    platform: 'linux',
    ...options,
  });
  try {
    return await work(eid);
  } finally {
    await eid.close();
  }
}

const MIDDLEWARE = { manufacturer: 'Belgium Government' };
const PINPAD = { ...MIDDLEWARE, flags: 0x50a };

describe('the Signature key of the middleware', () => {
  test.each<[string, Disguise, Partial<OpenEidOptions>]>([
    ['without a display', MIDDLEWARE, {}],
    ['with --no-input', MIDDLEWARE, { env: { DISPLAY: ':0' }, noInput: true }],
    ['with a pinpad and --no-input', PINPAD, { noInput: true }],
  ])('is refused beforehand %s', async (_name, disguise, options) => {
    await using(disguise, options, async (eid) => {
      await expect(eid.signatureSigner(noPin)).rejects.toMatchObject({
        code: 'E_INPUT_REQUIRED',
        exitCode: 2,
      });
    });
  });

  test.each<[string, Disguise, Partial<OpenEidOptions>, string]>([
    ['window', MIDDLEWARE, { env: { DISPLAY: ':0' } }, 'window'],
    ['pinpad', PINPAD, {}, 'pinpad'],
  ])(
    'announces the %s at each signature, and takes no PIN from us',
    async (_n, disguise, options, what) => {
      const said: string[] = [];
      await using(disguise, { ...options, announce: (event) => said.push(event) }, async (eid) => {
        const signer = await eid.signatureSigner(noPin);
        await signer.sign('ecdsa-sha256', message);
        await signer.sign('ecdsa-sha256', message);
      });

      expect(said).toEqual([what, what]);
    },
  );
});

describe('the Authentication key', () => {
  test('with a pinpad, the PIN is typed there', async () => {
    const said: string[] = [];
    await using(PINPAD, { announce: (event) => said.push(event) }, async (eid) => {
      const signer = await eid.authenticationSigner(noPin);
      await signer.sign('ecdsa-sha256', message);
    });

    expect(said).toEqual(['pinpad']);
  });

  test('with a pinpad and --no-input nobody can type it', async () => {
    await using(PINPAD, { noInput: true }, async (eid) => {
      await expect(eid.authenticationSigner(noPin)).rejects.toMatchObject({
        code: 'E_INPUT_REQUIRED',
      });
    });
  });

  test('in the window of the module, where one is asked for', async () => {
    const said: string[] = [];
    const options = { env: { DISPLAY: ':0' }, announce: (event: string) => said.push(event) };
    await using(MIDDLEWARE, options, async (eid) => {
      const signer = await eid.authenticationSigner(noPin, { window: true });
      await signer.sign('ecdsa-sha256', message);
    });

    expect(said).toEqual(['window']);
  });

  test.each<[string, Disguise, Partial<OpenEidOptions>, string]>([
    ['without a display', MIDDLEWARE, {}, 'E_INPUT_REQUIRED'],
    ['with --no-input', MIDDLEWARE, { env: { DISPLAY: ':0' }, noInput: true }, 'E_INPUT_REQUIRED'],
    ['on SoftHSM, which has none', { manufacturer: 'SoftHSM project' }, {}, 'E_USAGE'],
    ['on OpenSC, which has none', { manufacturer: 'OpenSC Project' }, {}, 'E_USAGE'],
  ])('no window %s', async (_name, disguise, options, code) => {
    await using(disguise, options, async (eid) => {
      await expect(eid.authenticationSigner(noPin, { window: true })).rejects.toMatchObject({
        code,
        exitCode: 2,
      });
    });
  });

  test.each([
    [0x40000, 'E_PIN_LOCKED'],
    [0x20000, 'E_PIN_LAST_TRY'],
  ])('flags 0x%s of OpenSC tell that %s', async (flag, code) => {
    const disguise = { manufacturer: 'OpenSC Project', flags: 0x40d | flag };
    await using(disguise, {}, async (eid) => {
      await expect(eid.authenticationSigner(noPin)).rejects.toMatchObject({ code });
    });
  });
});

test('another module logs in, and gives the PIN again where a key wants it for each signature', async () => {
  const pins: (string | undefined)[] = [];
  const disguise: Disguise = {
    manufacturer: 'ACME',
    session: (real) => ({
      sign: (label, mechanism, data, { pin } = {}) => {
        pins.push(pin && Buffer.from(pin).toString());
        return real.sign(label, mechanism, data);
      },
    }),
  };
  await using(disguise, {}, async (eid) => {
    const signer = await eid.signatureSigner(() =>
      Promise.resolve(Uint8Array.from(Buffer.from(PIN))),
    );
    await signer.sign('ecdsa-sha256', message);
  });

  expect(pins).toEqual([PIN]);
});

test('a pinpad of another module gets no PIN from us, for the login nor for the signature', async () => {
  const pins: (string | undefined)[] = [];
  const disguise: Disguise = {
    manufacturer: 'ACME',
    flags: 0x50a,
    session: (real) => ({
      login: (pin) => {
        pins.push(Buffer.from(pin).toString());
        return real.login(pin);
      },
      sign: (label, mechanism, data, { pin } = {}) => {
        pins.push(pin && Buffer.from(pin).toString());
        return real.sign(label, mechanism, data);
      },
    }),
  };
  await using(disguise, {}, async (eid) => {
    const signer = await eid.signatureSigner(noPin);
    await signer.sign('ecdsa-sha256', message);
  });

  expect(pins).toEqual(['', '']);
});

test('a signature that does not fit the certificate is not handed out', async () => {
  const disguise: Disguise = {
    manufacturer: 'ACME',
    session: () => ({ sign: () => Promise.resolve(new Uint8Array(96).fill(1)) }),
  };
  await using(disguise, {}, async (eid) => {
    const signer = await eid.authenticationSigner(() =>
      Promise.resolve(Uint8Array.from(Buffer.from(PIN))),
    );
    await expect(signer.sign('ecdsa-sha256', message)).rejects.toMatchObject({
      code: 'E_CARD_ERROR',
    });
  });
});

test('a read that fails once is read again; one that fails twice is an error of the card', async () => {
  let failures = 1;
  const disguise: Disguise = {
    ...MIDDLEWARE,
    session: (real) => ({
      data: (group) =>
        group === 'address' && failures-- > 0
          ? Promise.reject(new CkrError(CKR.DEVICE_ERROR, 'C_GetAttributeValue'))
          : real.data(group),
    }),
  };
  await using(disguise, {}, async (eid) => {
    expect(await eid.address()).toBeDefined();
    failures = 2;
    await expect(eid.address()).rejects.toMatchObject({ code: 'E_CARD_ERROR' });
  });
});

test('a module that lists mechanisms of the other kind only is refused before the PIN', async () => {
  const disguise: Disguise = { manufacturer: 'ACME', session: () => ({ mechanisms: [0x1, 0x40] }) };
  await using(disguise, {}, async (eid) => {
    await expect(eid.authenticationSigner(noPin)).rejects.toMatchObject({ code: 'E_CARD_ERROR' });
  });
});
