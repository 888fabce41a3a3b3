/** The one way to an opened keystore: what is refused before a key is used, and the warning before the end. */

import { createPublicKey } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createRun } from '../../../src/cli/run.js';
import { openActiveKeystore } from '../../../src/commands/keystore/open-keystore.js';
import type { OpenedKeystore } from '../../../src/commands/keystore/open-keystore.js';
import { createPendingKeystore, saveKeystore } from '../../../src/keystore/keystore.js';
import type { Keystore } from '../../../src/keystore/keystore.js';
import { OID_SANDBOX_POLICY } from '../../../src/profile/trust.js';
import { buildCertificate, keyUsageExtension, policiesExtension } from '../../../src/x509/build.js';
import { parseCertificate } from '../../../src/x509/certificate.js';
import { encodeName } from '../../../src/x509/name.js';
import { bytes, certificateOf, doctorKeystore, keyOf, PASSWORD } from '../../keystore/fixtures.js';
import { testContext } from '../../support/context.js';
import { createWorld } from './world.js';
import type { World } from './world.js';

let world: World;

beforeEach(async () => {
  world = await createWorld({ keystore: 'doctor' });
  await mkdir(world.keystores, { recursive: true });
});
afterEach(async () => {
  await world.remove();
});

const save = (keystore: Keystore): Promise<void> =>
  saveKeystore(join(world.keystores, 'doctor.p12'), keystore, bytes(PASSWORD));

async function open(
  now = '2026-03-01T12:00:00Z',
  flags: { keystore?: string } = {},
  command = '',
): Promise<OpenedKeystore & { stderr: readonly string[] }> {
  const ctx = testContext({
    env: { TOPAZ_HOME: world.dir },
    cwd: world.dir,
    now: () => new Date(now),
  });
  const { run, close } = await createRun(ctx, { profile: 'cabinet' }, command);
  try {
    const opened = await openActiveKeystore(run, { ...flags, passwordFile: world.password[1]! });
    return { ...opened, stderr: ctx.stderr };
  } finally {
    await close();
  }
}

/** Doctor's keystore with another leaf. */
function keystoreWith(
  policies: readonly string[],
  subject = certificateOf('doctor').subject.der,
): Keystore {
  const keystore = doctorKeystore();
  const certificate = parseCertificate(
    buildCertificate(
      {
        serial: 9n,
        issuer: certificateOf('ehealth-ca').subject.der,
        subject,
        notBefore: new Date('2025-01-01T00:00:00Z'),
        notAfter: new Date('2035-01-01T00:00:00Z'),
        publicKeyInfo: Uint8Array.from(
          createPublicKey(keyOf('doctor')).export({ type: 'spki', format: 'der' }),
        ),
        extensions: [keyUsageExtension(0x80), policiesExtension(policies)],
      },
      keyOf('ehealth-ca'),
    ),
  );
  return {
    ...keystore,
    authentication: { ...keystore.authentication, chain: [certificate] },
  };
}

describe('openActiveKeystore', () => {
  test('signer, decrypters and holder', async () => {
    await save(doctorKeystore());
    const opened = await open();

    expect(opened).toMatchObject({
      alias: 'doctor',
      path: join(world.keystores, 'doctor.p12'),
      holder: { identifier: { type: 'SSIN', id: '79021599732' } },
    });
    expect(opened.signer.chain).toHaveLength(2);
    expect(opened.decrypters).toHaveLength(2);
    expect(opened.stderr).toEqual([]);
  });

  test.each([
    ['2024-12-31T23:59:59Z', 'E_CERT_NOT_YET_VALID'],
    ['2035-01-01T00:00:01Z', 'E_CERT_EXPIRED'],
  ])('at %s: %s', async (now, code) => {
    await save(doctorKeystore());
    await expect(open(now)).rejects.toMatchObject({ code, hint: expect.any(String) });
  });

  test('a pending one: the request’s number', async () => {
    await save(createPendingKeystore(keyOf('doctor'), new Date('2026-03-01T12:00:00Z')));
    await expect(open()).rejects.toMatchObject({
      code: 'E_REQUEST_PENDING',
      requestId: Buffer.from(certificateOf('doctor').subjectKeyIdentifier!).toString('hex'),
    });
  });

  test('one of a sandbox, in another environment', async () => {
    await save(keystoreWith([OID_SANDBOX_POLICY]));
    await expect(open()).rejects.toMatchObject({ code: 'E_ENVIRONMENT_MISMATCH' });
    await replace(keystoreWith(['1.2.3']));
    await expect(open()).resolves.toMatchObject({ alias: 'doctor' });
  });

  test('one that names no holder', async () => {
    await save(keystoreWith([], encodeName([{ type: '2.5.4.3', value: 'a server' }])));
    await expect(open()).rejects.toMatchObject({ code: 'E_KEYSTORE_INCOMPLETE' });
  });

  test('--keystore, by alias or path', async () => {
    await save(doctorKeystore());
    await saveKeystore(join(world.dir, 'else.p12'), doctorKeystore(), bytes(PASSWORD));
    expect(await open(undefined, { keystore: 'doctor' })).toMatchObject({ alias: 'doctor' });
    expect(await open(undefined, { keystore: 'else.p12' })).toMatchObject({ alias: 'else' });
    await expect(open(undefined, { keystore: 'none' })).rejects.toMatchObject({
      code: 'E_KEYSTORE_UNKNOWN',
    });
  });

  test('the active one was removed', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'E_KEYSTORE_UNKNOWN' });
  });
});

describe('a certificate that ends within 60 days', () => {
  test('warns once per command and day', async () => {
    await save(doctorKeystore());

    expect((await open('2034-10-30T12:00:00Z')).stderr).toEqual([]);
    const first = await open('2034-12-01T12:00:00Z');
    expect(first.stderr.join()).toContain('ends in 30 days, on 1 January 2035');
    expect((await open('2034-12-01T18:00:00Z')).stderr).toEqual([]);
    const evening = (command: string) => open('2034-12-01T20:00:00Z', {}, command);
    expect((await evening('ehbox sync')).stderr.join()).toContain('ends in 30 days');
    expect((await evening('seal')).stderr.join()).toContain('ends in 30 days');
    expect((await evening('ehbox sync')).stderr).toEqual([]);
    expect((await evening('')).stderr).toEqual([]);
    expect((await open('2034-12-31T12:00:00Z')).stderr.join()).toContain('ends in 0 days');
  });
});

const replace = (keystore: Keystore): Promise<void> =>
  saveKeystore(join(world.keystores, 'doctor.p12'), keystore, bytes(PASSWORD), { overwrite: true });
