/** The sandbox tells who was revoked: openssl asks, and so do we. */

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createRevocationChecker } from '../../src/revocation/checker.js';
import { openCopies } from '../../src/revocation/copies.js';
import { createFetch } from '../../src/revocation/fetch.js';
import { issueHolderCertificate } from '../../src/sandbox/citizen-pki.js';
import { makeRule } from '../../src/sandbox/faults.js';
import { issueFor } from '../../src/sandbox/keystores.js';
import { generateKey } from '../../src/sandbox/pki.js';
import { startRevocation } from '../../src/sandbox/revocation-server.js';
import type { RunningRevocation } from '../../src/sandbox/revocation-server.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { formatPem } from '../../src/x509/pem.js';
import { hasProgram } from '../support/tools.js';
import { publicKeyInfoOf } from '../x509/make.js';
import { openTestSandbox } from './ehbox-support.js';
import type { TestSandbox } from './ehbox-support.js';

const execute = promisify(execFile);
const suite = hasProgram('openssl') ? describe : describe.skip;

suite('the revocation service of the sandbox', () => {
  let world: TestSandbox;
  let service: RunningRevocation;
  let folder: string;
  let holder: Certificate;
  let card: Certificate;

  const start = async (): Promise<void> => {
    service = await startRevocation(world.sandbox, { write: () => Promise.resolve() });
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'topaz-ocsp-'));
    world = await openTestSandbox();
    world.setTime(new Date());
    await start();
    const { sandbox } = world;
    const key = publicKeyInfoOf(await generateKey('p256'));
    const issued = await issueFor(sandbox, { type: 'SSIN', id: '79021599732' }, key);
    holder = parseCertificate(issued.chain[0]!);
    card = issueHolderCertificate(
      sandbox.citizenPki.citizenCa,
      { ssin: '79021599732', firstNames: 'Jean', lastName: 'Exemple' },
      key,
      {
        purpose: 'Authentication',
        notBefore: new Date('2024-01-01T00:00:00Z'),
        notAfter: new Date('2034-01-01T00:00:00Z'),
      },
    );
  });

  afterAll(async () => {
    await service.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const pem = (name: string, certificate: Certificate): string => {
    const file = join(folder, `${name}.pem`);
    writeFileSync(file, formatPem('CERTIFICATE', certificate.der));
    return file;
  };
  /** Asks as openssl does; it must find the answer genuine and fresh. */
  const opensslOcsp = async (
    certificate: Certificate,
    issuer: Certificate,
    ...more: string[]
  ): Promise<string> => {
    const { stdout, stderr } = await execute('openssl', [
      'ocsp', ...more, '-issuer', pem('issuer', issuer), '-cert', pem('leaf', certificate),
      '-url', certificate.ocspUrls[0] ?? '', '-CAfile', pem('root', issuer), '-partial_chain',
    ]); // prettier-ignore
    return `${stdout}${stderr}`;
  };
  const check = (certificate: Certificate, issuer: Certificate) =>
    createRevocationChecker({
      fetch: createFetch({ reach: 'loopback', userAgent: 'test' }),
      copies: openCopies(join(folder, 'copies')),
      now: () => world.sandbox.now(),
      fresh: true,
    }).check(certificate, issuer);

  test('certificates say where to ask; the port stays', () => {
    const { pki, citizenPki } = world.sandbox;
    expect(holder.ocspUrls).toEqual([`${pki.revocationUrl}/ocsp/ehealth-ca`]);
    expect(holder.crlUrls).toEqual([`${pki.revocationUrl}/crl/ehealth-ca.crl`]);
    expect(pki.issuingCa.certificate.crlUrls).toEqual([
      `${pki.revocationUrl}/crl/ehealth-root.crl`,
    ]);
    expect(card.ocspUrls).toEqual([`${citizenPki.revocationUrl}/ocsp/citizen-ca`]);
    expect(citizenPki.citizenCa.certificate.crlUrls).toEqual([
      `${citizenPki.revocationUrl}/crl/root.crl`,
    ]);
    expect(pki.ehealthRoot.certificate.crlUrls).toEqual([]);
  });

  test('good, by our client', async () => {
    const { pki, citizenPki } = world.sandbox;
    expect(await check(holder, pki.issuingCa.certificate)).toMatchObject({ state: 'good' });
    expect(await check(card, citizenPki.citizenCa.certificate)).toMatchObject({ state: 'good' });
    expect(await check(pki.issuingCa.certificate, pki.ehealthRoot.certificate)).toMatchObject({
      state: 'good',
      source: { kind: 'crl' },
    });
  });

  test.each([
    ['revoked', 'bad-signature', 'the signature is not genuine'],
    ['expired', 'expired', 'out of date'],
    ['wrong-holder', 'wrong-holder', 'about another certificate'],
    ['fault:tryLater', 'fault:tryLater', 'tryLater'],
    ['truncated', 'truncated', 'cannot be read'],
    ['oversized', 'oversized', 'larger than'],
    ['http', 'http:503', 'HTTP status 503'],
    ['redirect', 'http:302', 'HTTP status 302'],
    ['reset', 'reset', 'cut'],
    ['refused', 'refused', 'cut'],
  ])('a fault of the responder is no answer: %s', async (_, kind, why) => {
    const { state, pki } = world.sandbox;
    state.faults = [makeRule('ocsp', kind, { times: 1 }), makeRule('crl', 'http:404')];
    rmSync(join(folder, 'copies'), { recursive: true, force: true });
    const status = await check(holder, pki.issuingCa.certificate);
    state.faults = [];
    expect(status).toMatchObject({ state: 'unknown' });
    expect(status).toHaveProperty('detail', expect.stringContaining(why));
  });

  test('where the responder fails, the list serves', async () => {
    const { state, pki } = world.sandbox;
    state.faults = [makeRule('ocsp', 'http:503')];
    rmSync(join(folder, 'copies'), { recursive: true, force: true });
    const status = await check(holder, pki.issuingCa.certificate);
    state.faults = [makeRule('crl', 'bad-signature')];
    rmSync(join(folder, 'copies'), { recursive: true, force: true });
    const list = await check(pki.issuingCa.certificate, pki.ehealthRoot.certificate);
    state.faults = [];
    expect(status).toMatchObject({ state: 'good', source: { kind: 'crl' } });
    expect(list).toMatchObject({ state: 'unknown', cause: 'invalid' });
  });

  test('played: revoked, unknown', async () => {
    const { state, citizenPki } = world.sandbox;
    state.faults = [makeRule('ocsp.citizen-ca', 'fault:revoked', { times: 1 })];
    expect(await check(card, citizenPki.citizenCa.certificate)).toMatchObject({
      state: 'revoked',
      reason: 'keyCompromise',
    });
    state.faults = [makeRule('ocsp', 'fault:unknown', { times: 1 })];
    expect(await check(card, citizenPki.citizenCa.certificate)).toMatchObject({
      state: 'unknown',
      cause: 'not-known',
    });
  });

  test('revoked at CertRA, after a restart too', async () => {
    const { state, pki } = world.sandbox;
    const record = state.certificates.at(-1)!;
    record.status = 'REVOKED';
    record.revocation = { at: '2026-03-01T10:00:00.000Z', reason: 'affiliationChanged' };
    await service.close();
    await start();
    expect(await check(holder, pki.issuingCa.certificate)).toMatchObject({
      state: 'revoked',
      reason: 'affiliationChanged',
      revokedAt: new Date('2026-03-01T10:00:00Z'),
    });
    const list = await fetch(holder.crlUrls[0] ?? '');
    writeFileSync(join(folder, 'list.crl'), Buffer.from(await list.arrayBuffer()));
    const text = execFileSync('openssl', [
      'crl', '-inform', 'DER', '-in', join(folder, 'list.crl'), '-noout', '-text',
      '-CAfile', pem('ca', pki.issuingCa.certificate), '-verify',
    ], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }); // prettier-ignore
    expect(text.toUpperCase()).toContain(holder.serial.toString(16).toUpperCase());
    expect(text).toContain('Affiliation Changed');
  });

  test('openssl asks, and finds the answers genuine', async () => {
    const { pki, citizenPki } = world.sandbox;
    const gone = await opensslOcsp(holder, pki.issuingCa.certificate);
    expect(gone).toContain('Response verify OK');
    expect(gone).toMatch(/: revoked[\s\S]*affiliationChanged/);
    for (const hash of ['-sha1', '-sha256']) {
      const good = await opensslOcsp(card, citizenPki.citizenCa.certificate, hash);
      expect(good).toContain('Response verify OK');
      expect(good).toContain(': good');
    }
  });

  test('garbage and unknown places', async () => {
    const url = holder.ocspUrls[0] ?? '';
    const garbage = await fetch(url, { method: 'POST', body: 'hello' });
    expect([...new Uint8Array(await garbage.arrayBuffer())]).toEqual([0x30, 3, 0x0a, 1, 1]);
    expect((await fetch(url.replace('ehealth-ca', 'nobody'))).status).toBe(404);
  });
});
