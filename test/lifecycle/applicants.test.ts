/**
 * Certificates for every kind of applicant: name and certificate request of each, and the finished keystore of
 * some (of all with TOPAZ_DEEP=1), judged by openssl, keytool, the JDK and BouncyCastle.
 */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { getOrganisationTypes } from '../../src/certra/client.js';
import type { EidCard } from '../../src/eid/card.js';
import { identifierTypes, normaliseIdentifier } from '../../src/ids/identifier.js';
import type { Identifier } from '../../src/ids/identifier.js';
import { fetchContract } from '../../src/lifecycle/applicant-contract.js';
import { raOptions } from '../../src/lifecycle/authority.js';
import { parseContact } from '../../src/lifecycle/contact.js';
import { finalizeRequest } from '../../src/lifecycle/finalize.js';
import { checkOrganisation } from '../../src/lifecycle/organisation.js';
import type { Organisation } from '../../src/lifecycle/organisation.js';
import {
  generateRsaKey,
  sendRequest,
  signCertificateRequest,
  storeRequest,
} from '../../src/lifecycle/request.js';
import { createCsr } from '../../src/x509/csr.js';
import { hasProgram } from '../support/tools.js';
import { openWorld, PASSWORD, password, pin, SSIN } from './world.js';
import type { World } from './world.js';

const contact = parseContact({ email: 'jean@exemple.test', phone: '+32 2 123 45 67' });
const JARS = ['bcprov', 'bcpkix', 'bcutil'].map((name) => `/usr/share/java/${name}.jar`);
const hasJava = hasProgram('java', { required: false }) && JARS.every((jar) => existsSync(jar));

/** A number of the right length whose last two digits are check digits (which those without them may have). */
function numberOf(type: string): Identifier {
  const { length } = normaliseIdentifier({ type, id: '0' }).id;
  const base = '7102221984'.padEnd(length, '0').slice(0, length - 2);
  return { type, id: `${base}${String(97 - Number(BigInt(base) % 97n)).padStart(2, '0')}` };
}

const ORGANISATIONS: readonly Organisation[] = identifierTypes()
  .filter((type) => type !== 'SSIN')
  .map((type, index) => ({
    identifier: numberOf(type),
    name: `Société « Été » n° ${String(index)}, O'Exemple & Zoon`,
    ...(index % 3 === 0 ? { applicationId: `APP-${String(index)}_X` } : {}),
  }));

const isTelling = ({ identifier: { type }, applicationId }: Organisation): boolean =>
  type.includes('_') && applicationId !== undefined;

/** Whose keystores are made too; always one with an underscore in its type and an application id. */
const FINISHED = ORGANISATIONS.filter(
  (_, index) => process.env['TOPAZ_DEEP'] === '1' || index === ORGANISATIONS.findIndex(isTelling),
);

let world: World;
let card: EidCard;

beforeAll(async () => {
  world = await openWorld({ approve: 'auto' });
  card = await world.openCard(await world.makeCard('card', { key: 'rsa' }));
});
afterAll(async () => {
  await card.close();
  await world.close();
});

interface Made {
  readonly file: string;
  readonly dn: string;
}

/** A person, and every kind of organisation that is finished here. */
const APPLICANTS: readonly (Organisation | undefined)[] = [undefined, ...FINISHED];

/** The JDK's own names, and BouncyCastle for the rest. */
const JUDGE = `
import java.nio.file.*; import java.security.*; import java.security.cert.*; import java.util.*;
import java.security.interfaces.*; import javax.security.auth.x500.X500Principal;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
public class Judge {
  public static void main(String[] a) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    char[] pw = a[1].toCharArray();
    for (String line : Files.readAllLines(Path.of(a[0]))) {
      String[] f = line.split("\\t");
      byte[] wanted = new X500Principal(f[2]).getEncoded();
      if (f[0].equals("csr")) csr(Files.readAllBytes(Path.of(f[1])), wanted);
      else for (String provider : new String[] {"BC", "SunJSSE"}) p12(f[1], pw, wanted, provider);
      System.out.println("ok " + f[0]);
    }
  }
  static void check(boolean good, String what) { if (!good) throw new RuntimeException(what); }
  static void csr(byte[] der, byte[] wanted) throws Exception {
    PKCS10CertificationRequest r = new PKCS10CertificationRequest(der);
    check(r.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider("BC").build(r.getSubjectPublicKeyInfo())), "signature");
    check(Arrays.equals(r.getSubject().getEncoded(), wanted), "subject");
    check(r.getAttributes().length == 0, "attributes");
  }
  static void p12(String file, char[] pw, byte[] wanted, String provider) throws Exception {
    KeyStore k = KeyStore.getInstance("PKCS12", provider);
    try (var in = Files.newInputStream(Path.of(file))) { k.load(in, pw); }
    java.security.cert.Certificate[] chain = k.getCertificateChain("authentication");
    X509Certificate auth = (X509Certificate) chain[0];
    check(Arrays.equals(auth.getSubjectX500Principal().getEncoded(), wanted), "subject");
    auth.verify(chain[1].getPublicKey());
    pair(k, "authentication", pw, auth);
    int encryption = 0;
    for (String alias : Collections.list(k.aliases())) {
      if (!k.isKeyEntry(alias) || alias.equals("authentication")) continue;
      encryption++;
      X509Certificate e = (X509Certificate) k.getCertificate(alias);
      pair(k, alias, pw, e);
      e.verify(auth.getPublicKey());
      check(alias.equals(e.getSerialNumber().toString()), "alias");
      check(e.getSubjectX500Principal().equals(auth.getSubjectX500Principal()), "encryption subject");
      check(e.getIssuerX500Principal().equals(auth.getSubjectX500Principal()), "encryption issuer");
      check(e.getNotAfter().equals(auth.getNotAfter()) && e.getNotBefore().equals(auth.getNotBefore()), "validity");
      boolean[] u = e.getKeyUsage();
      check(u[2] && u[3] && !u[0], "key usage");
    }
    check(encryption == 1, "encryption keys: " + encryption);
  }
  static void pair(KeyStore k, String alias, char[] pw, X509Certificate c) throws Exception {
    RSAPrivateKey key = (RSAPrivateKey) k.getKey(alias, pw);
    check(key.getModulus().equals(((RSAPublicKey) c.getPublicKey()).getModulus()), "key of " + alias);
  }
}`;

async function judge(lines: readonly string[]): Promise<string> {
  await writeFile(world.path('Judge.java'), JUDGE);
  await writeFile(world.path('manifest'), `${lines.join('\n')}\n`);
  return execFileSync(
    'java',
    ['-cp', JARS.join(':'), world.path('Judge.java'), world.path('manifest'), PASSWORD],
    { encoding: 'utf8' },
  );
}

const requests: Made[] = [];

describe('a person and every kind of organisation', () => {
  beforeAll(async () => {
    const { authority } = world;
    const identity = await card.identity();
    const key = await generateRsaKey();
    const person = await fetchContract(authority, identity, contact);
    await writeFile(world.path('request-person.der'), createCsr(person.subject.der, key));
    requests.push({ file: world.path('request-person.der'), dn: person.contract.dn });
    const types = await getOrganisationTypes(
      authority.call,
      authority.certra,
      raOptions(authority),
    );
    for (const [index, organisation] of ORGANISATIONS.entries()) {
      checkOrganisation(organisation.identifier, types);
      const { contract, subject } = await fetchContract(authority, identity, contact, organisation);
      const file = world.path(`request-${String(index)}.der`);
      await writeFile(file, createCsr(subject.der, key));
      requests.push({ file, dn: contract.dn });
    }
  });

  test('are named in the contract by type, number, name and application id', () => {
    const [person, ...organisations] = requests;
    expect(person!.dn).toContain(`OU=JEAN EXEMPLE,OU=SSIN\\=${SSIN}`);
    expect(organisations).toHaveLength(identifierTypes().length - 1);
    for (const [index, { identifier, applicationId }] of ORGANISATIONS.entries()) {
      const { type, id } = identifier;
      const dn = organisations[index]!.dn;
      expect(dn).toContain(`OU=${type}\\=${id}`);
      expect(dn).toContain(`SOCIETE « ETE » N° ${String(index)}\\, O'EXEMPLE & ZOON`);
      expect(dn.includes('APP-')).toBe(applicationId !== undefined);
    }
  });

  test('openssl verifies each certificate request', () => {
    for (const { file } of requests) {
      const out = execFileSync('openssl', ['req', '-inform', 'DER', '-in', file, '-noout', '-verify', '-subject'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
      expect(out).toContain('subject=C = BE, O = Federal Government');
    }
  });
});

describe('the finished keystore', () => {
  const keystores: Made[] = [];

  beforeAll(async () => {
    const { authority } = world;
    const identity = await card.identity();
    for (const [index, organisation] of APPLICANTS.entries()) {
      const contract = await fetchContract(authority, identity, contact, organisation);
      const signer = await card.signatureSigner(pin);
      const signed = await signCertificateRequest(authority, contract, { contact, signer });
      const store = world.store(`applicant-${String(index)}`);
      const path = world.path(`applicant-${String(index)}.p12`);
      const record = await storeRequest(store, signed, {
        path,
        password: password(),
        holder: organisation?.identifier ?? { type: 'SSIN', id: SSIN },
        applicationId: organisation?.applicationId,
        environment: 'sandbox',
        contact,
        contract,
        now: new Date(),
      });
      await sendRequest(authority, store, record, signed.message);
      await finalizeRequest(authority, store, {
        path,
        password: password(),
        environment: 'sandbox',
        etk: true,
        roots: () => Promise.resolve(world.roots),
        backupFolder: world.path('backups'),
        lock: {},
      });
      keystores.push({ file: path, dn: contract.contract.dn });
    }
  }, 400_000);

  (hasJava ? test : test.skip)(
    'BouncyCastle and the JDK accept each request and each keystore, their names byte for byte, the encryption certificate under the authentication key',
    async () => {
      const lines = [
        ...requests.map(({ file, dn }) => `csr\t${file}\t${dn}`),
        ...keystores.map(({ file, dn }) => `p12\t${file}\t${dn}`),
      ];
      const out = await judge(lines);
      expect(out.match(/ok csr/g)).toHaveLength(requests.length);
      expect(out.match(/ok p12/g)).toHaveLength(keystores.length);
    },
    120_000,
  );

  (hasProgram('keytool', { required: false }) ? test : test.skip)('keytool lists both keys', () => {
    for (const { file } of process.env['TOPAZ_DEEP'] === '1' ? keystores : keystores.slice(0, 1)) {
      const out = execFileSync('keytool', ['-list', '-keystore', file, '-storepass', PASSWORD], { encoding: 'utf8' }); // prettier-ignore
      expect(out.match(/PrivateKeyEntry/g)).toHaveLength(2);
    }
  });

  test('openssl reads each: two keys, one encryption certificate', () => {
    for (const { file } of keystores) {
      const pem = execFileSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${PASSWORD}`, '-nodes'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
      expect(pem.match(/BEGIN PRIVATE KEY/g)).toHaveLength(2);
      const certificates = pem.match(/-----BEGIN CERT[^]+?END CERTIFICATE-----/g) ?? [];
      const texts = certificates.map((text) => execFileSync('openssl', ['x509', '-noout', '-text'], { input: text, encoding: 'utf8' })); // prettier-ignore
      expect(texts.filter((text) => text.includes('Key Encipherment, Data Encipherment'))).toHaveLength(1); // prettier-ignore
    }
  });
});
