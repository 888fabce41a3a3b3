/**
 * The server side of trust, in the sandbox's data folder: TLS, eHealth root and issuing CA, STS signer,
 * ETK-RA and the business domain of MyCareNet (BED). Made at the first start, kept for ever after; each
 * certificate carries the sandbox's policy OID. RSA only where the protocol wants it: the rest is EC.
 *
 * @module
 */

import { createPrivateKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { OID_SERVER_AUTH } from '../der/oids.js';
import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { OID_SANDBOX_POLICY } from '../profile/trust.js';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  buildCertificate,
  extendedKeyUsageExtension,
  keyUsageExtension,
  policiesExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../x509/build.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { fromPem, publicKeyInfoOf, randomSerial, subjectOf, toPem } from './citizen-pki.js';
import type { Authority } from './citizen-pki.js';
import { holderPlaces, issuerPlaces, revocationUrl } from './revocation-place.js';
import type { RevocationUrl } from './revocation-place.js';
import { createServiceHolders } from './service-holders.js';
import type { ServiceHolders } from './service-holders.js';

export interface ServerPki {
  /** PEM of the TLS root: `caFile`. */
  readonly caFile: string;
  readonly stsFile: string;
  readonly ehealthRootsFile: string;
  /** PEM texts for the HTTPS server. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly ehealthRoot: Authority;
  readonly issuingCa: Authority;
  readonly sts: Authority;
  readonly etkRa: Authority;
  /** Seals what the invented senders of the seed send; also the authentication key of the BED. */
  readonly senders: Authority;
  /** Where the certificates say that revocation is told. */
  readonly revocationUrl: RevocationUrl;
  /** KGSS and BED, with encryption tokens; made at their first use. */
  readonly holders: ServiceHolders;
}

const C = '2.5.4.6';
const O = '2.5.4.10';
const OU = '2.5.4.11';
const CN = '2.5.4.3';

export const DIGITAL_SIGNATURE = 0x80;
const KEY_CERT_SIGN = 0x06;

// Wide, so that `--time` may choose any year; TLS is checked by the real clock and lies inside.
const NOT_BEFORE = new Date('2010-01-01T00:00:00Z');
const NOT_AFTER = new Date('2049-12-31T23:59:59Z');

interface Plan {
  readonly file: string;
  readonly name: string;
  readonly key: 'p256' | 'p384' | 'rsa';
  readonly ca: boolean;
  readonly extensions?: readonly Uint8Array[];
}

const generate = promisify(generateKeyPair);

/** A fresh private key. */
export async function generateKey(kind: Plan['key']): Promise<KeyObject> {
  const { privateKey } =
    kind === 'rsa'
      ? await generate('rsa', { modulusLength: 2048 })
      : await generate('ec', { namedCurve: kind === 'p256' ? 'P-256' : 'P-384' });
  return privateKey;
}

/** Reads the server's PKI, and makes it first where there is none. */
export async function openServerPki(dataFolder: string): Promise<ServerPki> {
  const folder = join(dataFolder, 'pki');
  await makePrivateFolder(folder);
  const places = await revocationUrl(folder);
  const make = (plan: Plan, issuer?: Authority): Promise<Authority> =>
    readOrMake(folder, plan, issuer);
  const [tlsRoot, ehealthRoot] = await Promise.all([
    make({ file: 'tls-root', name: 'topaz sandbox TLS root', key: 'p256', ca: true }),
    make({ file: 'ehealth-root', name: 'topaz sandbox eHealth root', key: 'p384', ca: true }),
  ]);
  const [tls, issuingCa, sts, etkRa, senders] = await Promise.all([
    make({ file: 'tls', name: 'localhost', key: 'p256', ca: false, extensions: TLS }, tlsRoot),
    make({ file: 'ehealth-ca', name: 'topaz sandbox eHealth issuing CA', key: 'p384', ca: true, extensions: issuerPlaces(places, 'ehealth-root') }, ehealthRoot), // prettier-ignore
    make({ file: 'sts', name: 'topaz sandbox STS', key: 'rsa', ca: false }, ehealthRoot),
    make({ file: 'etk-ra', name: 'ETK-RA', key: 'rsa', ca: false }, ehealthRoot),
    make({ file: 'senders', name: 'topaz sandbox senders', key: 'rsa', ca: false }, ehealthRoot),
  ]);
  return {
    caFile: join(folder, 'tls-root.crt'),
    stsFile: join(folder, 'sts.crt'),
    ehealthRootsFile: join(folder, 'ehealth-root.crt'),
    tls: {
      key: tls.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: toPem(tls.certificate.der),
    },
    ehealthRoot,
    issuingCa,
    sts,
    etkRa,
    senders,
    revocationUrl: places,
    holders: createServiceHolders(folder, {
      issuingCa,
      ehealthRoot,
      etkRa,
      issue: (subject, publicKeyInfo) =>
        issueCertificate({ issuingCa, revocationUrl: places }, subject, publicKeyInfo, {
          notBefore: NOT_BEFORE,
          notAfter: NOT_AFTER,
        }),
      generateKey: () => generateKey('rsa'),
    }),
  };
}

const TLS = [
  subjectAltNameExtension({ dns: ['localhost'], ip: ['127.0.0.1'] }),
  extendedKeyUsageExtension([OID_SERVER_AUTH]),
];

async function readOrMake(folder: string, plan: Plan, issuer?: Authority): Promise<Authority> {
  const keyFile = join(folder, `${plan.file}.key`);
  const certificateFile = join(folder, `${plan.file}.crt`);
  if (await exists(certificateFile)) {
    return {
      certificate: parseCertificate(fromPem(await readFile(certificateFile, 'utf8'))),
      privateKey: createPrivateKey(await readFile(keyFile)),
    };
  }
  const privateKey = await generateKey(plan.key);
  const publicKeyInfo = publicKeyInfoOf(privateKey);
  const subject = subjectOf([
    [C, 'BE'],
    [O, 'Federal Government'],
    [OU, 'eHealth-platform Belgium'],
    [CN, plan.name],
  ]);
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
        keyUsageExtension(plan.ca ? KEY_CERT_SIGN : DIGITAL_SIGNATURE),
        subjectKeyIdentifierExtension(publicKeyInfo),
        ...authorityOf(issuer),
        policiesExtension([OID_SANDBOX_POLICY]),
        ...(plan.extensions ?? []),
      ],
    },
    issuer?.privateKey ?? privateKey,
    {
      digest:
        (issuer?.certificate.publicKeyInfo ?? publicKeyInfo).length > 100 ? 'sha384' : 'sha256',
    },
  );
  // The key first: a certificate without its key would never be replaced.
  await writeFileAtomic(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFileAtomic(certificateFile, toPem(der), { mode: 0o644 });
  return { certificate: parseCertificate(der), privateKey };
}

const authorityOf = (issuer: Authority | undefined): readonly Uint8Array[] =>
  issuer?.certificate.subjectKeyIdentifier === undefined
    ? []
    : [authorityKeyIdentifierExtension(issuer.certificate.subjectKeyIdentifier)];

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export interface HolderValidity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Issues an authentication certificate: the subject as asked for, the key identifier as the handle. */
export function issueCertificate(
  { issuingCa, revocationUrl: places }: Pick<ServerPki, 'issuingCa' | 'revocationUrl'>,
  subject: Uint8Array,
  publicKeyInfo: Uint8Array,
  { notBefore, notAfter }: HolderValidity,
): Certificate {
  const der = buildCertificate(
    {
      serial: randomSerial(),
      issuer: issuingCa.certificate.subject.der,
      subject,
      notBefore,
      notAfter,
      publicKeyInfo,
      extensions: [
        basicConstraintsExtension(false),
        keyUsageExtension(DIGITAL_SIGNATURE),
        subjectKeyIdentifierExtension(publicKeyInfo),
        ...authorityOf(issuingCa),
        ...holderPlaces(places, 'ehealth-ca'),
        policiesExtension([OID_SANDBOX_POLICY]),
      ],
    },
    issuingCa.privateKey,
    { digest: 'sha384' },
  );
  return parseCertificate(der);
}
