/**
 * The journey once more, with every recorded request judged by programs that share no code with topaz:
 * libxml2 with the official schemas, Apache Santuario, xmlsec1, openssl, keytool and BouncyCastle.
 */

import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createHome, PASSWORD, PIN, type Home } from '../support/binary.js';
import { hasShared, SHARED } from '../support/tools.js';

const run = promisify(execFile);

/** Schema that must accept the payload, by the namespace of its root. */
const SCHEMAS: Readonly<Record<string, string>> = {
  'urn:be:fgov:ehealth:certra:protocol:v2':
    'ra/ehealth-etee/XSD/ehealth-certra-schema-protocol-2_0.xsd',
  'urn:be:fgov:ehealth:etkra:protocol:v2':
    'ra/ehealth-etee/XSD/ehealth-etkra-schema-protocol-2_0.xsd',
  'urn:be:fgov:ehealth:etkdepot:1_0:protocol': 'etee/ehealth-etkdepot-schema-protocol-1_0.xsd',
  'urn:oasis:names:tc:SAML:1.0:protocol': 'sts/oasis-sstc-saml-schema-protocol-1.1.xsd',
  'http://docs.oasis-open.org/ws-sx/ws-trust/200512': 'sts/ws-trust-1.3-errata-cd-01.xsd',
  'urn:be:fgov:ehealth:ehbox:consultation:protocol:v3':
    'ehbox/ehealth-ehBox-consultation-schema-protocol-3_0.xsd',
  'urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1':
    'mycarenet/memberdata/mycarenet-memberdata-protocol-1_0.xsd',
};

/** How each service is secured: the token that WS-Security must show, or none at all. */
const SECURITY: Readonly<Record<string, 'none' | 'x509' | 'saml'>> = {
  certra: 'none',
  etkra: 'none',
  etkdepot: 'none',
  sts: 'x509',
  ehboxConsultation: 'saml',
  memberdata: 'saml',
};

interface Exchange {
  name: string;
  file: string;
  service: string;
  operation: string;
  checks: { name: string; state: string; detail?: string }[];
}

const suite = hasShared() ? describe : describe.skip;

suite('every request of the journey, judged by others', () => {
  let home: Home;
  let exchanges: Exchange[];
  let keystore: string;
  const password = (): string[] => ['--password-file', home.passwordFile];

  beforeAll(async () => {
    home = await createHome();
    await home.json(['sandbox', 'card', 'create', '--out', home.path('card'), '--ssin', '79021599732', '--name', 'Jean Exemple', '--key', 'rsa']); // prettier-ignore
    home.env['TOPAZ_PKCS11_MODULE'] = `sandbox:${home.path('card')}`;
    await home.startSandbox('--seed', 'demo', '--approve', 'auto', '--record', home.path('record'));
    const pin = ['--pin-file', home.pinFile];
    await home.json(['cert', 'request', '--as', 'person', '--email', 'jean@exemple.test', '--phone', '+3221234567', '--accept-terms', ...pin, ...password()]); // prettier-ignore
    const finalized = await home.json(['cert', 'finalize', '--use', ...password()]);
    keystore = (finalized['keystore'] as { path: string }).path;
    for (const sts of ['saml', 'wstrust']) {
      const open = ['session', 'open', '--sts', sts, '--as', 'doctor', '--force', ...password()];
      await home.json([...open, '--via', 'eid', ...pin]);
      await home.json([...open, '--via', 'keystore']);
    }
    await home.json(['etk', 'fetch', 'SSIN=79021599732', '--refresh']);
    for (const [key, value] of [
      ['ehbox.quality', 'DOCTOR'],
      ['mycarenet.quality', 'doctor'],
      ['mycarenet.nihii', '19547181004'],
      ['mycarenet.name', 'Jean Exemple'],
    ] as const) {
      // prettier-ignore
      await home.json(['profile', 'set', key, value]);
    }
    await home.json(['ehbox', 'sync', ...password()]);
    await home.json(['mycarenet', 'insurability', '85061199814', ...password()]);

    const record = home.path('record');
    const names = (await readdir(record)).filter((name) => name.endsWith('.json')).sort();
    exchanges = await Promise.all(
      names.map(async (name) => {
        const exchange = JSON.parse(await readFile(join(record, name), 'utf8')) as Exchange;
        const number = name.slice(0, 4);
        const request = (await readdir(record)).find(
          (other) => other.startsWith(`${number}-`) && other.endsWith('.request.body'),
        );
        return { ...exchange, name, file: join(record, request ?? '') };
      }),
    );
  }, 180_000);

  afterAll(async () => {
    await home.close();
  });

  test('the journey speaks to every service', () => {
    expect([...new Set(exchanges.map(({ service }) => service))].sort()).toEqual(
      Object.keys(SECURITY).sort(),
    );
  });

  test('the sandbox never had to be tolerant', () => {
    const lenient = exchanges.flatMap(({ name, checks }) =>
      checks
        .filter(({ state, detail }) => state === 'failed' || /tolerated/.test(detail ?? ''))
        .map((check) => ({ exchange: name, ...check })),
    );
    expect(lenient).toEqual([]);
    expect(
      exchanges.every(({ checks }) =>
        checks.some(({ name, state }) => name === 'schema' && state === 'ok'),
      ),
    ).toBe(true);
  });

  test('libxml2 accepts each payload with the official schema of its namespace', async () => {
    for (const { file } of exchanges) {
      const payload = await payloadOf(file);
      const { stdout } = await run('xmllint', [
        '--xpath',
        'namespace-uri(/*/*[local-name()="Body"]/*)',
        file,
      ]);
      const schema = SCHEMAS[stdout.trim()];
      expect({ file, schema }).toEqual({ file, schema: expect.any(String) as unknown });
      await run('xmllint', [
        '--nonet',
        '--noout',
        '--schema',
        join(SHARED, 'schemas', schema ?? ''),
        payload,
      ]);
    }
  });

  test('WS-Security is where it is due, and Santuario verifies it', async () => {
    const sts = join(home.dir, 'sts.pem');
    const profile = await home.json(['profile', 'show']);
    const trust = JSON.stringify(profile);
    const signer = /"stsSigner":\s*"([^"]+)"/.exec(trust)?.[1] ?? '';
    await writeFile(sts, await readFile(signer));
    for (const { file, service } of exchanges) {
      const kind = SECURITY[service];
      const text = await readFile(file, 'utf8');
      if (kind === 'none') {
        expect({ file, wsse: text.includes('wssecurity-secext') }).toEqual({ file, wsse: false });
      } else {
        const expectations =
          kind === 'x509' ? ['--expect', 'x509'] : ['--expect', 'saml', '--sts-cert', sts];
        const { stdout } = await run(join(SHARED, 'tools/verify-wss/verify-wss'), [
          ...expectations,
          '--json',
          file,
        ]);
        expect(JSON.parse(stdout)).toMatchObject({ ok: true });
      }
    }
  }, 120_000);

  test('xmlsec1 verifies the signatures inside the bodies of the registration authority', async () => {
    let verified = 0;
    for (const { file, service } of exchanges) {
      const payload = await payloadOf(file);
      if (
        !['certra', 'etkra'].includes(service) ||
        !(await readFile(payload, 'utf8')).includes('SignatureValue')
      ) {
        continue;
      }
      const root = (
        await run('xmllint', ['--xpath', 'concat(namespace-uri(/*), ":", local-name(/*))', payload])
      ).stdout.trim();
      const certificate = (
        await run('xmllint', ['--xpath', 'string(//*[local-name()="X509Certificate"][1])', payload])
      ).stdout.trim();
      const pem = `${payload}.pem`;
      const lines = certificate.replace(/\s/g, '').match(/.{1,64}/g) ?? [];
      await writeFile(
        pem,
        `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
      );
      await run('xmlsec1', [
        '--verify',
        '--pubkey-cert-pem',
        pem,
        '--enabled-key-data',
        'x509',
        '--id-attr:Id',
        root,
        payload,
      ]);
      verified += 1;
    }
    // GetActorQualities, GenerateCertificate, StartETKRegistration, CompleteETKRegistration.
    expect(verified).toBeGreaterThanOrEqual(4);
  });

  test('openssl and keytool read what was made', async () => {
    const generate = exchanges.find(({ operation }) => operation === 'GenerateCertificate');
    const payload = await payloadOf(generate?.file ?? '');
    const csr = (
      await run('xmllint', ['--xpath', 'string(//*[local-name()="CSR"])', payload])
    ).stdout.trim();
    const csrFile = join(home.dir, 'csr.der');
    await writeFile(csrFile, Buffer.from(csr, 'base64'));
    const { stderr, stdout } = await run('openssl', [
      'req',
      '-inform',
      'DER',
      '-in',
      csrFile,
      '-noout',
      '-verify',
      '-subject',
    ]);
    expect(stderr + stdout).toMatch(/verify OK/);

    const listed = await run('openssl', [
      'pkcs12',
      '-in',
      keystore,
      '-passin',
      `file:${home.passwordFile}`,
      '-info',
      '-nodes',
    ]);
    expect(listed.stdout.match(/BEGIN PRIVATE KEY/g)).toHaveLength(2);
    // The certificate that was issued, with its issuer, under the root that the profile trusts; then the
    // encryption certificate, which the authentication key signed.
    const [leaf = '', issuer = ''] = listed.stdout.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []; // prettier-ignore
    const leafFile = join(home.dir, 'leaf.pem');
    const issuerFile = join(home.dir, 'issuer.pem');
    await writeFile(leafFile, leaf);
    await writeFile(issuerFile, issuer);
    const roots = /"ehealthRoots":\s*"([^"]+)"/.exec(JSON.stringify(await home.json(['profile', 'show'])))?.[1] ?? ''; // prettier-ignore
    const verified = await run('openssl', ['verify', '-CAfile', roots, '-untrusted', issuerFile, leafFile]); // prettier-ignore
    expect(verified.stdout).toContain(': OK');
    const complete = exchanges.find(({ operation }) => operation === 'CompleteETKRegistration');
    const registered = (
      await run('xmllint', [
        '--xpath',
        'string(//*[local-name()="ToBeRegistered"])',
        await payloadOf(complete?.file ?? ''),
      ])
    ).stdout // prettier-ignore
      .trim();
    const encryptionFile = join(home.dir, 'encryption.der');
    await writeFile(encryptionFile, Buffer.from(registered, 'base64'));
    const shown = await run('openssl', ['x509', '-inform', 'DER', '-in', encryptionFile, '-noout', '-text']); // prettier-ignore
    expect(shown.stdout).toMatch(/Key Usage: critical\s+Key Encipherment, Data Encipherment/);

    const entries = await run('keytool', [
      '-list',
      '-keystore',
      keystore,
      '-storetype',
      'PKCS12',
      '-storepass:file',
      home.passwordFile,
    ]);
    expect(entries.stdout).toMatch(/authentication, .*PrivateKeyEntry/);
    expect(entries.stdout.match(/PrivateKeyEntry/g)).toHaveLength(2);
  }, 60_000);

  test('BouncyCastle opens what topaz seals, and topaz what BouncyCastle seals', async () => {
    const oracle = join(SHARED, 'tools/etee-oracle/etee-oracle');
    const plain = join(home.dir, 'letter.txt');
    await writeFile(plain, 'a letter with accents: é à ü');
    const etk = join(home.dir, 'own.etk');
    await home.json(['etk', 'fetch', 'SSIN=79021599732', '--out', etk]);
    const profile = JSON.stringify(await home.json(['profile', 'show']));
    const roots = /"ehealthRoots":\s*"([^"]+)"/.exec(profile)?.[1] ?? '';

    const sealed = join(home.dir, 'letter.sealed');
    await home.json(['seal', plain, '--etk', etk, '--out', sealed, ...password()]);
    const { stdout } = await run(oracle, [
      'unseal',
      '--p12',
      keystore,
      '--pass',
      PASSWORD,
      '--trust',
      roots,
      '--in',
      sealed,
      '--out',
      `${plain}.out`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ errors: [] });
    expect(await readFile(`${plain}.out`, 'utf8')).toBe(await readFile(plain, 'utf8'));

    const theirs = join(home.dir, 'theirs.sealed');
    await run(oracle, [
      'seal',
      '--p12',
      keystore,
      '--pass',
      PASSWORD,
      '--to',
      etk,
      '--in',
      plain,
      '--out',
      theirs,
    ]);
    await home.json(['unseal', theirs, '--out', `${plain}.theirs`, ...password()]);
    expect(await readFile(`${plain}.theirs`, 'utf8')).toBe(await readFile(plain, 'utf8'));
  }, 120_000);

  test('no recorded byte holds the PIN or the password', async () => {
    for (const name of await readdir(home.path('record'))) {
      const text = await readFile(home.path('record', name), 'latin1');
      expect({
        name,
        secret:
          text.includes(PASSWORD) || text.includes('PRIVATE KEY') || text.includes(`>${PIN}<`),
      }).toEqual({
        name,
        secret: false,
      });
    }
  });

  /** The payload of a recorded request as a file of its own. */
  async function payloadOf(file: string): Promise<string> {
    const { stdout } = await run('xmllint', ['--xpath', '/*/*[local-name()="Body"]/*', file], {
      maxBuffer: 50_000_000,
    });
    const path = join(home.dir, `${file.split('/').at(-1) ?? ''}.payload.xml`);
    await writeFile(path, stdout.replace(/\n$/, ''));
    return path;
  }
});
