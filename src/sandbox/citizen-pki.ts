/**
 * The test citizen PKI of a home: root, Citizen CA, Foreigner CA and National Register, as eid-pkcs11 §9
 * describes the real ones. Every certificate carries the sandbox's policy OID, so that nothing of it can be
 * taken for real. Made at first need, under a lock; kept for ever after (sandbox sheet §2).
 *
 * @module
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { withLock } from '../disk/lock.js';
import { systemCode } from '../errors.js';
import { OID_SANDBOX_POLICY } from '../profile/trust.js';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  buildCertificate,
  extendedKeyUsageExtension,
  keyUsageExtension,
  policiesExtension,
  subjectKeyIdentifierExtension,
} from '../x509/build.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { encodeName } from '../x509/name.js';
import { holderPlaces, issuerPlaces, revocationUrl } from './revocation-place.js';
import type { RevocationUrl } from './revocation-place.js';

/** A certificate and its private key. */
export interface Authority {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
  /** Extensions that say where its certificates may be asked about. */
  readonly places?: readonly Uint8Array[] | undefined;
}

export interface CitizenPki {
  /** `<data>/sandbox/pki`. */
  readonly folder: string;
  /** PEM of the root: what a sandbox trusts. */
  readonly rootFile: string;
  readonly root: Authority;
  readonly citizenCa: Authority;
  readonly foreignerCa: Authority;
  readonly nationalRegister: Authority;
  /** Where the certificates say that revocation is told. */
  readonly revocationUrl: RevocationUrl;
}

const C = '2.5.4.6';
const CN = '2.5.4.3';
const SN = '2.5.4.4';
const SERIAL_NUMBER = '2.5.4.5';
const O = '2.5.4.10';
const GN = '2.5.4.42';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';

const DIGITAL_SIGNATURE = 0x80;
const NON_REPUDIATION = 0x40;
const CERT_AND_CRL_SIGN = 0x06;

// Wide, so that a sandbox may run in any year that somebody wants to try.
const NOT_BEFORE = new Date('2010-01-01T00:00:00Z');
const NOT_AFTER = new Date('2049-12-31T23:59:59Z');

type Attributes = readonly (readonly [type: string, value: string])[];

/** Encodes a subject in the order given, one attribute per RDN. */
export const subjectOf = (attributes: Attributes): Uint8Array =>
  encodeName(attributes.map(([type, value]) => ({ type, value })));

/** A positive random serial number of 16 bytes. */
export const randomSerial = (): bigint => BigInt(`0x4${randomBytes(16).toString('hex').slice(1)}`);

/** `SubjectPublicKeyInfo` of a private key. */
export const publicKeyInfoOf = (privateKey: KeyObject): Uint8Array =>
  Uint8Array.from(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));

/** PEM text of a certificate. */
export const toPem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END CERTIFICATE-----\n`;

interface Plan {
  readonly file: string;
  readonly subject: Attributes;
  readonly keyUsage: number;
  readonly ca: boolean;
}

const ROOT: Plan = {
  file: 'root',
  subject: [
    [C, 'BE'],
    [CN, 'topaz sandbox test Root CA'],
  ],
  keyUsage: CERT_AND_CRL_SIGN,
  ca: true,
};
const CITIZEN: Plan = {
  file: 'citizen-ca',
  subject: [
    [C, 'BE'],
    [CN, 'topaz sandbox test Citizen CA'],
    [SERIAL_NUMBER, '201001'],
  ],
  keyUsage: CERT_AND_CRL_SIGN,
  ca: true,
};
const FOREIGNER: Plan = {
  file: 'foreigner-ca',
  subject: [
    [C, 'BE'],
    [CN, 'topaz sandbox test Foreigner CA'],
    [SERIAL_NUMBER, '201001'],
  ],
  keyUsage: CERT_AND_CRL_SIGN,
  ca: true,
};
const REGISTER: Plan = {
  file: 'national-register',
  subject: [
    [C, 'BE'],
    [O, 'test RRN'],
    [CN, 'test RRN'],
  ],
  keyUsage: DIGITAL_SIGNATURE | NON_REPUDIATION,
  ca: false,
};

/** Where the PKI of a home lives, below the data folder of its paths. */
export const citizenPkiFolder = (dataFolder: string): string => join(dataFolder, 'sandbox', 'pki');

/** Reads the PKI of a home, and makes it first where there is none. */
export async function openCitizenPki(dataFolder: string): Promise<CitizenPki> {
  const folder = citizenPkiFolder(dataFolder);
  await makePrivateFolder(folder);
  return withLock(join(folder, '.lock'), {}, async () => {
    const url = await revocationUrl(folder);
    const top = await readOrMake(folder, ROOT, undefined);
    const root = { ...top, places: issuerPlaces(url, 'root') };
    const issuer = async (plan: Plan): Promise<Authority> => ({
      ...(await readOrMake(folder, plan, root)),
      places: holderPlaces(url, plan.file),
    });
    return {
      folder,
      rootFile: join(folder, 'root.crt'),
      root,
      citizenCa: await issuer(CITIZEN),
      foreignerCa: await issuer(FOREIGNER),
      nationalRegister: await readOrMake(folder, REGISTER, root),
      revocationUrl: url,
    };
  });
}

async function readOrMake(
  folder: string,
  plan: Plan,
  issuer: Authority | undefined,
): Promise<Authority> {
  const keyFile = join(folder, `${plan.file}.key`);
  const certificateFile = join(folder, `${plan.file}.crt`);
  try {
    const pem = await readFile(certificateFile, 'utf8');
    return {
      certificate: parseCertificate(fromPem(pem)),
      privateKey: createPrivateKey(await readFile(keyFile)),
    };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      throw error;
    }
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const publicKeyInfo = publicKeyInfoOf(privateKey);
  const subject = subjectOf(plan.subject);
  const der = buildCertificate(
    {
      serial: randomSerial(),
      issuer: issuer === undefined ? subject : issuer.certificate.subject.der,
      subject,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      publicKeyInfo,
      extensions: [
        basicConstraintsExtension(plan.ca),
        keyUsageExtension(plan.keyUsage),
        subjectKeyIdentifierExtension(publicKeyInfo),
        ...authorityOf(issuer),
        ...(issuer?.places ?? []),
        policiesExtension([OID_SANDBOX_POLICY]),
      ],
    },
    issuer === undefined ? privateKey : issuer.privateKey,
    { digest: 'sha384' },
  );
  // The key first: a certificate without its key would never be replaced.
  await writeFileAtomic(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFileAtomic(certificateFile, toPem(der), { mode: 0o644 });
  return { certificate: parseCertificate(der), privateKey };
}

const authorityOf = (issuer: Authority | undefined): Uint8Array[] =>
  issuer?.certificate.subjectKeyIdentifier === undefined
    ? []
    : [authorityKeyIdentifierExtension(issuer.certificate.subjectKeyIdentifier)];

/** DER of the first certificate of a PEM text. */
export function fromPem(pem: string): Uint8Array {
  const body = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/.exec(pem)?.[1];
  return Uint8Array.from(Buffer.from(body ?? '', 'base64'));
}

/** What a holder's certificate says. */
export interface Holder {
  readonly ssin: string;
  readonly firstNames: string;
  readonly lastName: string;
}

export interface IssueOptions {
  readonly purpose: 'Authentication' | 'Signature';
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Issues a certificate for a holder's key, with subject and extensions as on a card. */
export function issueHolderCertificate(
  issuer: Authority,
  { ssin, firstNames, lastName }: Holder,
  publicKeyInfo: Uint8Array,
  { purpose, notBefore, notAfter }: IssueOptions,
): Certificate {
  const first = firstNames.split(' ')[0] ?? '';
  const authentication = purpose === 'Authentication';
  const der = buildCertificate(
    {
      serial: randomSerial(),
      issuer: issuer.certificate.subject.der,
      subject: subjectOf([
        [C, 'BE'],
        [CN, `${first} ${lastName} (${purpose})`],
        [SN, lastName],
        [GN, firstNames],
        [SERIAL_NUMBER, ssin],
      ]),
      notBefore,
      notAfter,
      publicKeyInfo,
      extensions: [
        keyUsageExtension(authentication ? DIGITAL_SIGNATURE : NON_REPUDIATION),
        ...authorityOf(issuer),
        subjectKeyIdentifierExtension(publicKeyInfo),
        ...(issuer.places ?? []),
        policiesExtension([OID_SANDBOX_POLICY]),
        extendedKeyUsageExtension([authentication ? CLIENT_AUTH : EMAIL_PROTECTION]),
      ],
    },
    issuer.privateKey,
    { digest: 'sha384' },
  );
  return parseCertificate(der);
}
