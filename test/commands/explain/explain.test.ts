/** `topaz explain`: every code has an answer in every language, and what is mistyped is recognised. */

import { describe, expect, test } from '@jest/globals';

import { createTranslate, loadCatalog } from '../../../src/cli/messages/catalog.js';
import { commandOf, readLine } from '../../../src/command-line.js';
import { ALL_CODES, findCode, nearCodes } from '../../../src/commands/explain/find-code.js';
import { SERVICE_CODES } from '../../../src/commands/explain/service-codes.js';
import { CODES } from '../../../src/commands/explain/topaz-codes.js';
import { EXIT, FAMILY } from '../../../src/errors.js';
import { main } from '../../../src/main.js';
import { DETAIL_CODES } from '../../../src/mycarenet/memberdata/catalogue.js';
import { CKR } from '../../../src/pkcs11/ckr.js';
import { createWholeProgram } from '../../../src/program.js';
import { testContext } from '../../support/context.js';
import type { TestContext } from '../../support/context.js';

const LANGUAGES = ['en', 'fr', 'nl', 'de'] as const;

async function topaz(...argv: string[]): Promise<{ status: number; ctx: TestContext }> {
  const ctx = testContext();
  return { status: await main(argv, ctx), ctx };
}

describe('the tables', () => {
  test('every code of topaz has its own row', () => {
    expect(Object.keys(CODES).sort()).toEqual(Object.keys(FAMILY).sort());
  });

  test('every code is found again by its own name, whatever the case', () => {
    expect(ALL_CODES.length).toBeGreaterThan(200);
    const lost = ALL_CODES.filter(
      (code) =>
        !findCode(code).some((found) => found.code.toUpperCase() === code.toUpperCase()) ||
        findCode(code.toLowerCase()).length !== findCode(code).length,
    );
    expect(lost).toEqual([]);
  });

  test.each(LANGUAGES)('every meaning, fault and act is said in %s', async (lang) => {
    const catalog = await loadCatalog(lang);
    const t = createTranslate(catalog, lang);
    const missing = ALL_CODES.flatMap((code) => findCode(code)).flatMap(
      ({ code, meaning, fault, remedy, system }) =>
        [...meaning, `explain.fault.${fault}`, `explain.do.${remedy}`, `explain.system.${system}`]
          .filter((key) => t(key) === key)
          .map((key) => `${code}: ${key}`),
    );
    expect(missing).toEqual([]);
  });

  test('no text of an act is left over', async () => {
    const used = new Set(
      ALL_CODES.flatMap((code) => findCode(code)).map(({ remedy }) => `explain.do.${remedy}`),
    );
    const known = Object.keys(await loadCatalog('en')).filter((key) => key.startsWith('explain.do.')); // prettier-ignore
    expect(known.filter((key) => !used.has(key))).toEqual([]);
    const meanings = new Set(SERVICE_CODES.map(({ meaning }) => meaning));
    const texts = Object.keys(await loadCatalog('en')).filter((key) => key.startsWith('explain.code.')); // prettier-ignore
    expect(texts.filter((key) => !meanings.has(key))).toEqual([]);
  });

  test('every command that is advised exists, with its flags', async () => {
    const program = await createWholeProgram(testContext());
    const lines = new Set(ALL_CODES.flatMap((code) => findCode(code)).flatMap(({ commands }) => commands)); // prettier-ignore
    const wrong = [...lines].filter((line) => {
      const [name, ...argv] = line.split(' ');
      const { words } = readLine(argv);
      const operands = words.filter((word) => !word.startsWith('-'));
      if (name !== 'topaz' || operands[0] === 'help' || operands.length === 0) {
        return name !== 'topaz';
      }
      const { command, missing } = commandOf(program, operands);
      const flags = [...command.options, ...program.options].map(({ long }) => long);
      return missing || words.some((word) => word.startsWith('--') && !flags.includes(word));
    });
    expect(wrong).toEqual([]);
  });
});

describe('what is found', () => {
  test('a code of topaz, with its exit status', () => {
    expect(findCode('E_PIN_LOCKED')).toEqual([
      expect.objectContaining({ system: 'topaz', fault: 'card', remedy: 'pinLocked', exitCode: EXIT.token }), // prettier-ignore
    ]);
  });

  test.each([
    ['CKR_PIN_INCORRECT', 'E_PIN_INCORRECT'],
    ['0xA4', 'E_PIN_LOCKED'],
    ['0x000000e0', 'E_CARD_ABSENT'],
    ['pin_locked', 'E_PIN_LOCKED'],
    ['CKR_DEVICE_REMOVED', 'E_CARD_REMOVED'],
  ])('a return code of the card: %s becomes %s first', (code, becomes) => {
    expect(findCode(code)[0]?.becomes?.[0]).toBe(becomes);
  });

  test('a return code that depends on the step says all of it', () => {
    expect(findCode('CKR_FUNCTION_FAILED')[0]?.becomes).toEqual([
      'E_CARD_ERROR',
      'E_PIN_FORMAT',
      'E_INPUT_REQUIRED',
    ]);
    expect(Object.keys(CKR).every((name) => findCode(`CKR_${name}`).length === 1)).toBe(true);
  });

  test.each([
    ['[E_PIN_LOCKED]', 'E_PIN_LOCKED'],
    ['soa-01001', 'SOA-01001'],
    ['SOA-01001.', 'SOA-01001'],
    ['wst:InvalidRequest', 'InvalidRequest'],
    ['ws-trust:InvalidRequest', 'InvalidRequest'],
    ['samlp:RequestDenied', 'RequestDenied'],
    ['AUTH_CERT_NOT_YET_VALID[01/03/2026 08:00]', 'AUTH_CERT_NOT_YET_VALID'],
    ['  unknown_niss_routing ', 'UNKNOWN_NISS_ROUTING'],
  ])('%j as somebody copied it', (given, code) => {
    expect(findCode(given).map((found) => found.code)).toEqual([code]);
  });

  test('codes of MemberData keep who must act, and whether asking again helps', () => {
    expect(DETAIL_CODES.every((code) => findCode(code)[0]?.system === 'memberdata')).toBe(true);
    expect(findCode('SEND_TO_IM_EXCEPTION')[0]).toMatchObject({
      fault: 'platform',
      retryable: true,
    });
    expect(findCode('INVALID_ISSUER_VALUE')[0]).toMatchObject({
      fault: 'config',
      commands: ['topaz profile set mycarenet.nihii NUMBER'],
    });
  });

  test.each([
    '',
    ' ',
    'constructor',
    '__proto__',
    'toString',
    '0xffff',
    'E_',
    '[]',
    'a'.repeat(5000),
  ])('nothing for %j', (code) => {
    expect(findCode(code)).toEqual([]);
  });

  test.each([
    ['E_PIN_LOKED', 'E_PIN_LOCKED'],
    ['SOA-01011', 'SOA-01001'],
    ['CKR_PIN_LOCK', 'CKR_PIN_LOCKED'],
    ['UNKNOWN_NISS', 'UNKNOWN_NISS_ROUTING'],
    ['BO_UNKNOWN_NIS', 'BO_UNKNOWN_NISS'],
  ])('%s is near %s', (given, meant) => {
    expect(nearCodes(given)).toContain(meant);
    expect(nearCodes(given).length).toBeLessThanOrEqual(3);
  });
});

describe('topaz explain', () => {
  test('in lines for a person, in the language asked for', async () => {
    const ctx = testContext({ terminal: true, io: { columns: 80 } });
    expect(await main(['explain', 'SOA-01001', '--lang', 'fr', '--no-color'], ctx)).toBe(0);
    expect(ctx.stdout[0]).toBe('SOA-01001  eHealth, tous les services');
    expect(ctx.stdout).toContain('Qui doit agir');
    expect(ctx.stdout).toContain('  $ topaz session open --force');
    expect(ctx.stdout.every((line) => line.length <= 80)).toBe(true);
  });

  test('one record each in a pipe, one document with --json', async () => {
    const piped = await topaz('explain', '810');
    expect(piped.ctx.stdout).toHaveLength(1);
    expect(piped.ctx.stdout[0]?.split('\t').slice(0, 3)).toEqual(['810', 'ehbox', 'profile']);
    const { status, ctx } = await topaz('explain', 'CKR_PIN_LOCKED', '--json', '--lang', 'nl');
    expect(status).toBe(0);
    expect(JSON.parse(ctx.stdout.join('\n'))).toMatchObject({
      schema: 'topaz.explain/1',
      code: 'CKR_PIN_LOCKED',
      language: 'nl',
      explanations: [
        {
          system: 'card',
          meaning: ['de pincode is geblokkeerd'],
          fault: 'card',
          becomes: ['E_PIN_LOCKED'],
        },
      ],
    });
  });

  test('an unknown code is a matter of usage, with what may be meant', async () => {
    const { status, ctx } = await topaz('explain', 'E_PIN_LOKED');
    expect(status).toBe(2);
    expect(ctx.stdout).toEqual([]);
    expect(ctx.stderr.join('\n')).toContain('"E_PIN_LOCKED"');
    const odd = await topaz('explain', `\u001b[2J${'x'.repeat(400)}`);
    expect(odd.status).toBe(2);
    expect(odd.ctx.stderr.join('\n')).not.toContain('\u001b');
    expect(odd.ctx.stderr.join('\n')).not.toMatch(/x{60}/);
  });
});
