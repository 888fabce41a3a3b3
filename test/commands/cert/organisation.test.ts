/** `topaz cert request` for organisations and for people without eID. */

import { readFile } from 'node:fs/promises';
import { request as get } from 'node:https';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { readCard, setCard } from '../../../src/pkcs11/simulated/card-folder.js';
import { PASSWORD, CARD_PIN } from '../../lifecycle/world.js';
import { scriptedPrompter } from '../../support/context.js';
import { openBench } from './bench.js';
import type { Bench } from './bench.js';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.world.close();
});
beforeEach(() => bench.startAfresh());

const HOUSE = 'NIHII-MEDICAL_HOUSE=89547133';
/** An organisation for which Jean Exemple has no mandate. */
const OTHER = 'CBE=0999999922';

const DAY_MS = 86_400_000;
const contact = ['--email', 'jean@exemple.test', '--phone', '+3221234567'];
const organisation = (number: string, ...more: readonly string[]): readonly string[] => [
  'cert', 'request', '--as', 'organisation', '--organisation', number, ...contact, '--accept-terms', ...bench.secrets,
  ...more,
]; // prettier-ignore

interface Sent {
  request: { id: string; automaticallyValidated: boolean };
  keystore: { path: string };
}

describe('an organisation', () => {
  test('with a mandate is validated by machine, and its keystore is the one of the organisation', async () => {
    const { status, json, stderr } = await bench.json(organisation(HOUSE));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(json).toMatchObject({
      request: {
        as: 'organisation',
        holder: { type: 'NIHII-MEDICAL_HOUSE', id: '89547133' },
        state: 'sent',
        automaticallyValidated: true,
      },
    });
    const { keystore } = json as unknown as Sent;
    expect(keystore.path).toMatch(/\/NIHII-MEDICAL_HOUSE=89547133 \d{8}-\d{6}\.sandbox\.p12$/);
    await bench.world.control('approve');
    const finalized = await bench.json(['cert', 'finalize', '--use', '--password-file', bench.passwordFile]); // prettier-ignore
    expect(finalized).toMatchObject({
      status: 0,
      json: {
        request: { as: 'organisation', state: 'issued' },
        keystore: {
          holder: { type: 'NIHII-MEDICAL_HOUSE', id: '89547133', name: 'MAISON MEDICALE EXEMPLE' },
        },
        etk: { registered: true },
      },
    });
    const { json: dates } = await bench.json(['cert', 'status', '--all-profiles']);
    expect(dates['certificates']).toHaveLength(2);
    // Any card with a mandate renews it.
    await bench.world.control('time', { date: new Date(Date.now() + 1020 * DAY_MS).toISOString() });
    const renewed = await bench.json(['cert', 'renew', keystore.path, '--accept-terms', '--password-file', bench.passwordFile]); // prettier-ignore
    await bench.world.control('time', { date: new Date().toISOString() });
    expect(renewed).toMatchObject({
      status: 0,
      json: {
        due: true,
        request: { as: 'organisation', replaces: (json as unknown as Sent).request.id },
      },
    });
  });

  test('without mandate needs a name, and people look at the request', async () => {
    const refused = await bench.json(organisation(OTHER));
    expect(refused).toMatchObject({
      status: 2,
      error: { code: 'E_INPUT_REQUIRED', hint: expect.stringContaining('--organisation-name') as unknown },
    }); // prettier-ignore
    expect(await bench.world.books()).toEqual([]);
    const { status, json, stderr } = await bench.run(organisation(OTHER, '--organisation-name', 'Société Exemple', '--json')); // prettier-ignore
    expect(status).toBe(0);
    expect(stderr).toContain('no mandate');
    expect(json).toMatchObject({ request: { automaticallyValidated: false } });
  });

  test.each([
    ['NIHII-MEDICAL_HOUSE=89547134', 'check digits'],
    ['NIHII-MEDICAL_HOUSE=895471333', 'too many digits'],
    ['CBE=0999999923', 'check digits'],
    ['NIHII-MEDICAL_HOUZE=89547133', 'did you mean NIHII-MEDICAL_HOUSE'],
    ['SSIN=79021599732', 'person'],
    ['house', 'identifier'],
  ])('%s is refused', async (number, why) => {
    await setCard(bench.card, 'triesLeft', '2');
    const { status, error, stderr } = await bench.json(organisation(number));
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_IDENTIFIER_INVALID' });
    expect(stderr).toContain(why);
    expect(await bench.world.books()).toEqual([]);
    if (why !== 'did you mean NIHII-MEDICAL_HOUSE') {
      expect((await readCard(bench.card)).triesLeft).toBe(2);
    }
  });

  test('an application id is normalised, unique, and part of the name', async () => {
    const first = await bench.json(organisation(HOUSE, '--application', 'labo-é1', '--out', 'doctor-app.p12')); // prettier-ignore
    expect(first).toMatchObject({
      status: 0,
      json: { request: { holder: { applicationId: 'LABO-E1' } } },
    });
    // Another one of the same organisation does not wait for it.
    const second = await bench.json(organisation(HOUSE, '--out', 'doctor-plain.p12'));
    expect(second.status).toBe(0);
    await bench.world.control('approve');
    for (const [more, taken] of [
      [['--application', 'LABO-E1'], 'LABO-E1'],
      [[], '(without application id)'],
    ] as const) {
      const { status, error, stderr } = await bench.json(organisation(HOUSE, '--new', ...more));
      expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_USAGE' });
      expect(stderr).toContain(taken);
    }
    const { json } = await bench.json(['cert', 'qualities', '--pin-file', bench.pinFile]);
    const [house] = json['organisations'] as { applicationIds: (string | null)[] }[];
    expect(house!.applicationIds).toEqual(expect.arrayContaining(['LABO-E1', null]));
  });

  test.each(['', 'with space', 'x'.repeat(31), 'a/b'])('the application id "%s" is refused', async (id) => {
    const { status, error } = await bench.json(organisation(HOUSE, '--application', id));
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_USAGE' });
  }); // prettier-ignore

  test('--dry-run says for whom, signs and sends nothing; the contract can be kept', async () => {
    await bench.dialog('none');
    const { status, json } = await bench.json(
      organisation(HOUSE, '--dry-run', '--contract-out', 'doctor-contract.txt', '--email-general', 'info@exemple.test', '--lang', 'nl'),
    ); // prettier-ignore
    expect(status).toBe(0);
    expect(json).toMatchObject({
      dryRun: true,
      request: {
        as: 'organisation',
        holder: { type: 'NIHII-MEDICAL_HOUSE', name: 'Maison médicale Exemple' },
        emailGeneral: 'info@exemple.test',
        dn: expect.stringContaining('OU=MAISON MEDICALE EXEMPLE') as unknown,
      },
    });
    expect(await bench.world.books()).toEqual([]);
    expect(await readFile(bench.world.path('doctor-contract.txt'), 'utf8')).toMatch(/^Certificaataanvraag\n/);
    const again = await bench.json(organisation(HOUSE, '--contract-out', 'doctor-contract.txt'));
    expect(again).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } });
  }); // prettier-ignore

  test('is chosen in the conversation, with its French words', async () => {
    const script = scriptedPrompter(CARD_PIN, HOUSE, 'jean@exemple.test', '+32 2 123 45 67', PASSWORD, PASSWORD, true); // prettier-ignore
    const { status, stderr } = await bench.run(['cert', 'request', '--lang', 'fr'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect({ status, asked: script.asked[1] }).toEqual({ status: 0, asked: 'Pour qui ?' });
    expect(stderr).toContain('Pour Maison médicale Exemple (NIHII-MEDICAL_HOUSE=89547133)');
    const terminal = await bench.run(['cert', 'list', '--lang', 'fr'], { terminal: true });
    expect(terminal.stdout).toContain(HOUSE);
  });

  test('that is not in the list is asked by number and name', async () => {
    const script = scriptedPrompter(CARD_PIN, 'other', OTHER, 'Société Exemple', 'jean@exemple.test', '02', PASSWORD, PASSWORD, true); // prettier-ignore
    const { status } = await bench.run(['cert', 'request'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect(status).toBe(0);
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ holder: { type: 'CBE', id: '0999999922' } }),
    ]);
  });

  test('whose answer was lost is found again by the same command', async () => {
    await bench.world.control('fail', { target: 'certra.GenerateCertificate', kind: 'lost', times: 1 }); // prettier-ignore
    expect((await bench.json(organisation(HOUSE))).status).toBe(6);
    expect(await bench.json(organisation(HOUSE))).toMatchObject({
      status: 0,
      json: { request: { state: 'sent' } },
    });
    expect(await bench.world.books()).toHaveLength(1);
  });

  test('qualities --types lists the kinds and their rules, without card', async () => {
    await setCard(bench.card, 'present', 'false');
    const { status, json } = await bench.json(['cert', 'qualities', '--types']);
    const pipe = await bench.run(['cert', 'qualities', '--types', '--lang', 'nl']);
    await setCard(bench.card, 'present', 'true');
    expect(status).toBe(0);
    expect(json['organisationTypes']).toContainEqual(
      expect.objectContaining({ type: 'NIHII-GROUP', pattern: '[0-9]{8}', checkDigits: ['CHECK-97-MOD-97'] }), // prettier-ignore
    );
    expect(pipe.stdout).toContain('NIHII-GROUP\tGroepering verpleegkundigen\t[0-9]{8}');
  });
});

describe('a person without eID', () => {
  const BIS = '79421599721';
  const foreigner = (...more: readonly string[]): readonly string[] => [
    'cert', 'request', '--foreigner', '--ssin', BIS, '--first-name', 'Ana', '--last-name', 'Exémplo', ...contact,
    '--password-file', bench.passwordFile, ...more,
  ]; // prettier-ignore

  const visit = (url: string): Promise<number> =>
    new Promise((done, fail) => {
      get(url, { rejectUnauthorized: false }, (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      })
        .on('error', fail)
        .end();
    });

  test('touches no card, gets an address and its deadline, and finalizes once logged on', async () => {
    await setCard(bench.card, 'present', 'false');
    const { status, json } = await bench.json(foreigner());
    expect(status).toBe(0);
    const { request } = json as unknown as {
      request: { id: string; logOn: { url: string; expiresAt: string } };
    };
    expect(request).toMatchObject({ state: 'sent', as: 'person' });
    expect(request.logOn.url).toMatch(/^https:\/\//);
    expect(new Date(request.logOn.expiresAt).getTime()).toBeGreaterThan(Date.now());
    const pending = await bench.json(['cert', 'validate']);
    expect(pending).toMatchObject({ status: 8, json: { request: { logOn: request.logOn } } });
    const people = await bench.run(['cert', 'validate'], { terminal: true });
    expect(people.stdout).toContain(request.logOn.url);
    expect(await visit(request.logOn.url)).toBe(200);
    expect(await visit(request.logOn.url)).toBe(404);
    await bench.world.control('approve', { id: request.id });
    const finalized = await bench.json(['cert', 'finalize', '--password-file', bench.passwordFile]);
    await setCard(bench.card, 'present', 'true');
    expect(finalized).toMatchObject({
      status: 0,
      // The name before the first name: the service's own order.
      json: { keystore: { holder: { type: 'SSIN', id: BIS, name: 'EXEMPLO ANA' } } },
    });
  });

  test('whose answer was lost hands the same request in again', async () => {
    await bench.world.control('fail', { target: 'certra.SubmitCSRForForeigner', kind: 'refused', times: 1 }); // prettier-ignore
    expect((await bench.json(foreigner())).status).toBe(6);
    await bench.world.control('reset');
    const again = await bench.json(foreigner());
    expect(again).toMatchObject({ status: 0, json: { request: { state: 'sent' } } });
    expect(await bench.world.books()).toHaveLength(1);
    expect(await bench.json(foreigner())).toMatchObject({
      status: 8,
      error: { code: 'E_REQUEST_PENDING' },
    });
  });

  test('who misses the deadline can ask again', async () => {
    await bench.json(foreigner());
    await bench.world.control('time', {
      date: new Date(Date.now() + 8 * 86_400_000).toISOString(),
    });
    try {
      expect((await bench.json(['cert', 'validate'])).status).toBe(7);
      expect(await bench.json(foreigner('--out', 'doctor-again.p12'))).toMatchObject({
        status: 0,
        json: { request: { state: 'sent' } },
      });
    } finally {
      await bench.world.control('time', { date: new Date().toISOString() });
    }
  });

  test('--dry-run makes no key and sends nothing', async () => {
    const { status, json } = await bench.json(foreigner('--dry-run'));
    expect(status).toBe(0);
    expect(json).toMatchObject({
      dryRun: true,
      request: { dn: expect.stringContaining('OU=EXEMPLO ANA') as unknown },
    });
    expect(await bench.world.books()).toEqual([]);
  });

  test('asks what is missing', async () => {
    const script = scriptedPrompter(BIS, 'Ana', 'Exémplo', 'ana@exemple.test', '02', PASSWORD, PASSWORD); // prettier-ignore
    const { status, stdout } = await bench.run(['cert', 'request', '--foreigner'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect(status).toBe(0);
    expect(stdout).toContain('Log on at this address before');
  });
});
