/** A person's certificate from the contract to the published token, on the sandbox, judged by other programs. */

import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { getActorQualities } from '../../src/certra/client.js';
import type { EidCard } from '../../src/eid/card.js';
import { fetchContract } from '../../src/lifecycle/applicant-contract.js';
import { raOptions } from '../../src/lifecycle/authority.js';
import { parseContact } from '../../src/lifecycle/contact.js';
import { finalizeRequest } from '../../src/lifecycle/finalize.js';
import type { Finalized } from '../../src/lifecycle/finalize.js';
import type { RequestRecord } from '../../src/lifecycle/request-record.js';
import type { RequestStore } from '../../src/lifecycle/request-store.js';
import {
  contractFile,
  sendRequest,
  signCertificateRequest,
  storeRequest,
} from '../../src/lifecycle/request.js';
import { serialDecimal } from '../../src/x509/certificate.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import { openWorld, PASSWORD, password, pin, SSIN } from './world.js';
import type { World } from './world.js';

const contact = parseContact({ email: 'jean@exemple.test', phone: '+32 2 123 45 67' });

describe.each(['ec', 'rsa'] as const)('with a card whose key is %s', (key) => {
  let world: World;
  let card: EidCard;
  let store: RequestStore;
  let record: RequestRecord;
  let first: Finalized;
  const keystore = (): string => world.path('SSIN=79021599732 test.p12');
  const finalize = () =>
    finalizeRequest(world.authority, store, {
      path: keystore(),
      password: password(),
      environment: 'sandbox',
      etk: true,
      roots: () => Promise.resolve(world.roots),
      backupFolder: world.path('backups'),
      lock: {},
    });

  beforeAll(async () => {
    world = await openWorld();
    store = world.store('state');
    card = await world.openCard(await world.makeCard('card', { key }));
    const { authority } = world;
    const identity = await card.identity();
    const signer = await card.authenticationSigner(pin);
    const qualities = await getActorQualities(
      authority.call,
      authority.certra,
      { ssin: identity.ssin, signer },
      raOptions(authority),
    );
    expect(qualities.person).toBe(true);
    const contract = await fetchContract(authority, identity, contact);
    const signed = await signCertificateRequest(authority, contract, {
      contact,
      signer: await card.signatureSigner(pin),
    });
    record = await storeRequest(store, signed, {
      path: keystore(),
      password: password(),
      holder: { type: 'SSIN', id: SSIN },
      environment: 'sandbox',
      contact,
      contract,
      now: new Date(),
    });
    record = await sendRequest(authority, store, record, signed.message);
  });

  afterAll(async () => {
    await card.close();
    await world.close();
  });

  test('the request is on the books of eHealth under the identifier of the key', async () => {
    expect(record).toMatchObject({ state: 'sent', automaticallyValidated: true });
    expect(await world.books()).toEqual([
      expect.objectContaining({ id: record.id, status: 'IN_PROGRESS' }),
    ]);
  });

  test('keystore, record and contract are for their owner alone', async () => {
    for (const file of [
      keystore(),
      contractFile(keystore(), 'fr'),
      contractFile(keystore(), 'nl'),
      world.path('state', 'requests', `${record.id}.json`),
    ]) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(contractFile(keystore(), 'nl'), 'utf8')).toContain('Jean Exemple');
  });

  test('while it waits, finalize says so and changes nothing', async () => {
    const before = await readFile(keystore());
    await expect(finalize()).rejects.toMatchObject({
      code: 'E_REQUEST_PENDING',
      requestId: record.id,
    });
    expect(await readFile(keystore())).toEqual(before);
  });

  test('once approved, the certificate is installed and the token registered', async () => {
    await world.control('approve', { id: record.id });
    first = await finalize();
    expect(first.record.state).toBe('issued');
    expect(first.etk).toEqual({
      registered: true,
      toBeActivated: false,
      serial: serialDecimal(first.keystore.encryption[0]!.certificate),
    });
    expect(first.keystore.unpairedKeys).toBeUndefined();
    expect(await world.books()).toEqual([
      expect.objectContaining({ status: 'VALID_ACTIVE', etk: 'VALID_ACTIVE' }),
    ]);
    expect(await readdir(world.path('backups'))).toHaveLength(1);
  });

  test('a second time it answers the same, without asking anybody', async () => {
    const calls = world.calls.length;
    const again = await finalize();
    expect(again.etk).toEqual(first.etk);
    expect(again.record).toEqual(first.record);
    expect(world.calls).toHaveLength(calls);
  });

  test('openssl and keytool find both keys in the keystore', async () => {
    const file = world.path('pw');
    await writeFile(file, `${PASSWORD}\n`, { mode: 0o600 });
    const text = execFileSync(
      'openssl',
      ['pkcs12', '-in', keystore(), '-passin', `file:${file}`, '-nodes'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(text.match(/BEGIN PRIVATE KEY/g)).toHaveLength(2);
    if (key === 'rsa' && hasProgram('keytool')) {
      const listed = execFileSync(
        'keytool',
        ['-list', '-keystore', keystore(), '-storetype', 'PKCS12', '-storepass:file', file],
        { encoding: 'utf8' },
      );
      expect(listed).toContain('authentication');
      expect(listed).toContain(first.etk.serial);
    }
  });

  test('openssl accepts the encryption certificate: critical key usage, signed by the holder', async () => {
    const { certificate } = first.keystore.encryption[0]!;
    const file = world.path('encryption.der');
    await writeFile(file, certificate.der);
    const text = execFileSync(
      'openssl',
      ['x509', '-inform', 'DER', '-in', file, '-noout', '-text'],
      {
        encoding: 'utf8',
      },
    );
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Key Encipherment, Data Encipherment\n/);
    expect(text).toContain('Signature Algorithm: sha256WithRSAEncryption');
    const [leaf] = first.keystore.authentication.chain;
    expect(certificate.issuer.der).toEqual(leaf.subject.der);
    expect(certificate.notAfter).toEqual(leaf.notAfter);
  });

  describe('what went over the wire', () => {
    const payloads = async (): Promise<{ name: string; file: string; xml: string }[]> => {
      const folder = world.path('record');
      const names = (await readdir(folder)).filter((name) => name.endsWith('.request.body'));
      return Promise.all(
        names.map(async (name) => {
          const xml = await readFile(join(folder, name), 'utf8');
          const payload = /<(?:\w+:)?Body[^>]*>(.*)<\/(?:\w+:)?Body>/s.exec(xml)?.[1] ?? '';
          const file = world.path(`${name}.payload.xml`);
          await writeFile(file, payload);
          return { name, file, xml: payload };
        }),
      );
    };

    test('the sandbox found nothing to tolerate', async () => {
      const folder = world.path('record');
      for (const name of (await readdir(folder)).filter((each) => each.endsWith('.json'))) {
        const { operation, checks } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
          operation: string;
          checks: { name: string; state: string; detail?: string }[];
        };
        const bad = checks.filter(
          ({ name: check, state, detail }) =>
            /tolerated/.test(detail ?? '') ||
            (state === 'failed' && !(operation === 'GetCertificate' && check === 'business')),
        );
        expect({ operation, bad }).toEqual({ operation, bad: [] });
      }
    });

    (hasShared() && hasProgram('xmllint') ? test : test.skip)(
      'libxml2 accepts each request with the official schema',
      async () => {
        for (const { file, xml } of await payloads()) {
          const service = xml.includes('urn:be:fgov:ehealth:etkra:') ? 'etkra' : 'certra';
          execFileSync(
            'xmllint',
            [
              '--nonet',
              '--noout',
              '--schema',
              join(
                SHARED,
                `schemas/ra/ehealth-etee/XSD/ehealth-${service}-schema-protocol-2_0.xsd`,
              ),
              file,
            ],
            { stdio: 'pipe' },
          );
        }
      },
    );

    (hasProgram('xmlsec1') ? test : test.skip)('xmlsec1 verifies each signature', async () => {
      const signed = (await payloads()).filter(({ xml }) => xml.includes('SignatureValue'));
      expect(signed.length).toBeGreaterThanOrEqual(4);
      for (const { file, xml } of signed) {
        const root = /^<\w+:(\w+)[ >]/.exec(xml)?.[1] ?? '';
        const namespace = /xmlns:\w+="([^"]+)"/.exec(xml)?.[1] ?? '';
        const [leaf = ''] = /<ds:X509Certificate>([^<]+)</.exec(xml)?.slice(1) ?? [];
        const pem = `${file}.pem`;
        await writeFile(
          pem,
          `-----BEGIN CERTIFICATE-----\n${(leaf.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`,
        );
        execFileSync(
          'xmlsec1',
          [
            '--verify',
            '--insecure',
            '--enabled-reference-uris',
            'same-doc',
            '--id-attr:Id',
            `${namespace}:${root}`,
            '--pubkey-cert-pem',
            pem,
            file,
          ],
          { stdio: 'pipe' },
        );
        expect(xml.match(/<ds:X509Certificate>/g)!.length).toBeGreaterThanOrEqual(2);
      }
    });

    test('openssl accepts the certificate request', async () => {
      const request = (await payloads()).find(({ name }) => name.includes('-GenerateCertificate.'));
      const csr = /<c:CSR[^>]*>([^<]+)</.exec(request?.xml ?? '')?.[1] ?? '';
      const file = world.path('csr.der');
      await writeFile(file, Buffer.from(csr, 'base64'));
      const text = execFileSync(
        'openssl',
        ['req', '-inform', 'DER', '-in', file, '-noout', '-verify', '-text', '-nameopt', 'RFC2253'],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      );
      expect(text).toContain('Public-Key: (2048 bit)');
      expect(text).toContain('sha256WithRSAEncryption');
      expect(text).toContain(
        'CN=SSIN=79021599732,OU=eHealth-platform Belgium,OU=JEAN EXEMPLE,OU=SSIN=79021599732,O=Federal Government,C=BE',
      );
    });

    test('both keys of the card have done their own job', async () => {
      const usage = async (operation: string): Promise<string> => {
        const found = (await payloads()).find(({ name }) => name.includes(`-${operation}.`));
        const [leaf = ''] = /<ds:X509Certificate>([^<]+)</.exec(found?.xml ?? '')?.slice(1) ?? [];
        const file = world.path('leaf.der');
        await writeFile(file, Buffer.from(leaf, 'base64'));
        return execFileSync(
          'openssl',
          ['x509', '-inform', 'DER', '-in', file, '-noout', '-ext', 'keyUsage'],
          {
            encoding: 'utf8',
          },
        );
      };
      expect(await usage('GetActorQualities')).toContain('Digital Signature');
      expect(await usage('GenerateCertificate')).toContain('Non Repudiation');
    });
  });
});
