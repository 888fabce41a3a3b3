import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  addressOf,
  boxFolderName,
  formatAddress,
  identifierOf,
  parseBoxAddress,
  sameAddress,
} from '../../src/ehbox/address.js';
import { partFileName, safeName } from '../../src/ehbox/file-names.js';
import { htmlToText } from '../../src/ehbox/html-text.js';
import { matchSigner } from '../../src/ehbox/signer-match.js';
import { sniffMimeType } from '../../src/ehbox/sniff.js';

describe('safeName', () => {
  test.each([
    ['results.pdf', 'results.pdf'],
    ['Résultats du 3.txt', 'Résultats du 3.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\letter.txt', 'letter.txt'],
    ['/', 'annex'],
    ['', 'annex'],
    ['..', 'annex'],
    ['.htaccess', 'htaccess'],
    ['name. . ', 'name'],
    ['a\u0000b\u001b[31m.txt', 'ab[31m.txt'],
    ['rapport\u202Efdp.exe', 'rapportfdp.exe.blocked'],
    ['zero\u200Bwidth.txt', 'zerowidth.txt'],
    ['CON', 'CON_'],
    ['con.tar.gz', 'con_.tar.gz'],
    ['LPT1.txt', 'LPT1_.txt'],
    ['a<b>c:d"e|f?g*.txt', 'abcdefg.txt'],
    ['x.exe:stream.txt', 'x.exestream.txt'],
    ['invoice.EXE', 'invoice.EXE.blocked'],
    ['invoice.exe. ', 'invoice.exe.blocked'],
    ['page.html', 'page.html.blocked'],
    ['photo.svg', 'photo.svg.blocked'],
    ['e\u0301.txt', 'é.txt'],
    ['\uD800.txt', 'txt'],
  ])('%j is %j', (original, safe) => {
    expect(safeName(original)).toBe(safe);
  });

  test('at most 100 bytes, the extension kept, no character cut', () => {
    const name = safeName(`${'é'.repeat(200)}.pdf`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(100);
    expect(name).toMatch(/^é+\.pdf$/);
    expect(Buffer.byteLength(safeName(`a.${'x'.repeat(300)}`))).toBeLessThanOrEqual(100);
  });

  test('whatever comes in, it is one plain segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (original) => {
        const name = partFileName(1, original);
        expect(name).toMatch(/^01-[^/\\<>:"|?*\p{C}]+$/u);
        expect(name).not.toMatch(/[. ]$/);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(3 + 100 + '.blocked'.length);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('addresses', () => {
  const doctor = { type: 'NIHII', id: '19547181004', quality: 'DOCTOR' };

  test('eleven and eight digits, with and without subtype, are the same box', () => {
    expect(sameAddress(doctor, { ...doctor, id: '19547181' })).toBe(true);
    expect(sameAddress(doctor, { ...doctor, quality: 'NURSE' })).toBe(false);
    expect(boxFolderName(doctor)).toBe('NIHII-19547181-DOCTOR');
    expect(boxFolderName({ type: '../x', id: '/etc', quality: '..' })).toBe('___x-_etc-__');
  });

  test.each([
    [{ type: 'NIHII', id: '71234523', quality: 'LABO' }, 'NIHII-LABO=71234523'],
    [{ type: 'NIHII', id: '71234523', subType: 'LABO', quality: 'LABO' }, 'NIHII-LABO=71234523'],
    [{ type: 'INSS', id: '79021599732', quality: 'DOCTOR' }, 'SSIN=79021599732'],
    [doctor, 'NIHII=19547181004'],
    [{ type: 'CBE', id: '0809394427', quality: 'INSTITUTION' }, 'CBE=0809394427'],
  ])('%j is written %s', (address, text) => {
    expect(formatAddress(address)).toBe(text);
  });

  test('an organisation implies its quality, a person does not', () => {
    expect(parseBoxAddress('NIHII-GROUP=94499180')).toEqual({ type: 'NIHII', id: '94499180', subType: 'GROUP', quality: 'GROUP' }); // prettier-ignore
    expect(parseBoxAddress('SSIN=79.02.15-997.32:doctor')).toMatchObject({ type: 'INSS', quality: 'DOCTOR' }); // prettier-ignore
    expect(() => parseBoxAddress('SSIN=79021599732')).toThrow(expect.objectContaining({ code: 'E_IDENTIFIER_INVALID' })); // prettier-ignore
    expect(() => parseBoxAddress('SSIN=79021599732:do/ctor')).toThrow(expect.objectContaining({ code: 'E_IDENTIFIER_INVALID' })); // prettier-ignore
    expect(addressOf({ type: 'SSIN', id: '79021599732' }, undefined)).toBeUndefined();
    expect(identifierOf({ type: 'CBE', id: '1', quality: 'TREATMENT_CENTER' }).type).toBe('CBE-TREAT_CENTER'); // prettier-ignore
  });
});

describe('who sealed', () => {
  const labo = { type: 'NIHII', id: '71234523', quality: 'LABO' };

  test.each([
    ['the organisation itself', labo, { type: 'NIHII-LABO', id: '71234523' }, 'same'],
    ['its person', { ...labo, personInOrganisation: '79021599732' }, { type: 'SSIN', id: '79021599732' }, 'same'],
    ['someone else', labo, { type: 'NIHII-LABO', id: '71234524' }, 'different'],
    ['a person for an organisation', labo, { type: 'SSIN', id: '79021599732' }, 'different'],
    ['a person named by NIHII', { type: 'NIHII', id: '19547181', quality: 'DOCTOR' }, { type: 'SSIN', id: '79021599732' }, 'unknown'],
    ['a certificate without holder', labo, { type: '', id: '' }, 'unknown'],
  ])('%s', (_, sender, signer, match) => {
    expect(matchSigner(sender, signer)).toBe(match);
  }); // prettier-ignore
});

describe('what bytes look like', () => {
  test.each([
    ['%PDF-1.4', 'application/pdf'],
    ['MZ\x90', 'application/x-msdownload'],
    ['PK\x03\x04', 'application/zip'],
    [' <!DOCTYPE html>', 'text/html'],
    ['<?xml version="1.0"?>', 'application/xml'],
    ['hello', undefined],
    ['', undefined],
  ])('%j', (text, type) => {
    expect(sniffMimeType(Buffer.from(text, 'latin1'))).toBe(type);
  });
});

describe('htmlToText', () => {
  test.each([
    ['<p>Dear <b>colleague</b>,</p><p>bye</p>', 'Dear colleague,\nbye'],
    ['a<br/>b &amp; c &#233; &#xE9; &nbsp;d &unknown;', 'a\nb & c é é  d &unknown;'],
    ['<script>alert(1)</script><style>p{}</style>text', 'text'],
    ['<script>never closed', ''],
    ['text <b never closed', 'text'],
    ['<table><tr><td>a</td><td>b</td></tr></table>', 'a  b'],
    ['&#0;&#9999999;x', 'x'],
  ])('%j', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });
});
