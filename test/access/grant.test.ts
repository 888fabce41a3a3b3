/** Grants: signed by a card, judged by openssl, and everything that is not the one that was signed. */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { decideAccess } from '../../src/access/decide.js';
import type { AccessQuestion } from '../../src/access/decide.js';
import { signGrant, verifyGrant } from '../../src/access/grant.js';
import type { Grant, GrantTerms, SignedGrant } from '../../src/access/grant.js';
import { changePolicy, policyFile, readPolicy } from '../../src/access/policy.js';
import { purposeOf } from '../../src/access/purpose.js';
import { rawToDerSignature } from '../../src/der/ecdsa.js';
import { openEid } from '../../src/eid/card.js';
import { createCard } from '../../src/sandbox/cards.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { hasProgram } from '../support/tools.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const JEAN = '79021599732';
const MARIE = '85061199814';
const PIN = '1234';

let dir: string;
let roots: readonly Certificate[];
let signed: SignedGrant;

const grantOf = (more: Partial<Grant> = {}): Grant => ({
  id: '11111111-2222-4333-8444-555555555555',
  keystore: 'group',
  responsible: JEAN,
  person: MARIE,
  purposes: ['read', 'send'],
  until: '2026-12-31',
  issuedAt: '2026-03-01T11:00:00Z',
  ...more,
});
const terms = (more: Partial<GrantTerms> = {}): GrantTerms => ({ keystore: 'group', responsible: JEAN, roots, pinned: false, now: NOW, ...more }); // prettier-ignore
const question = (more: Partial<AccessQuestion> = {}): AccessQuestion => ({ keystore: 'group', policy: { responsible: JEAN, grants: [signed], revoked: [] }, responsible: undefined, person: MARIE, purpose: 'read', roots, pinned: false, now: NOW, ...more }); // prettier-ignore

async function signWith(card: string, grant: Grant): Promise<SignedGrant> {
  const open = await openEid({ module: `sandbox:${join(dir, card)}`, env: {}, now: () => NOW });
  try {
    const signer = await open.authenticationSigner(() => Promise.resolve(new TextEncoder().encode(PIN))); // prettier-ignore
    return await signGrant(grant, signer);
  } finally {
    await open.close();
  }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'topaz-grant-'));
  const make = (name: string, ssin: string, dataFolder = 'data'): Promise<unknown> =>
    createCard({ dir: join(dir, name), dataFolder: join(dir, dataFolder), ssin, name: 'Jean Exemple', key: 'ec', pin: PIN, type: 'citizen', now: NOW }); // prettier-ignore
  await make('jean', JEAN);
  await make('arno', '72090499770');
  await make('forged', JEAN, 'other-pki');
  roots = parsePemCertificates(await readFile(join(dir, 'jean', 'root.crt'), 'utf8'));
  signed = await signWith('jean', grantOf());
}, 30_000);
afterAll(() => rm(dir, { recursive: true }));

describe('a grant', () => {
  test('of the responsible counts, and says what was signed', () => {
    expect(verifyGrant(signed, terms())).toEqual({ state: 'valid', grant: grantOf() });
  });

  test('openssl agrees about the signature', async () => {
    if (!hasProgram('openssl')) return;
    const [der = ''] = signed.certificatesBase64;
    await writeFile(join(dir, 'leaf.der'), Buffer.from(der, 'base64'));
    await writeFile(join(dir, 'statement'), Buffer.from(signed.statementBase64, 'base64'));
    await writeFile(join(dir, 'signature'), rawToDerSignature(Buffer.from(signed.signatureBase64, 'base64'))); // prettier-ignore
    const key = execFileSync('openssl', ['x509', '-inform', 'DER', '-in', join(dir, 'leaf.der'), '-noout', '-pubkey']); // prettier-ignore
    await writeFile(join(dir, 'leaf.pub'), key);
    const hash = signed.algorithm.replace('ecdsa-', '');
    expect(execFileSync('openssl', ['dgst', `-${hash}`, '-verify', join(dir, 'leaf.pub'), '-signature', join(dir, 'signature'), join(dir, 'statement')]).toString()).toContain('Verified OK'); // prettier-ignore
  });

  test('its last day counts, the day after does not', () => {
    expect(verifyGrant(signed, terms({ now: new Date('2026-12-31T23:00:00Z') })).state).toBe('valid'); // prettier-ignore
    expect(verifyGrant(signed, terms({ now: new Date('2027-01-01T00:00:00Z') })).state).toBe('expired'); // prettier-ignore
  });

  test.each<[string, (good: SignedGrant) => SignedGrant, Partial<GrantTerms>, string]>([
    ['another person in it', (good) => edited(good, MARIE, '72090499770'), {}, 'altered'],
    ['more in it', (good) => edited(good, '"send"', '"bill"'), {}, 'altered'],
    ['another signature', (good) => ({ ...good, signatureBase64: Buffer.alloc(96, 1).toString('base64') }), {}, 'altered'],
    ['no signature', (good) => ({ ...good, signatureBase64: '' }), {}, 'altered'],
    ['another algorithm', (good) => ({ ...good, algorithm: 'rsa-sha1' }), {}, 'altered'],
    ['an algorithm of another key', (good) => ({ ...good, algorithm: 'rsa-pss-sha256' }), {}, 'altered'],
    ['an algorithm that there is not', (good) => ({ ...good, algorithm: 'constructor' as never }), {}, 'altered'],
    ['no certificate', (good) => ({ ...good, certificatesBase64: [] }), {}, 'altered'],
    ['certificates that are none', (good) => ({ ...good, certificatesBase64: ['AAAA'] }), {}, 'altered'],
    ['no statement', (good) => ({ ...good, statementBase64: '' }), {}, 'altered'],
    ['a statement without end', (good) => ({ ...good, statementBase64: 'A'.repeat(8000) }), {}, 'altered'],
    ['another keystore', (good) => good, { keystore: 'doctor' }, 'foreign'],
    ['another responsible', (good) => good, { responsible: '72090499770' }, 'foreign'],
    ['other roots', (good) => good, { roots: [] }, 'untrusted'],
    ['a clock before its signature', (good) => good, { now: new Date('2026-03-01T10:00:00Z') }, 'early'],
  ])('with %s is refused', (_, change, more, reason) => {
    expect(verifyGrant(change(signed), terms(more))).toEqual({ state: 'refused', reason });
  }); // prettier-ignore

  test('of somebody else, who says to be the responsible, is refused', async () => {
    expect(verifyGrant(await signWith('arno', grantOf()), terms())).toEqual({ state: 'refused', reason: 'foreign' }); // prettier-ignore
    expect(verifyGrant(await signWith('arno', grantOf({ responsible: '72090499770' })), terms())).toEqual({ state: 'refused', reason: 'foreign' }); // prettier-ignore
  });

  test('of a card with the right name from another register is refused', async () => {
    expect(verifyGrant(await signWith('forged', grantOf()), terms())).toEqual({ state: 'refused', reason: 'untrusted' }); // prettier-ignore
  });
});

const edited = (good: SignedGrant, from: string, to: string): SignedGrant => ({
  ...good,
  statementBase64: Buffer.from(Buffer.from(good.statementBase64, 'base64').toString().replace(from, to)).toString('base64'),
}); // prettier-ignore

describe('the answer', () => {
  test.each<[string, Partial<AccessQuestion>, boolean, string]>([
    ['no policy, no responsible', { policy: undefined, person: undefined }, true, 'free'],
    ['the responsible', { person: JEAN }, true, 'responsible'],
    ['granted', {}, true, 'granted'],
    ['granted, for nothing special', { purpose: undefined }, true, 'granted'],
    ['another purpose', { purpose: 'bill' }, false, 'other-purpose'],
    ['another person', { person: '72090499770' }, false, 'no-grant'],
    ['nobody known', { person: undefined }, false, 'person-unknown'],
    ['a responsible of the profile, and nothing granted', { policy: undefined, responsible: JEAN }, false, 'no-grant'],
    ['a responsible of the profile is right against the file', { responsible: '72090499770' }, false, 'foreign'],
    ['over', { now: new Date('2027-02-01T00:00:00Z') }, false, 'expired'],
  ])('%s', (_, more, allowed, reason) => {
    expect(decideAccess(question(more))).toMatchObject({ allowed, reason });
  }); // prettier-ignore

  test('an old grant that is put back does not count', () => {
    const policy = { responsible: JEAN, grants: [signed], revoked: [grantOf().id] };
    expect(decideAccess(question({ policy }))).toMatchObject({ allowed: false, reason: 'revoked' });
  });

  test('of several grants one that holds is enough', async () => {
    const ended = await signWith('jean', grantOf({ until: '2026-01-01' }));
    const policy = { responsible: JEAN, grants: [ended, signed], revoked: [] };
    expect(decideAccess(question({ policy }))).toMatchObject({ allowed: true });
  });

  test.each([
    ['ehbox sync', 'read'],
    ['unseal', 'read'],
    ['seal', 'send'],
    ['ehbox send', 'send'],
    ['mycarenet insurability', 'bill'],
    ['mycarenet mailbox send', 'send'],
    ['cert renew', 'manage'],
    ['keystore export', 'manage'],
    ['session open', undefined],
    ['keystore show', undefined],
  ])('%s is %s', (command, purpose) => {
    expect(purposeOf(command)).toBe(purpose);
  });
});

describe('the file of grants', () => {
  const file = (): string => policyFile(join(dir, 'x', '..', 'group.p12'));
  test('is written private and read back', async () => {
    await changePolicy(file(), {}, () => ({ responsible: JEAN, grants: [signed], revoked: ['a'] }));
    expect(await readPolicy(file())).toEqual({ responsible: JEAN, grants: [signed], revoked: ['a'] }); // prettier-ignore
  });

  test.each(['', '{}', 'null', '[]', '{"schema":"topaz.access.policy/1","responsible":"1","grants":[],"revoked":[]}', '{"schema":"topaz.access.policy/1","responsible":"79021599732","grants":[{}],"revoked":[]}'])('%s closes the keystore', async (text) => {
    await writeFile(file(), text);
    await expect(readPolicy(file())).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' });
  }); // prettier-ignore

  test('a link closes it too', async () => {
    await writeFile(join(dir, 'elsewhere.json'), '{}');
    await symlink(join(dir, 'elsewhere.json'), join(dir, 'linked.access.json'));
    await expect(readPolicy(join(dir, 'linked.access.json'))).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' }); // prettier-ignore
  });
});
