import { describe, expect, test } from '@jest/globals';

import { failCommand } from '../../src/commands/sandbox/fail.js';
import { hit, hintsOf, makeRule, spoil } from '../../src/sandbox/faults.js';
import { rearrange, STS_FAULT_KINDS } from '../../src/sandbox/sts-faults.js';
import { testContext } from '../support/context.js';

describe('makeRule', () => {
  test.each(['refused', 'http:503', 'fault:SOA-02002', 'slow:100', 'xml:bomb', 'lost'])(
    'takes %s',
    (kind) => {
      expect(makeRule('sts', kind)).toEqual({ target: 'sts', kind, times: null, after: 0 });
    },
  );

  test.each([
    ['nothing', 'refused'],
    ['sts', 'http:999'],
    ['sts', 'slow:0'],
    ['sts', 'explode'],
    ['sts', 'fault:'],
  ])('refuses %s --with %s', (target, kind) => {
    expect(() => makeRule(target, kind)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});

describe('kinds of the STS alone', () => {
  test.each([...STS_FAULT_KINDS.filter((kind) => kind !== 'expiring:SECONDS'), 'expiring:60'])(
    'takes %s, for no other service',
    (kind) => {
      expect(makeRule('sts.Challenge', kind)).toMatchObject({ kind });
      expect(() => makeRule('memberdata', kind)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    },
  ); // prettier-ignore

  test.each(['expiring:SECONDS', 'expiring:0', 'expiring:', 'wrapped:', 'wrapped:other'])(
    'refuses %s',
    (kind) => {
      expect(() => makeRule('sts', kind)).toThrow(
        expect.objectContaining({ hint: expect.stringContaining('wrapped:header') as unknown }),
      );
    },
  );

  test('each stands in the help of the command', () => {
    let help = '';
    const command = failCommand(testContext()).configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    const words = new Set(help.split(/\s+/));
    expect(STS_FAULT_KINDS.filter((kind) => !words.has(kind))).toEqual([]);
  });

  test('an answer without assertion stays as it is', () => {
    const answer = '<soap:Envelope><soap:Body><wst:SignChallenge/></soap:Body></soap:Envelope>';
    expect(rearrange('wrapped:header', answer)).toBe(answer);
    expect(rearrange(undefined, answer)).toBe(answer);
  });
});

describe('hit', () => {
  test('counts: lets --after pass, strikes --times, then is used up', () => {
    let rules = [makeRule('sts.RequestSecurityToken', 'reset', { times: 2, after: 1 })];
    const kinds: (string | undefined)[] = [];
    for (let n = 0; n < 4; n += 1) {
      const struck = hit(rules, 'sts', 'RequestSecurityToken');
      kinds.push(struck.kind);
      rules = struck.rules;
    }
    expect(kinds).toEqual([undefined, 'reset', 'reset', undefined]);
    expect(rules).toEqual([]);
  });

  test('leaves other operations and services alone', () => {
    const rules = [makeRule('sts.Other', 'reset'), makeRule('certra', 'reset')];
    expect(hit(rules, 'sts', 'RequestSecurityToken')).toEqual({ kind: undefined, rules });
  });

  test('a rule for a whole service strikes every operation for ever', () => {
    const { kind, rules } = hit([makeRule('etkdepot', 'http:503')], 'etkdepot', 'GetEtk');
    expect(kind).toBe('http:503');
    expect(rules).toHaveLength(1);
  });
});

describe('spoil', () => {
  const body = Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><soap:Envelope><soap:Body><p:A><ds:Signature>s</ds:Signature></p:A></soap:Body></soap:Envelope>',
  );

  test('truncated keeps half, oversized adds tens of megabytes', () => {
    expect(spoil('truncated', body)).toEqual(body.subarray(0, Math.floor(body.length / 2)));
    expect(spoil('oversized', body).length).toBeGreaterThan(32 * 1024 * 1024);
  });

  test('hostile answers hold what their name says', () => {
    expect(spoil('xml:dtd', body).toString()).toContain('<!DOCTYPE');
    expect(spoil('xml:bomb', body).toString()).toContain('&e9;');
    expect(spoil('xml:deep', body).toString().match(/<d>/g)?.length).toBeGreaterThan(10_000);
    const wrapped = spoil('xml:wrapped', body).toString();
    expect(wrapped).toContain('<soap:Header><p:A><ds:Signature>');
    expect(wrapped).toContain('<soap:Body><p:A></p:A></soap:Body>');
  });

  test('others leave the answer alone', () => {
    expect(spoil('reset', body)).toBe(body);
    expect(hintsOf('expired')).toMatchObject({ expired: true, badSignature: false });
  });
});
