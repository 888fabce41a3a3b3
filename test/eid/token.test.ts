/** One contract, several tokens: the simulated card and SoftHSM2, each with RSA and EC keys. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openEid } from '../../src/eid/card.js';
import { OID_SANDBOX_POLICY } from '../../src/profile/trust.js';
import type { EidCard, OpenEidOptions } from '../../src/eid/card.js';
import { verifyCard } from '../../src/eid/verify-card.js';
import { readCard, setCard } from '../../src/pkcs11/simulated/card-folder.js';
import { createCard } from '../../src/sandbox/cards.js';
import type { CreatedCard } from '../../src/sandbox/cards.js';
import { openCitizenPki } from '../../src/sandbox/citizen-pki.js';
import { buildPkcs11Child } from '../support/pkcs11-child.js';
import { hasProgram } from '../support/tools.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const PIN = '583914';
const message = Buffer.from('message to sign');
const pin =
  (text = PIN) =>
  () =>
    Promise.resolve(Uint8Array.from(Buffer.from(text)));
const noPin = (): Promise<Uint8Array> => Promise.reject(new Error('the PIN was asked'));

const softhsm = hasProgram('softhsm2-util');
const matrix = [
  { token: 'simulated', key: 'rsa' },
  { token: 'simulated', key: 'ec' },
  ...(softhsm
    ? ([
        { token: 'softhsm', key: 'rsa' },
        { token: 'softhsm', key: 'ec' },
      ] as const)
    : []),
] as const;

let folder = '';
let childFile = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-eid-'));
  childFile = buildPkcs11Child();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(join(childFile, '..'), { recursive: true, force: true });
});

const make = (name: string, extra: Partial<Parameters<typeof createCard>[0]> = {}) =>
  createCard({
    dir: join(folder, name),
    dataFolder: join(folder, 'data'),
    ssin: '79021599732',
    name: 'Jean Exemple',
    key: 'ec',
    pin: PIN,
    type: 'citizen',
    now: NOW,
    childFile,
    ...extra,
  });

function open(card: CreatedCard, extra: Partial<OpenEidOptions> = {}): Promise<EidCard> {
  const { softhsm: token } = card;
  return openEid({
    module: token === undefined ? card.module : token.module,
    env: token === undefined ? {} : { SOFTHSM2_CONF: token.conf },
    now: () => NOW,
    childFile,
    ...extra,
  });
}

async function using<T>(card: Promise<EidCard>, work: (card: EidCard) => Promise<T>): Promise<T> {
  const opened = await card;
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

describe.each(matrix)('token contract: $token $key', ({ token, key }) => {
  let card: CreatedCard;
  beforeAll(async () => {
    card = await make(`${token}-${key}`, { key, softhsm: token === 'softhsm' });
  });

  test('says what it is', async () => {
    await using(open(card), (eid) => {
      expect(eid.kind).toBe(token);
      expect(eid.serial).toMatch(/^[0-9A-Fa-f]{16}$/);
      return Promise.resolve();
    });
  });

  test('tells identity and address, and that they are genuine', async () => {
    await using(open(card), async (eid) => {
      expect(await eid.identity()).toEqual({
        ssin: '79021599732',
        firstNames: 'Jean',
        lastName: 'Exemple',
        birthDate: '1979-02-15',
        birthPlace: 'Bruxelles',
        nationality: 'Belge',
        sex: 'M',
        cardNumber: expect.stringMatching(/^[0-9]{12}$/),
        validFrom: '2022-03-01',
        validUntil: '2032-03-01',
        documentType: '1',
      });
      expect(await eid.address()).toEqual({
        street: "Rue de l'Exemple 1",
        postalCode: '1000',
        municipality: 'Bruxelles',
      });
      const { root } = await openCitizenPki(join(folder, 'data'));
      expect(await verifyCard(eid, [root.certificate], NOW, { photo: true })).toEqual({
        signature: true,
        chain: true,
      });
      expect(await verifyCard(eid, [], NOW)).toEqual({ signature: true, chain: false });
    });
  });

  test('signs with the Authentication key what its certificate verifies, after one PIN', async () => {
    await using(open(card), async (eid) => {
      let asked = 0;
      const signer = await eid.authenticationSigner(() => {
        asked += 1;
        return pin()();
      });
      expect(signer.chain).toHaveLength(3);
      for (const algorithm of signer.algorithms) {
        expect(await signer.sign(algorithm, message)).toHaveLength(key === 'ec' ? 96 : 256);
      }
      expect(asked).toBe(1);
      expect(signer.algorithms).toEqual(
        key === 'ec'
          ? ['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512']
          : ['rsa-sha256', 'rsa-pss-sha256', 'rsa-sha1'],
      );
    });
  });

  test('signs with the Signature key, also without a terminal', async () => {
    await using(open(card, { noInput: true }), async (eid) => {
      const signer = await eid.signatureSigner(token === 'simulated' ? noPin : pin());
      const [algorithm] = signer.algorithms;
      const signature = await signer.sign(algorithm!, message);

      expect((await eid.certificate('Signature')).keyUsage).toBe(0x40);
      const { publicKey } = await eid.certificate('Signature');
      expect(
        verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature),
      ).toBe(true);
    });
  });

  test('uses both keys in one run', async () => {
    await using(open(card), async (eid) => {
      const authentication = await eid.authenticationSigner(pin());
      const signature = await eid.signatureSigner(pin());
      for (const signer of [authentication, signature, authentication]) {
        await signer.sign(signer.algorithms[0]!, message);
      }
    });
  });

  test('refuses an algorithm of the other kind of key', async () => {
    await using(open(card), async (eid) => {
      const signer = await eid.authenticationSigner(pin());

      await expect(
        signer.sign(key === 'ec' ? 'rsa-sha256' : 'ecdsa-sha256', message),
      ).rejects.toMatchObject({ code: 'E_CARD_ERROR' });
    });
  });

  test('a wrong PIN is said so, once', async () => {
    await using(open(card), async (eid) => {
      await expect(eid.authenticationSigner(pin('9999'))).rejects.toMatchObject({
        code: 'E_PIN_INCORRECT',
        exitCode: 5,
      });
    });
    await using(open(card), (eid) => eid.authenticationSigner(pin()));
  });

  test.each(['123', '1234567890123', '12a4', '1234\n', ''])(
    'a PIN in the form %j does not get to the card',
    async (text) => {
      await using(open(card), async (eid) => {
        await expect(eid.authenticationSigner(pin(text))).rejects.toMatchObject({
          code: 'E_PIN_FORMAT',
        });
      });
      expect((await readCard(card.dir)).triesLeft).toBe(3);
    },
  );

  test('wipes the PIN it was given', async () => {
    const given = Uint8Array.from(Buffer.from(PIN));
    await using(open(card), (eid) => eid.authenticationSigner(() => Promise.resolve(given)));

    expect([...given]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test.each([
    ['2033-01-01T00:00:00Z', 'E_CERT_EXPIRED'],
    ['2021-01-01T00:00:00Z', 'E_CERT_NOT_YET_VALID'],
  ])('in %s no PIN is asked: %s', async (date, code) => {
    await using(open(card, { now: () => new Date(date) }), async (eid) => {
      await expect(eid.authenticationSigner(noPin)).rejects.toMatchObject({ code });
      await expect(eid.signatureSigner(noPin)).rejects.toMatchObject({ code });
    });
  });

  test('is interrupted before it begins', async () => {
    const opened = open(card, { signal: AbortSignal.abort() }).then((eid) => eid.close());

    if (token === 'softhsm') {
      await expect(opened).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    } else {
      await opened.catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'E_INTERRUPTED' });
      });
    }
  });
});

describe('the simulated card only', () => {
  let card: CreatedCard;
  beforeEach(async () => {
    card = await make(`card-${Math.random().toString(36).slice(2)}`);
  });

  test('counts wrong PINs, refuses the last try of a file, lets a person have it', async () => {
    for (const [text, code, left] of [
      ['9999', 'E_PIN_INCORRECT', 2],
      ['9999', 'E_PIN_INCORRECT', 1],
      [PIN, 'E_PIN_LAST_TRY', 1],
    ] as const) {
      await using(open(card), async (eid) => {
        await expect(
          eid.authenticationSigner(left === 1 && text === PIN ? noPin : pin(text)),
        ).rejects.toMatchObject({ code, details: { triesLeft: left } });
        expect(eid.triesLeft()).toBe(left);
      });
      expect((await readCard(card.dir)).triesLeft).toBe(left);
    }
    await using(open(card), async (eid) => {
      await eid.authenticationSigner(pin(), { lastTry: 'allow' });
      expect(eid.triesLeft()).toBe(3);
    });
    expect((await readCard(card.dir)).triesLeft).toBe(3);
  });

  test('a locked card asks for no PIN', async () => {
    await setCard(card.dir, 'triesLeft', '0');

    await using(open(card), async (eid) => {
      await expect(eid.authenticationSigner(noPin)).rejects.toMatchObject({ code: 'E_PIN_LOCKED' });
      await expect(eid.signatureSigner(noPin)).rejects.toMatchObject({ code: 'E_PIN_LOCKED' });
    });
  });

  test.each([
    ['wrong', 'E_PIN_INCORRECT', 5],
    ['cancel', 'E_INTERRUPTED', 130],
    ['none', 'E_INPUT_REQUIRED', 2],
  ])('the window answers %s', async (answer, code, exitCode) => {
    await setCard(card.dir, 'dialog', answer);

    await using(open(card), async (eid) => {
      const signer = await eid.signatureSigner(noPin);
      await expect(signer.sign('ecdsa-sha256', message)).rejects.toMatchObject({ code, exitCode });
    });
  });

  test('removed before, between and in the middle of a signature', async () => {
    await using(open(card), async (eid) => {
      const signer = await eid.authenticationSigner(pin());
      await setCard(card.dir, 'present', 'false');
      await expect(signer.sign('ecdsa-sha256', message)).rejects.toMatchObject({
        code: 'E_CARD_REMOVED',
        exitCode: 5,
      });
    });
    await expect(open(card)).rejects.toMatchObject({ code: 'E_CARD_ABSENT' });

    await setCard(card.dir, 'present', 'true');
    await using(open(card), async (eid) => {
      const signer = await eid.authenticationSigner(pin());
      await setCard(card.dir, 'delayMs', '80');
      const signing = signer.sign('ecdsa-sha256', message);
      await setCard(card.dir, 'present', 'false');
      await expect(signing).rejects.toMatchObject({ code: 'E_CARD_REMOVED' });
    });
  });

  test('reads go on when the same card was put back, as after a reset', async () => {
    await using(open(card), async (eid) => {
      await setCard(card.dir, 'present', 'false');
      await expect(eid.address()).rejects.toMatchObject({ code: 'E_CARD_REMOVED' });
      await setCard(card.dir, 'present', 'true');
      expect(await eid.address()).toBeDefined();
    });
  });

  test('a kids card has no Signature certificate', async () => {
    const kids = await make('kids', { type: 'kids', ssin: '85061199814', name: 'Marie Voorbeeld' });

    await using(open(kids), async (eid) => {
      await expect(eid.signatureSigner(noPin)).rejects.toMatchObject({
        code: 'E_CERTIFICATE_ABSENT',
      });
      expect((await eid.certificates()).map(({ label }) => label)).toEqual([
        'Authentication',
        'CA',
        'Root',
      ]);
    });
  });

  test('a foreigner card is issued by the Foreigner CA', async () => {
    const foreigner = await make('foreigner', { type: 'foreigner' });

    await using(open(foreigner), async (eid) => {
      const { foreignerCa } = await openCitizenPki(join(folder, 'data'));
      expect((await eid.chain('Authentication'))[1]?.der).toEqual(foreignerCa.certificate.der);
      expect((await eid.identity()).cardNumber).toMatch(/^B/);
    });
  });

  test('a changed identity file is not genuine', async () => {
    const path = join(card.dir, 'files/DATA_FILE');
    const text = (await readFile(path)).toString('latin1').replace('Bruxelles', 'Charleroi');
    await writeFile(path, Buffer.from(text, 'latin1'));

    await using(open(card), async (eid) => {
      const { root } = await openCitizenPki(join(folder, 'data'));
      expect(await verifyCard(eid, [root.certificate], NOW)).toEqual({
        signature: false,
        chain: true,
      });
    });
  });

  test('a file that names another person than the certificate is refused', async () => {
    const other = await make('other', { ssin: '85061199814', name: 'Marie Voorbeeld' });
    await writeFile(
      join(card.dir, 'files/DATA_FILE'),
      await readFile(join(other.dir, 'files/DATA_FILE')),
    );

    await using(open(card), async (eid) => {
      await expect(eid.identity()).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID' });
    });
  });
});

describe('making a card', () => {
  test('keys are private, the folder is not used twice, every certificate is marked', async () => {
    const card = await make('made');
    for (const name of ['authentication.key', 'signature.key', 'card.json']) {
      expect((await stat(join(card.dir, name))).mode & 0o777).toBe(0o600);
    }
    const pki = await openCitizenPki(join(folder, 'data'));
    expect((await stat(join(pki.folder, 'root.key'))).mode & 0o777).toBe(0o600);
    expect(readFileSync(pki.rootFile, 'utf8')).toContain('BEGIN CERTIFICATE');
    await using(open(card), async (eid) => {
      for (const { certificate } of await eid.certificates()) {
        expect(certificate.policies).toContain(OID_SANDBOX_POLICY);
      }
    });
    await expect(make('made')).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
  });

  test('two at once share one PKI', async () => {
    const dataFolder = join(folder, 'other-data');
    await Promise.all([make('one', { dataFolder }), make('two', { dataFolder })]);

    expect(readFileSync(join(folder, 'one/root.crt'))).toEqual(
      readFileSync(join(folder, 'two/root.crt')),
    );
  });

  test.each([
    [{ ssin: '79021599733' }, 'E_SSIN_INVALID'],
    [{ name: 'Jean' }, 'E_USAGE'],
    [{ pin: '12' }, 'E_USAGE'],
  ])('refuses %j', async (extra, code) => {
    await expect(make('refused', extra)).rejects.toMatchObject({ code });
  });
});
