/**
 * Services that hold a certificate and an encryption token like everybody else: the KGSS and the business
 * domain of MyCareNet (BED). What is sealed for them is opened with these keys; the depot hands out their
 * tokens. Made at their first use in the sandbox's data folder, kept for ever after.
 *
 * @module
 */

import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../disk/atomic.js';
import { buildCertificate, keyUsageExtension } from '../x509/build.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { encodeName, parseDistinguishedName } from '../x509/name.js';
import { composeDn } from './certra-contracts.js';
import { fromPem, publicKeyInfoOf, randomSerial, toPem } from './citizen-pki.js';
import type { Authority } from './citizen-pki.js';
import { makeEtk } from './seal.js';

export type ServiceHolderName = 'kgss' | 'bed';

export interface ServiceHolder {
  readonly type: string;
  readonly id: string;
  readonly applicationId: string;
  /** Signs what the service seals. */
  readonly authentication: Authority;
  /** Of the authentication certificate: leaf, issuing CA, root. */
  readonly chain: readonly Certificate[];
  /** Opens what is sealed for the service. */
  readonly encryption: Authority;
  readonly token: Uint8Array;
}

export interface ServiceHolders {
  /** The keys of a service; the first call makes them. */
  of(name: ServiceHolderName): Promise<ServiceHolder>;
  /** The service that the depot knows under this identifier; an application id narrows when it is given. */
  find(type: string, id: string, applicationId?: string): Promise<ServiceHolder | undefined>;
}

interface Who {
  readonly type: string;
  readonly id: string;
  readonly applicationId: string;
  readonly name: string;
}

/** Identifiers as clients ask for them (etee §4.2, mycarenet-next). */
const WHO: Readonly<Record<ServiceHolderName, Who>> = {
  kgss: { type: 'CBE', id: '0809394427', applicationId: 'KGSS', name: 'eHealth-platform' },
  bed: { type: 'CBE', id: '0820563481', applicationId: 'MYCARENET', name: 'MyCareNet' },
};

const ENCRYPTION_USAGE = 0x30;

export interface HolderMakers {
  readonly issuingCa: Authority;
  readonly ehealthRoot: Authority;
  readonly etkRa: Authority;
  /** Issues an authentication certificate. */
  readonly issue: (subject: Uint8Array, publicKeyInfo: Uint8Array) => Certificate;
  readonly generateKey: () => Promise<KeyObject>;
}

/** @param folder Where keys and certificates stand. */
export function createServiceHolders(folder: string, makers: HolderMakers): ServiceHolders {
  const made = new Map<ServiceHolderName, Promise<ServiceHolder>>();
  const of = (name: ServiceHolderName): Promise<ServiceHolder> => {
    const known = made.get(name);
    if (known !== undefined) {
      return known;
    }
    const opening = open(folder, name, makers);
    made.set(name, opening);
    return opening;
  };
  return {
    of,
    find: async (type, id, applicationId) => {
      for (const name of ['kgss', 'bed'] as const) {
        const who = WHO[name];
        if (
          who.type === type &&
          who.id === id &&
          (applicationId === undefined || applicationId === who.applicationId)
        ) {
          return of(name);
        }
      }
      return undefined;
    },
  };
}

async function open(
  folder: string,
  name: ServiceHolderName,
  makers: HolderMakers,
): Promise<ServiceHolder> {
  const { type, id, applicationId } = WHO[name];
  const { issuingCa, ehealthRoot, etkRa } = makers;
  const authentication = await readOrMake(folder, name, makers, (publicKeyInfo) =>
    makers.issue(subjectOf(WHO[name]), publicKeyInfo),
  );
  const encryption = await readOrMake(folder, `${name}-encryption`, makers, (publicKeyInfo) =>
    encryptionCertificate(authentication, publicKeyInfo),
  );
  const chain = [authentication.certificate, issuingCa.certificate, ehealthRoot.certificate];
  const token = makeEtk(etkRa, encryption.certificate.der, chain);
  return { type, id, applicationId, authentication, chain, encryption, token };
}

const subjectOf = ({ type, id, applicationId, name }: Who): Uint8Array =>
  encodeName(parseDistinguishedName(composeDn({ type, id, firstNames: [], name }, applicationId)));

function encryptionCertificate(
  { certificate, privateKey }: Authority,
  publicKeyInfo: Uint8Array,
): Certificate {
  const { subject, notBefore, notAfter } = certificate;
  return parseCertificate(
    buildCertificate(
      {
        serial: randomSerial(),
        issuer: subject.der,
        subject: subject.der,
        notBefore,
        notAfter,
        publicKeyInfo,
        extensions: [keyUsageExtension(ENCRYPTION_USAGE)],
      },
      privateKey,
    ),
  );
}

async function readOrMake(
  folder: string,
  file: string,
  { generateKey }: HolderMakers,
  certify: (publicKeyInfo: Uint8Array) => Certificate,
): Promise<Authority> {
  const keyFile = join(folder, `${file}.key`);
  const certificateFile = join(folder, `${file}.crt`);
  if (await exists(certificateFile)) {
    return {
      certificate: parseCertificate(fromPem(await readFile(certificateFile, 'utf8'))),
      privateKey: createPrivateKey(await readFile(keyFile)),
    };
  }
  const privateKey = await generateKey();
  const certificate = certify(publicKeyInfoOf(privateKey));
  // The key first: a certificate without its key would never be replaced.
  await writeFileAtomic(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFileAtomic(certificateFile, toPem(certificate.der), { mode: 0o644 });
  return { certificate, privateKey };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
