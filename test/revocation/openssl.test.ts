/** Our client against the responder and the lists of openssl. */

import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { createRevocationChecker } from '../../src/revocation/checker.js';
import type { CheckerOptions } from '../../src/revocation/checker.js';
import { openCopies } from '../../src/revocation/copies.js';
import { createFetch } from '../../src/revocation/fetch.js';
import { checkPathStatus } from '../../src/revocation/path-status.js';
import { judgeOcspResponse } from '../../src/x509/ocsp-response.js';
import { readDer } from '../../src/der/reader.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { buildOcspRequest } from '../../src/x509/ocsp-request.js';
import { lookUp, parseCrl } from '../../src/x509/crl.js';
import { hasProgram } from '../support/tools.js';
import { createOpensslCa, fillIndex, freePort } from './openssl-ca.js';
import type { OpensslCa, Responder } from './openssl-ca.js';

async function basicResponse(
  certificate: Certificate,
  issuer: Certificate,
  url: string,
): Promise<Uint8Array> {
  const fetch = createFetch({ reach: 'loopback', userAgent: 'test' });
  const der = await fetch(url, {
    body: buildOcspRequest(certificate, issuer),
    contentType: 'application/ocsp-request',
    maxBytes: 100_000,
  });
  return readDer(der).children[1]!.children[0]!.children[1]!.content;
}

const there = hasProgram('openssl');
const suite = there ? describe : describe.skip;

suite('against openssl', () => {
  let ca: OpensslCa;
  let lists: Server;
  let listUrl: string;
  let list: Uint8Array;
  let responder: Responder;
  let folder: string;
  let asked: string[];

  beforeAll(async () => {
    ca = createOpensslCa();
    lists = createServer((_, response) => response.end(list));
    await new Promise<void>((resolve) => lists.listen(0, '127.0.0.1', resolve));
    listUrl = `http://127.0.0.1:${(lists.address() as AddressInfo).port}/list.crl`;
    ca.issue('responder', [
      'extendedKeyUsage=OCSPSigning',
      'noCheck=ignored',
      'keyUsage=critical,digitalSignature',
    ]);
    responder = await ca.respond('responder', '-nmin', '30');
    const places = [
      `authorityInfoAccess=OCSP;URI:${responder.url}`,
      `crlDistributionPoints=URI:${listUrl}`,
    ];
    for (const name of ['good', 'gone', 'left']) {
      ca.issue(name, places);
    }
    for (const name of ['list-good', 'list-gone']) {
      ca.issue(name, [`crlDistributionPoints=URI:${listUrl}`]);
    }
    ca.issue('silent');
    ca.revoke('gone', 'keyCompromise');
    ca.revoke('list-gone', 'affiliationChanged');
    list = ca.crl();
    // The responder reads its index once.
    responder.stop();
    const port = Number(new URL(responder.url).port);
    responder = await ca.respondAt(port, 'responder', '-nmin', '30');
  });

  afterAll(() => {
    responder.stop();
    lists.close();
    ca.remove();
  });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'topaz-revocation-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const checker = (options: Partial<CheckerOptions> = {}) => {
    asked = [];
    const fetch = createFetch({ reach: 'loopback', userAgent: 'test' });
    return createRevocationChecker({
      fetch: (url, request) => {
        asked.push(request.body === undefined ? 'crl' : 'ocsp');
        return fetch(url, request);
      },
      copies: openCopies(folder),
      now: () => new Date(),
      ...options,
    });
  };
  const statusOf = (name: string, options: Partial<CheckerOptions> = {}) =>
    checker(options).check(ca.certificateOf(name), ca.certificate);

  test('good and revoked by OCSP, with date and reason', async () => {
    expect(await statusOf('good')).toMatchObject({
      state: 'good',
      source: { kind: 'ocsp', url: responder.url, cached: false },
    });
    const status = await statusOf('gone');
    expect(status).toMatchObject({ state: 'revoked', reason: 'keyCompromise' });
    if (status.state === 'revoked') {
      expect(Math.abs(status.revokedAt.getTime() - Date.now())).toBeLessThan(60_000);
    }
    expect(asked).toEqual(['ocsp']);
  });

  test('what was revoked later was good at that moment', async () => {
    const at = new Date(Date.now() - 3_600_000);
    expect(await checker().check(ca.certificateOf('gone'), ca.certificate, { at })).toMatchObject({
      state: 'good',
    });
  });

  test('good and revoked by list', async () => {
    expect(await statusOf('list-good')).toMatchObject({ state: 'good', source: { kind: 'crl' } });
    expect(await statusOf('list-gone')).toMatchObject({
      state: 'revoked',
      reason: 'affiliationChanged',
      source: { kind: 'crl', url: listUrl },
    });
  });

  test('a certificate that names nothing', async () => {
    expect(await statusOf('silent')).toMatchObject({ state: 'unknown', cause: 'no-source' });
    expect(asked).toEqual([]);
  });

  test('answers are kept, privately, and serve offline', async () => {
    expect(await statusOf('good', { offline: true })).toMatchObject({
      state: 'unknown',
      cause: 'offline',
    });
    await statusOf('good');
    await statusOf('list-gone');
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await statusOf('good', { offline: true })).toMatchObject({
      state: 'good',
      source: { cached: true },
    });
    expect(await statusOf('list-gone', { offline: true })).toMatchObject({
      state: 'revoked',
      source: { cached: true },
    });
    expect(asked).toEqual([]);
    await statusOf('good');
    expect(asked).toEqual([]);
    await statusOf('good', { fresh: true });
    expect(asked).toEqual(['ocsp']);
  });

  test('a copy serves no longer than it says, nor before its day', async () => {
    await statusOf('good');
    const later = new Date(Date.now() + 3 * 3_600_000);
    expect(await statusOf('good', { offline: true, now: () => later })).toMatchObject({
      state: 'unknown',
    });
    const before = new Date(Date.now() - 3 * 3_600_000);
    expect(await statusOf('good', { offline: true, now: () => before })).toMatchObject({
      state: 'unknown',
    });
  });

  test('a copy that somebody changed is asked anew', async () => {
    await statusOf('list-gone');
    const copies = openCopies(folder);
    const [name = ''] = readdirSync(folder);
    const key = name.slice(0, 64);
    const bytes = (await copies.read('crl', key)) ?? new Uint8Array();
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
    await copies.write('crl', key, bytes);
    expect(await statusOf('list-gone')).toMatchObject({ state: 'revoked' });
    expect(asked).toEqual(['crl']);
  });

  test('a path: the root is not asked about', async () => {
    const path = [ca.certificateOf('good'), ca.certificate];
    expect(await checkPathStatus(checker(), path)).toMatchObject({ state: 'good' });
    expect(asked).toEqual(['ocsp']);
  });

  test('signed by the issuer itself, without an end', async () => {
    const port = await freePort();
    ca.issue('by-issuer', [`authorityInfoAccess=OCSP;URI:http://127.0.0.1:${port}/`]);
    const own = await ca.respondAt(port, 'ca');
    try {
      expect(await statusOf('by-issuer')).toMatchObject({
        state: 'good',
        source: { nextUpdate: undefined },
      });
      // What does not say until when it counts is not kept.
      expect(await statusOf('by-issuer', { offline: true })).toMatchObject({ state: 'unknown' });
    } finally {
      own.stop();
    }
  });

  test.each([
    ['a certificate of the CA without the purpose', 'left', 'did not name'],
    ['a responder of another name', 'stranger', 'did not name'],
  ])('refuses the signature of %s', async (_, signer, why) => {
    if (signer === 'stranger') {
      const other = createOpensslCa();
      other.issue('stranger', ['extendedKeyUsage=OCSPSigning']);
      ca.adopt(other, 'stranger');
      other.remove();
    }
    const wrong = await ca.respond(signer, '-nmin', '30');
    try {
      const certificate = { ...ca.certificateOf('good'), ocspUrls: [wrong.url], crlUrls: [] };
      const status = await checker().check(certificate, ca.certificate);
      expect(status).toMatchObject({ state: 'unknown', cause: 'invalid' });
      expect(status).toHaveProperty('detail', expect.stringContaining(why));
    } finally {
      wrong.stop();
    }
  });

  test('an unknown status of a responder is no good one, even where a list is silent', async () => {
    const certificate = { ...ca.certificateOf('good'), serial: 0x7777n };
    expect(await checker().check(certificate, ca.certificate)).toMatchObject({
      state: 'unknown',
      cause: 'not-known',
    });
  });

  test('an answer that came with a message counts for its moment, and nobody is asked', async () => {
    const certificate = ca.certificateOf('good');
    const basic = await basicResponse(certificate, ca.certificate, responder.url);
    const other = await basicResponse(ca.certificateOf('gone'), ca.certificate, responder.url);
    const at = new Date();
    expect(
      await checker().check(certificate, ca.certificate, { at, embedded: [other, basic] }),
    ).toMatchObject({ state: 'good', source: { kind: 'ocsp', url: undefined } });
    expect(asked).toEqual([]);
    // One about another certificate, and one from before the message was signed.
    await checker().check(certificate, ca.certificate, { at, embedded: [other] });
    expect(asked).toEqual(['ocsp']);
    const later = new Date(Date.now() + 3_600_000);
    rmSync(folder, { recursive: true, force: true });
    await checker().check(certificate, ca.certificate, { at: later, embedded: [basic] });
    expect(asked).toEqual(['ocsp']);
  });

  test('a responder that may be asked about itself: good, and revoked', async () => {
    ca.issue('asked', ['extendedKeyUsage=OCSPSigning', `crlDistributionPoints=URI:${listUrl}`]);
    const own = await ca.respond('asked', '-nmin', '30');
    const before = list;
    try {
      const certificate = { ...ca.certificateOf('good'), ocspUrls: [own.url], crlUrls: [] };
      expect(await checker().check(certificate, ca.certificate)).toMatchObject({ state: 'good' });
      ca.revoke('asked');
      list = ca.crl();
      rmSync(folder, { recursive: true, force: true });
      expect(await checker().check(certificate, ca.certificate)).toMatchObject({
        state: 'unknown',
        cause: 'invalid',
        detail: expect.stringContaining('was revoked'),
      });
    } finally {
      list = before;
      own.stop();
    }
  });

  test('garbage from a place is no answer', () => {
    const question = {
      certificate: ca.certificateOf('good'),
      issuer: ca.certificate,
      now: new Date(),
    };
    expect(judgeOcspResponse(Buffer.from('<html>'), question).state).toBe('refused');
  });

  test('a list with many entries is read in linear time', () => {
    const big = createOpensslCa();
    const count = process.env['TOPAZ_DEEP'] === '1' ? 200_000 : 20_000;
    fillIndex(big, count);
    const bytes = big.crl();
    const started = performance.now();
    const crl = parseCrl(bytes);
    expect(lookUp(crl, 0x10000000n + BigInt(count - 1))).toMatchObject({
      state: 'revoked',
      reason: 'superseded',
    });
    expect(lookUp(crl, 5n)).toEqual({ state: 'good' });
    expect(performance.now() - started).toBeLessThan(count / 5);
    big.remove();
  });

  test.each([
    ['delta', '[ext]\n2.5.29.27=critical,ASN1:INTEGER:1'],
    ['indirect', '[ext]\nissuingDistributionPoint=critical,@idp\n[idp]\nindirectCRL=TRUE'],
    [
      'partial',
      '[ext]\nissuingDistributionPoint=critical,@idp\n[idp]\nonlysomereasons=keyCompromise',
    ],
  ])('refuses a list that is %s', (_, section) => {
    expect(() => parseCrl(ca.crlWith(section))).toThrow(/revocation list/);
  });

  test('a list for CAs alone says nothing about a person', async () => {
    const before = list;
    list = ca.crlWith('[ext]\nissuingDistributionPoint=critical,@idp\n[idp]\nonlyCA=TRUE');
    try {
      expect(await statusOf('list-gone')).toMatchObject({ state: 'unknown', cause: 'invalid' });
    } finally {
      list = before;
    }
  });

  test('a list of another issuer of the same name is refused', async () => {
    const other = createOpensslCa();
    const before = list;
    list = other.crl();
    other.remove();
    try {
      expect(await statusOf('list-gone')).toMatchObject({
        state: 'unknown',
        cause: 'invalid',
        detail: expect.stringContaining('not signed by the issuer'),
      });
    } finally {
      list = before;
    }
  });
});
