/** What every command line shares: help, mistakes, errors, languages. Through the whole program. */

import { describe, expect, test } from '@jest/globals';

import { PipeClosed } from '../../src/cli/context.js';
import { report } from '../../src/cli/report.js';
import { EXIT, FAMILY, PinError, SoapFaultError, TopazError } from '../../src/errors.js';
import { formatSsin } from '../../src/ids/ssin.js';
import { main } from '../../src/main.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import { testContext } from '../support/context.js';
import type { ContextOverrides, TestContext } from '../support/context.js';

async function topaz(
  argv: readonly string[],
  overrides: ContextOverrides = {},
): Promise<{ status: number; ctx: TestContext }> {
  const ctx = testContext(overrides);
  return { status: await main(argv, ctx), ctx };
}

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('the overview: topaz %j', async (argv) => {
    const { status, ctx } = await topaz(argv);
    expect(status).toBe(0);
    expect(ctx.stderr).toEqual([]);
    expect(ctx.stdout[0]).toBe(
      'Certificates, sessions and messages of the Belgian eHealth platform',
    );
    for (const title of [
      'Card and certificate',
      'Session',
      'Messages and services',
      'Keys and settings',
      'Trying out',
    ]) {
      expect(ctx.stdout.some((line) => line.startsWith(`${title} `))).toBe(true);
    }
  });

  test('a bare group shows its help on stderr and fails', async () => {
    const { status, ctx } = await topaz(['profile']);
    expect(status).toBe(2);
    expect(ctx.stdout).toEqual([]);
    expect(ctx.stderr).toContain('Usage: topaz profile <command>');
  });

  test('a bare group under --json ends with the error document', async () => {
    const { status, ctx } = await topaz(['profile', '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(ctx.stderr.at(-1) ?? '')).toMatchObject({
      schema: 'topaz.error/1',
      error: { code: 'E_USAGE', exitCode: 2 },
    });
  });

  test.each([
    [['profile', 'set', '--help']],
    [['--help', 'profile', 'set']],
    [['profile', '-h', 'set', 'key', 'value']],
    [['-p', 'cabinet', 'profile', 'set', '--help', '--json=nonsense']],
    [['help', 'profile', 'set']],
  ])('of a verb, wherever the flag stands: %j', async (argv) => {
    const { status, ctx } = await topaz(argv);
    expect(status).toBe(0);
    expect(ctx.stdout).toContain('Usage: topaz profile set <key> <value>');
    expect(ctx.stdout.indexOf('Examples:')).toBeLessThan(ctx.stdout.indexOf('Arguments:'));
  });

  test('--help behind -- is an argument', async () => {
    const { status, ctx } = await topaz(['profile', 'set', 'holder.quality', '--', '--help'], {
      env: { TOPAZ_HOME: '/dev/null/nowhere' },
    });
    expect(status).not.toBe(0);
    expect(ctx.stdout).toEqual([]);
  });

  test('in the language of the person, with the same flags', async () => {
    const { ctx } = await topaz(['profile', 'create', '--help', '--lang', 'fr']);
    expect(ctx.stdout).toContain('Utilisation : topaz profile create <name> [flags]');
    expect(ctx.stdout.join('\n')).toContain('--use');
  });

  test.each([
    'environment', 'exit-codes', 'json', 'secrets', 'files', 'profiles', 'sandbox', 'flags', 'glossary',
  ])('the topic %s fits the page', async (topic) => {
    for (const lang of ['en', 'fr', 'nl', 'de']) {
      const { status, ctx } = await topaz(['help', topic, '--lang', lang]);
      expect(status).toBe(0);
      expect(ctx.stdout.length).toBeGreaterThan(8);
      expect(Math.max(...ctx.stdout.map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  }); // prettier-ignore

  test('the exit codes are those of the source', async () => {
    const { ctx } = await topaz(['help', 'exit-codes']);
    for (const [family, status] of Object.entries(EXIT)) {
      expect(
        ctx.stdout.some(
          (line) => line.trim().startsWith(`${status} `) && line.includes(`${family}:`),
        ),
      ).toBe(true);
    }
  });

  test('the people of the sandbox are those of its seed', async () => {
    const { ctx } = await topaz(['help', 'sandbox']);
    const text = ctx.stdout.join('\n');
    const { persons, organisations, patients } = demoSeed();
    for (const person of persons) {
      expect(text).toContain(formatSsin(person.ssin));
      expect(text).toContain(`${person.firstName} ${person.lastName}`);
    }
    for (const { type, id, name } of organisations) {
      expect(text).toContain(`${type}=${id}`);
      expect(text).toContain(name);
    }
    for (const shown of ['85061199814', '60031599728', '85071599796']) {
      expect(patients.some(({ ssin }) => ssin === shown)).toBe(true);
      expect(text).toContain(formatSsin(shown));
    }
    expect(text).toContain(`Patients: ${patients.length},`);
  });

  test('an unknown topic, with what was meant', async () => {
    const { status, ctx } = await topaz(['help', 'exit-code']);
    expect(status).toBe(2);
    expect(ctx.stderr.at(-1)).toBe('  next: did you mean "exit-codes"?');
  });

  test('as a document', async () => {
    const { ctx } = await topaz(['help', 'json', '--json']);
    expect(JSON.parse(ctx.stdout.join(''))).toMatchObject({
      schema: 'topaz.help/1',
      topic: 'json',
    });
  });

  test('the version alone', async () => {
    const { status, ctx } = await topaz(['--version', 'profile', 'list']);
    expect({ status, stdout: ctx.stdout }).toEqual({ status: 0, stdout: ['topaz 0.0.0'] });
  });
});

describe('mistakes on the line', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      'a noun',
      ['crt', 'status'],
      [
        'topaz: unknown command "crt" [E_USAGE]',
        '  next: did you mean "cert"?  (topaz --help lists all)',
      ],
    ],
    [
      'a verb',
      ['profile', 'shwo'],
      [
        'topaz: unknown command "shwo" of "topaz profile" [E_USAGE]',
        '  next: did you mean "show"?  (topaz profile --help lists all)',
      ],
    ],
    [
      'a noun like no other',
      ['xyzzy'],
      ['topaz: unknown command "xyzzy" [E_USAGE]', '  next: topaz --help lists all'],
    ],
    [
      'a flag',
      ['profile', 'show', '--orgin'],
      [
        'topaz: unknown flag "--orgin" for "topaz profile show" [E_USAGE]',
        '  next: did you mean "--origin"?  (topaz profile show --help lists all)',
      ],
    ],
    [
      'a global flag',
      ['profile', 'list', '--jsn'],
      [
        'topaz: unknown flag "--jsn" for "topaz profile list" [E_USAGE]',
        '  next: did you mean "--json"?  (topaz profile list --help lists all)',
      ],
    ],
    [
      'a flag before the verb',
      ['profile', '--origin', 'show'],
      [
        'topaz: unknown flag "--origin" for "topaz profile" [E_USAGE]',
        '  next: flags stand behind the verb; topaz profile --help lists the verbs',
      ],
    ],
    [
      'a flag of nobody',
      ['--foo'],
      ['topaz: unknown flag "--foo" for "topaz" [E_USAGE]', '  next: topaz --help lists all'],
    ],
    [
      'a missing argument',
      ['profile', 'set', 'holder.quality'],
      ['topaz: <value> is missing [E_USAGE]', '  next: topaz profile set --help'],
    ],
    [
      'an argument too many',
      ['profile', 'use', 'a', 'b'],
      [
        'topaz: too many arguments for "topaz profile use" [E_USAGE]',
        '  next: topaz profile use --help',
      ],
    ],
    [
      'a flag without its value',
      ['profile', 'list', '--lang'],
      ['topaz: --lang <code> needs a value [E_USAGE]', '  next: topaz --help'],
    ],
    [
      'a value outside the list',
      ['sandbox', 'card', 'create', '--key', 'dsa'],
      [
        'topaz: --key <type> does not take this value [E_USAGE]',
        '  Allowed choices are ec, rsa',
        '  next: topaz sandbox card create --help',
      ],
    ],
    [
      'an environment that is none',
      ['profile', 'list', '--env', 'live'],
      [
        'topaz: there is no such environment [E_USAGE]',
        '  environments: sandbox, int, acc, prod',
        '  next: topaz help environment',
      ],
    ],
  ])('%s', async (_, argv, stderr) => {
    const { status, ctx } = await topaz(argv);
    expect({ status, stdout: ctx.stdout, stderr: ctx.stderr }).toEqual({
      status: 2,
      stdout: [],
      stderr,
    });
  });

  test.each([
    [['eid', 'read', '--pin=8642'], 'PIN', '--pin-file'],
    [['eid', 'read', '--pin', '8642'], 'PIN', '--pin-file'],
    [['keystore', 'list', '--password=hunter-8642'], 'password', '--password-file'],
    [['keystore', 'list', '--keystore-password', 'hunter-8642'], 'password', '--password-file'],
    [['keystore', 'list', '--new-password=hunter-8642'], 'password', '--new-password-file'],
  ])('a secret on the line is explained and not repeated: %j', async (argv, what, flag) => {
    for (const extra of [[], ['--json'], ['--debug']]) {
      const { status, ctx } = await topaz([...argv, ...extra]);
      const text = [...ctx.stdout, ...ctx.stderr].join('\n');
      expect(status).toBe(2);
      expect(text).toContain(`a ${what} cannot be given on the command line`);
      expect(text).toContain(flag);
      expect(text).not.toContain('8642');
    }
  });

  test('the value of an unknown flag is not repeated either', async () => {
    const { ctx } = await topaz(['profile', 'list', '--token=8642']);
    expect(ctx.stderr.join('\n')).toContain('"--token"');
    expect(ctx.stderr.join('\n')).not.toContain('8642');
  });

  test('the made-up PIN of a test card is no secret', async () => {
    const { ctx } = await topaz(['sandbox', 'card', 'create', '--pin', '1234']);
    expect(ctx.stderr[0]).not.toContain('command line');
  });
});

describe('the report of an error', () => {
  const shown = async (
    error: unknown,
    settings: Partial<Parameters<typeof report>[2]> = {},
  ): Promise<{ status: number; stderr: string[] }> => {
    const ctx = testContext();
    const status = await report(error, ctx.io, {
      lang: 'en',
      json: false,
      debug: false,
      color: false,
      ...settings,
    });
    return { status, stderr: ctx.stderr };
  };
  const fault = new SoapFaultError(
    { service: 'ehbox', statusCode: 500, faultCode: 'SOA-03001', faultString: 'Invalid\u001b[2J request', ticket: 'ABC' },
    { hint: 'ask eHealth' },
  ); // prettier-ignore

  test('three parts, the next step last, the words of the service verbatim and harmless', async () => {
    expect(await shown(fault)).toEqual({
      status: 7,
      stderr: [
        'topaz: ehbox refused the call [E_SOAP_FAULT]',
        '  eHealth: SOA-03001 Invalid[2J request',
        '  reference ABC',
        '  next: ask eHealth',
      ],
    });
  });

  test.each(['fr', 'nl', 'de'] as const)(
    'in %s the sentence of the catalog leads and the exact message follows',
    async (lang) => {
      const { stderr } = await shown(new PinError(2), { lang });
      expect(stderr[0]).toMatch(/^topaz: .+ \[E_PIN_INCORRECT\]$/);
      expect(stderr[0]).not.toContain('incorrect PIN');
      expect(stderr[1]).toBe('  incorrect PIN');
      expect(stderr[2]).toContain('2 tries left');
    },
  );

  test('as a document on the last line', async () => {
    const { status, stderr } = await shown(new PinError(2), { json: true });
    expect(status).toBe(5);
    expect(stderr).toHaveLength(1);
    expect(JSON.parse(stderr[0] ?? '')).toEqual({
      schema: 'topaz.error/1',
      error: {
        code: 'E_PIN_INCORRECT',
        message: 'incorrect PIN',
        hint: 'try again with the right PIN',
        exitCode: 5,
        facts: ['2 tries left before the card locks; nothing was sent'],
        details: { triesLeft: 2 },
      },
    });
  });

  test('a bug says that it is one, and nothing of what it holds', async () => {
    const { status, stderr } = await shown(new Error('PIN is 1234'));
    expect(status).toBe(1);
    expect(stderr[0]).toBe('topaz: unexpected error; this is a bug [E_INTERNAL]');
    expect(stderr.join('\n')).not.toContain('1234');
    expect((await shown('a string')).status).toBe(1);
    expect((await shown(undefined)).status).toBe(1);
  });

  test('a stack with --debug only, and redacted', async () => {
    const { stderr } = await shown(new TopazError('E_NETWORK', 'not reached', { cause: new Error('for 79021599732 password=hunter') }), { debug: true }); // prettier-ignore
    const text = stderr.join('\n');
    expect(text).toContain('frame.test');
    expect(text).not.toMatch(/997|hunter/);
    expect(stderr.at(-1)).toContain('[E_NETWORK]');
  });

  test('an interruption is one line', async () => {
    expect(await shown(new TopazError('E_INTERRUPTED', 'interrupted', { hint: 'x' }))).toEqual({
      status: 130,
      stderr: ['topaz: interrupted [E_INTERRUPTED]'],
    });
  });

  test.each(Object.keys(FAMILY) as (keyof typeof FAMILY)[])(
    '%s has the status of its family',
    async (code) => {
      expect((await shown(new TopazError(code, 'x'))).status).toBe(EXIT[FAMILY[code]]);
    },
  );
});

describe('an end from outside', () => {
  test('after Ctrl-C whatever fails is an interruption', async () => {
    const ctx = testContext({ env: { TOPAZ_HOME: '/dev/null/nowhere' } });
    ctx.abort();
    expect(await main(['profile', 'list'], ctx)).toBe(130);
    expect(ctx.stderr).toEqual(['topaz: interrupted [E_INTERRUPTED]']);
  });

  test('a closed pipe is no failure and says nothing', async () => {
    const ctx = testContext({
      env: { TOPAZ_HOME: '/dev/null/nowhere' },
      signal: AbortSignal.abort(new PipeClosed()),
    });
    expect(await main(['profile', 'list'], ctx)).toBe(0);
    expect(ctx.stderr).toEqual([]);
  });
});

describe('an error in another language', () => {
  test.each<[string, readonly string[], ContextOverrides]>([
    ['--lang', ['crt', '--lang', 'fr'], {}],
    ['--lang=', ['crt', '--lang=fr'], {}],
    ['TOPAZ_LANG', ['crt'], { env: { TOPAZ_LANG: 'fr' } }],
    ['LANG', ['crt'], { env: { LANG: 'fr_BE.UTF-8' } }],
  ])('by %s', async (_, argv, overrides) => {
    const { ctx } = await topaz(argv, overrides);
    expect(ctx.stderr).toEqual([
      "topaz: la ligne de commande n'est pas correcte [E_USAGE]",
      '  unknown command "crt"',
      '  suite : did you mean "cert"?  (topaz --help lists all)',
    ]);
  });
});
