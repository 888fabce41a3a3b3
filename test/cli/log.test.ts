/** The log's redactor: what must never stand in a log, whoever passed it. */

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createLog, redact } from '../../src/cli/log.js';

describe('redact', () => {
  test.each([
    [
      'an assertion',
      '<saml:Assertion ID="_1"><saml:Subject>x</saml:Subject></saml:Assertion>',
      'Subject',
    ],
    ['a token', '<wsse:BinarySecurityToken>MIIB</wsse:BinarySecurityToken>', 'MIIB'],
    ['a signature value', '<ds:SignatureValue>\nAAAA\n</ds:SignatureValue>', 'AAAA'],
    ['a licence password', '<Password Type="x">hunter2</Password>', 'hunter2'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIIEv\n-----END PRIVATE KEY-----', 'MIIEv'],
    ['a cut private key', '-----BEGIN EC PRIVATE KEY-----\nMIIEv', 'MIIEv'],
    ['a PIN', 'pin=1234 next', '1234'],
    ['a password in JSON', '{"password":"correct horse","x":1}', 'correct horse'],
    ['base64 of any length that matters', 'A'.repeat(200), 'A'.repeat(100)],
    ['an SSIN', 'patient 79021599732 asked', '997'],
    ['an SSIN with dots', 'patient 79.02.15-997.32 asked', '997'],
  ])('takes out %s', (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });

  test('keeps the birth date of an SSIN, and numbers that are none', () => {
    expect(redact('79021599732')).toBe('79.02.15-***.**');
    expect(redact('nihii 19547181004')).toBe('nihii 19547181004');
    expect(redact('soap ehbox.consultation GetMessagesList 200 412ms')).toBe(
      'soap ehbox.consultation GetMessagesList 200 412ms',
    );
  });
});

describe('the file', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'topaz-log-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  test('is private even when it was not, and gets one redacted line per event at once', async () => {
    const file = join(dir, 'log');
    await writeFile(file, 'older\n', { mode: 0o644 });
    const shown: string[] = [];
    const log = createLog({
      now: () => new Date('2026-03-01T08:12:44.567Z'),
      show: (line) => shown.push(line),
      file,
    });
    log?.('soap sts pin=1234');
    expect(await readFile(file, 'utf8')).toBe(
      'older\n2026-03-01T08:12:44Z debug soap sts pin=[redacted]\n',
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(shown).toEqual(['2026-03-01T08:12:44Z debug soap sts pin=[redacted]']);
  });

  test('that cannot be written stops the command before anything else', () => {
    expect(() =>
      createLog({ now: () => new Date(0), show: undefined, file: join(dir, 'no', 'log') }),
    ).toThrow(expect.objectContaining({ code: 'E_FILE_NOT_FOUND' }));
  });

  test('nobody wants one: there is none', () => {
    expect(createLog({ now: () => new Date(0), show: undefined, file: undefined })).toBeUndefined();
  });
});
