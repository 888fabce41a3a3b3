/** `topaz cert request`, by flags and by conversation. */

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { readCard, setCard } from '../../../src/pkcs11/simulated/card-folder.js';
import { CARD_PIN, PASSWORD } from '../../lifecycle/world.js';
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

/** Nothing was sent, nothing is on disk. */
async function expectNothing(): Promise<void> {
  expect(await bench.world.books()).toEqual([]);
  expect(await readdir(bench.keystores).catch(() => [])).toEqual([]);
  expect((await bench.run(['cert', 'list'])).stdout).toBe('');
}

describe('in a script', () => {
  test('sends the request; the document says under which reference and where the key is', async () => {
    const { status, json, stderr } = await bench.json(bench.request);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(json).toEqual({
      schema: 'topaz.cert.request/1',
      request: {
        id: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
        state: 'sent',
        as: 'person',
        submittedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
        email: 'jean@exemple.test',
        automaticallyValidated: true,
      },
      keystore: {
        path: expect.stringMatching(
          /\/keystores\/SSIN=79021599732 \d{8}-\d{6}\.\w+\.p12$/,
        ) as unknown,
      },
    });
    const { path } = json['keystore'] as { path: string };
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ id: (json['request'] as { id: string }).id }),
    ]);
  });

  test('--out says where; a keystore is never replaced', async () => {
    const { json } = await bench.json([...bench.request, '--out', 'doctor.p12']);
    expect(json).toMatchObject({ keystore: { path: 'doctor.p12' } });
    expect(await readFile(bench.world.path('doctor.contract.fr.txt'), 'utf8')).toContain('Jean Exemple'); // prettier-ignore
    const before = await readFile(bench.world.path('doctor.p12'));
    const again = await bench.json([...bench.request, '--new', '--out', 'doctor.p12']);
    expect(again).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } });
    expect(await readFile(bench.world.path('doctor.p12'))).toEqual(before);
  });

  test('a folder that is not there is refused before the PIN is used', async () => {
    await setCard(bench.card, 'triesLeft', '2');
    const { status, error } = await bench.json([...bench.request, '--out', 'nowhere/doctor.p12']);
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_FILE_NOT_FOUND' });
    expect((await readCard(bench.card)).triesLeft).toBe(2);
    await expectNothing();
  });

  test('names everything that is missing in one error, without touching the card', async () => {
    await setCard(bench.card, 'present', 'false');
    const { status, stderr } = await bench.run(['cert', 'request', '--as', 'person']);
    await setCard(bench.card, 'present', 'true');
    expect(status).toBe(2);
    expect(stderr).toBe(
      [
        'topaz: an e-mail address is needed and there is no terminal to ask [E_INPUT_REQUIRED]',
        '  next: add --email ADDRESS (also missing: --phone, --accept-terms, --password-file, --pin-file)',
      ].join('\n'),
    );
  });

  test.each([
    [
      ['--email', 'jean@exemple.test', '--phone', '02', '--accept-terms'],
      ['--password-file', '--pin-file'],
    ],
    [
      ['--email', 'jean@exemple.test'],
      ['--phone', '--accept-terms', '--password-file', '--pin-file'],
    ],
  ])('with %j the rest is missing', async (given, missing) => {
    const { status, error } = await bench.json(['cert', 'request', ...given]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_INPUT_REQUIRED' });
    expect(error.details).toEqual({ missing });
  });

  test.each([
    [['--as', 'organisation'], 'E_INPUT_REQUIRED'],
    [['--organisation', 'NIHII-GROUP=94499180'], 'E_USAGE'],
    [['--application', 'LABO'], 'E_USAGE'],
    [['--email-general', 'jean'], 'E_CONTACT_INVALID'],
    [['--foreigner', '--organisation', 'NIHII-GROUP=94499180'], 'E_USAGE'],
    [['--foreigner', '--ssin', '79.02.15-997.32'], 'E_SSIN_INVALID'],
    [['--foreigner'], 'E_INPUT_REQUIRED'],
    [['--as', 'doctor'], 'E_USAGE'],
    [['--email', 'jean'], 'E_CONTACT_INVALID'],
    [['--phone', '02/123'], 'E_CONTACT_INVALID'],
  ])('refuses %j', async (flags, code) => {
    const { status, error } = await bench.json([...bench.request, ...flags]);
    expect({ status, code: error.code }).toEqual({ status: 2, code });
    await expectNothing();
  });

  test.each([
    ['short', 'E_PASSWORD_WEAK'],
    ['123456789012', 'E_PASSWORD_WEAK'],
    ['mot de passe été', 'E_PASSWORD_WEAK'],
  ])('refuses the password "%s" before the card is touched', async (text, code) => {
    const file = bench.world.path('weak');
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    await setCard(bench.card, 'present', 'false');
    const { status, error } = await bench.json([...bench.request.slice(0, -1), file]);
    await setCard(bench.card, 'present', 'true');
    expect({ status, code: error.code }).toEqual({ status: 2, code });
  });

  test('a wrong PIN is tried once; nothing was sent and nothing is on disk', async () => {
    const file = bench.world.path('wrong-pin');
    await writeFile(file, '9999\n', { mode: 0o600 });
    const { status, error } = await bench.json([...bench.request, '--pin-file', file]);
    expect({ status, code: error.code, details: error.details }).toMatchObject({
      status: 5,
      code: 'E_PIN_INCORRECT',
      details: { triesLeft: 2 },
    });
    await expectNothing();
  });

  test('the last try is not used for a PIN from a file', async () => {
    await setCard(bench.card, 'triesLeft', '1');
    const { status, error } = await bench.json(bench.request);
    expect({ status, code: error.code }).toEqual({ status: 5, code: 'E_PIN_LAST_TRY' });
    expect((await readCard(bench.card)).triesLeft).toBe(1);
    const terminal = await bench.json(bench.request, {
      terminal: true,
      ...scriptedPrompter('true'),
    });
    expect(terminal).toMatchObject({ status: 5, error: { code: 'E_PIN_LAST_TRY' } });
    expect((await readCard(bench.card)).triesLeft).toBe(1);
  });

  test('a locked card is refused before anything is asked of eHealth', async () => {
    await setCard(bench.card, 'triesLeft', '0');
    const { status, error } = await bench.json(bench.request);
    expect({ status, code: error.code }).toEqual({ status: 5, code: 'E_PIN_LOCKED' });
    await expectNothing();
  });

  test.each([
    ['cancel', 130],
    ['wrong', 5],
  ] as const)(
    'a PIN window answered with "%s" ends it before anything is on disk',
    async (outcome, status) => {
      await bench.dialog(outcome);
      expect((await bench.json(bench.request)).status).toBe(status);
      await expectNothing();
    },
  );

  test('a card without Signature certificate is refused before anything is asked', async () => {
    const module = await bench.world.makeCard(`kids-${Date.now()}`, { type: 'kids', ssin: '85061199814', name: 'Marie Voorbeeld' }); // prettier-ignore
    const { status, error } = await bench.json(bench.request, {
      env: { TOPAZ_PKCS11_MODULE: module },
    });
    expect({ status, code: error.code }).toEqual({ status: 5, code: 'E_CERTIFICATE_ABSENT' });
    await expectNothing();
  });

  test('--dry-run shows what would be signed, and signs and sends nothing', async () => {
    await bench.dialog('none');
    const { status, json } = await bench.json([...bench.request, '--dry-run']);
    expect(status).toBe(0);
    expect(json).toMatchObject({
      dryRun: true,
      request: { as: 'person', email: 'jean@exemple.test', phone: '+3221234567' },
    });
    expect((json['request'] as { dn: string }).dn).toContain('OU=JEAN EXEMPLE');
    await expectNothing();
  });

  test('a second request for the same holder is refused until --new', async () => {
    const first = await bench.json(bench.request);
    const second = await bench.json(bench.request);
    expect(second).toMatchObject({ status: 8, stdout: '', error: { code: 'E_REQUEST_PENDING' } });
    const third = await bench.json([...bench.request, '--new', '--out', 'doctor.p12']);
    // eHealth itself takes one at a time.
    expect(third).toMatchObject({ status: 7, error: { code: 'E_SERVICE_REFUSED' } });
    expect(third.error.message).toContain('GenerateCertificate');
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ id: (first.json['request'] as { id: string }).id }),
    ]);
    await bench.world.control('approve');
    expect(await bench.json(bench.request)).toMatchObject({
      status: 2,
      error: { code: 'E_USAGE', hint: expect.stringContaining('topaz cert finalize') as unknown },
    });
  });

  test('an answer that was lost is found out by the same command', async () => {
    await bench.world.control('fail', { target: 'certra.GenerateCertificate', kind: 'lost', times: 1 }); // prettier-ignore
    const lost = await bench.json(bench.request);
    expect(lost.status).toBe(6);
    const [waiting] = (await bench.json(['cert', 'list'])).json['requests'] as { state: string }[];
    expect(waiting).toMatchObject({ state: 'new' });
    const again = await bench.json(bench.request);
    expect(again).toMatchObject({ status: 0, json: { request: { state: 'sent' } } });
    expect(await bench.world.books()).toHaveLength(1);
  });

  test('neither PIN nor password is said anywhere, even with --debug', async () => {
    const { stdout, stderr } = await bench.run([...bench.request, '--debug', '-vv']);
    expect(`${stdout}${stderr}`).not.toContain(PASSWORD);
    expect(`${stdout}${stderr}`).not.toContain(CARD_PIN);
    const logged = stderr.split('\n').filter((line) => line.includes(' debug '));
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join('\n')).not.toContain('79021599732');
  });
});

describe('in a conversation', () => {
  test('asks PIN, contact, password twice and acceptance, in five numbered steps', async () => {
    const script = scriptedPrompter(CARD_PIN, 'person', 'jean@exemple.test', '+32 2 123 45 67', PASSWORD, PASSWORD, true); // prettier-ignore
    const { status, stderr, stdout } = await bench.run(['cert', 'request'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) as unknown });
    expect(script.asked).toEqual([
      'PIN of the card (3 tries):',
      'For whom?',
      'E-mail:',
      'Telephone:',
      'Password:',
      expect.any(String),
      expect.stringContaining('I have read the contract, accept it and sign it with my card'),
    ]);
    expect(stderr.match(/^\d\/5 /gm)).toEqual(['1/5 ', '2/5 ', '3/5 ', '4/5 ', '5/5 ']);
    expect(stderr).toContain('Jean Exemple, SSIN 79.02.15-997.32');
    expect(stderr).toContain('    Demande de certificat');
    expect(stdout).toMatch(/^Request sent\. Reference [0-9a-f]{8}\nFile: .*\.p12\n/);
    expect(stdout).toContain('topaz cert finalize');
  });

  test('shows the Dutch contract to somebody who reads Dutch', async () => {
    const script = scriptedPrompter(false);
    const { status, stderr } = await bench.run(
      [...bench.request.filter((flag) => flag !== '--accept-terms'), '--lang', 'nl'],
      { terminal: true, prompter: script.prompter },
    );
    expect(status).toBe(2);
    expect(stderr).toContain('Certificaataanvraag');
    expect(stderr).toContain('E_NOT_CONFIRMED');
    await expectNothing();
  });

  test('--yes does not accept the contract', async () => {
    const { status, error } = await bench.json([
      ...bench.request.filter((flag) => flag !== '--accept-terms'),
      '--yes',
    ]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_INPUT_REQUIRED' });
  });
});
