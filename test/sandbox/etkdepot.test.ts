/** The ETK depot of the sandbox, asked by the client: applications, padding, names, and the services' own tokens. */

import { generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { fetchEtk } from '../../src/etk/depot.js';
import { checkEtk } from '../../src/etee/verify-etk.js';
import { publicKeyInfoOf } from '../../src/sandbox/citizen-pki.js';
import { issueFor, publishEtk } from '../../src/sandbox/keystores.js';
import { buildCertificate, keyUsageExtension } from '../../src/x509/build.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import { DEPOT, openWorld } from '../kgss/world.js';
import type { World } from '../kgss/world.js';

const GROUP = { type: 'NIHII-GROUP', id: '94499180' };
const HOSPITAL = { type: 'NIHII-HOSPITAL', id: '71022212' };
const JEAN = { type: 'SSIN', id: '79021599732' };

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await world.holder(JEAN.id);
  for (const applicationId of [undefined, 'LABO', 'WARD-7']) {
    await publish(GROUP, applicationId);
  }
  await publish(HOSPITAL, 'ONLY');
});

afterAll(() => world.close());

/** A certificate of an application and its token. */
async function publish(holder: typeof GROUP, applicationId: string | undefined): Promise<void> {
  const { sandbox } = world.test;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyInfo = publicKeyInfoOf(privateKey);
  const issued = await issueFor(sandbox, holder, publicKeyInfo, undefined, applicationId);
  const { subject, notBefore, notAfter } = parseCertificate(issued.chain[0]!);
  const encryption = buildCertificate(
    {
      serial: BigInt(`0x${issued.encryptionSerialHex}`),
      issuer: subject.der,
      subject: subject.der,
      notBefore,
      notAfter,
      publicKeyInfo,
      extensions: [keyUsageExtension(0x30)],
    },
    privateKey,
  );
  await publishEtk(sandbox, issued.id, encryption);
}

const ask = (identifier: typeof GROUP, applicationId?: string) =>
  fetchEtk(world.call, DEPOT, identifier, { applicationId });

describe('applications', () => {
  test.each([
    ['one by its name', GROUP, 'LABO', 'LABO'],
    ['another by its name', GROUP, 'WARD-7', 'WARD-7'],
    ['the one without, by the empty name', GROUP, '', undefined],
    ['the only one, without asking for it', HOSPITAL, undefined, 'ONLY'],
  ])('%s', async (_, holder, application, expected) => {
    const etk = await ask(holder, application);
    expect(etk.holder.applicationId).toBe(expected);
    expect(checkEtk(etk, world.source)).toEqual([]);
  });

  test('several without a choice: each is looked at, and the choice is left to a person', async () => {
    await expect(ask(GROUP)).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
      details: { applications: ['', 'LABO', 'WARD-7'] },
    });
  });

  test.each([
    ['an application that is not there', GROUP, 'OTHER'],
    ['none, where every token has one', HOSPITAL, ''],
  ])('%s: not found', async (_, holder, application) => {
    await expect(ask(holder, application)).rejects.toMatchObject({ code: 'E_ETK_NOT_FOUND' });
  });
});

describe('identifiers', () => {
  test.each([
    ['all eleven digits of an organisation are cut to eight', { ...GROUP, id: '94499180000' }],
    ['as they are', GROUP],
  ])('%s', async (_, holder) => {
    expect((await ask(holder, 'LABO')).holder.identifier).toEqual(GROUP);
  });

  test('short ones are padded on the left', async () => {
    await expect(ask({ type: 'CBE', id: '809394427' }, 'KGSS')).resolves.toMatchObject({
      holder: { identifier: { type: 'CBE', id: '0809394427' } },
    });
  });

  test.each([
    ['INSS', 'SSIN'],
    ['CBE-TREATMENT_CENTER', 'CBE-TREAT_CENTER'],
  ])('the name %s of the eHealthBox is refused, and %s is proposed', async (type, proposed) => {
    await expect(ask({ type, id: '79021599732' })).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
      hint: expect.stringContaining(proposed),
      details: { serviceCode: '400' },
    });
  });
});

describe('the services', () => {
  test.each([
    ['KGSS', '0809394427'],
    ['MYCARENET', '0820563481'],
  ])('%s has a token that can be sealed for', async (applicationId, id) => {
    for (const application of [applicationId, undefined]) {
      const etk = await ask({ type: 'CBE', id }, application);
      expect(etk.holder).toMatchObject({ identifier: { type: 'CBE', id }, applicationId });
      expect(checkEtk(etk, world.source)).toEqual([]);
    }
    expect(world.checks().every(({ state }) => state !== 'failed')).toBe(true);
  });

  test('keep their keys', async () => {
    const { pki, store } = world.test.sandbox;
    const { openServerPki } = await import('../../src/sandbox/pki.js');
    const again = await (await openServerPki(store.folder)).holders.of('bed');
    expect(again.encryption.certificate.der).toEqual(
      (await pki.holders.of('bed')).encryption.certificate.der,
    );
  });
});

test('a revoked certificate takes its token along', async () => {
  const { state } = world.test.sandbox;
  const record = state.certificates.find(({ actor }) => actor.id === JEAN.id)!;
  expect((await ask(JEAN)).holder.identifier).toEqual(JEAN);
  record.status = 'REVOKED';
  await expect(ask(JEAN)).rejects.toMatchObject({ code: 'E_ETK_NOT_FOUND' });
});
