/**
 * A certificate authority made and run by openssl: certificates that name a responder and a list, the list,
 * and the responder itself.
 *
 * @module
 */

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Certificate } from '../../src/x509/certificate.js';
import { parsePemCertificates } from '../../src/x509/pem.js';

export interface Responder {
  readonly url: string;
  stop(): void;
}

export interface OpensslCa {
  readonly folder: string;
  readonly certificate: Certificate;
  file(name: string): string;
  certificateOf(name: string): Certificate;
  /** @param extensions Lines of an extension section. */
  issue(name: string, extensions?: readonly string[]): Certificate;
  revoke(name: string, reason?: string): void;
  /** DER of the list as it is now. */
  crl(...options: readonly string[]): Uint8Array;
  /** DER of a list with extensions: a configuration with the section `ext`. */
  crlWith(section: string): Uint8Array;
  respond(signer: string, ...options: readonly string[]): Promise<Responder>;
  respondAt(port: number, signer: string, ...options: readonly string[]): Promise<Responder>;
  /** Takes over key and certificate of another authority. */
  adopt(other: OpensslCa, name: string): void;
  remove(): void;
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });

const CONFIG = (folder: string): string => `
[ca]
default_ca = own
[own]
dir = ${folder}
database = ${folder}/index.txt
new_certs_dir = ${folder}
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
`;

export function createOpensslCa({ rsa = false }: { rsa?: boolean } = {}): OpensslCa {
  const folder = mkdtempSync(join(tmpdir(), 'topaz-ca-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const newKey = (name: string, isRsa = false): void => {
    openssl(
      'genpkey', '-out', file(`${name}.key`), '-algorithm', isRsa ? 'RSA' : 'EC',
      '-pkeyopt', isRsa ? 'rsa_keygen_bits:2048' : 'ec_paramgen_curve:P-256',
    ); // prettier-ignore
  };
  writeFileSync(file('ca.cnf'), CONFIG(folder));
  writeFileSync(file('index.txt'), '');
  writeFileSync(file('serial'), '1000\n');
  writeFileSync(file('crlnumber'), '01\n');
  newKey('ca', rsa);
  openssl(
    'req', '-x509', '-new', '-key', file('ca.key'), '-out', file('ca.pem'), '-days', '30', '-subj', '/C=BE/CN=Test issuer',
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
  ); // prettier-ignore
  const certificateOf = (name: string): Certificate =>
    parsePemCertificates(readFileSync(file(`${name}.pem`), 'utf8'))[0]!;
  return {
    folder,
    certificate: certificateOf('ca'),
    file,
    certificateOf,
    issue: (name, extensions = []) => {
      newKey(name);
      writeFileSync(
        file(`${name}.ext`),
        ['basicConstraints=CA:FALSE', 'authorityKeyIdentifier=keyid', ...extensions, ''].join('\n'),
      );
      openssl(
        'req', '-new', '-key', file(`${name}.key`), '-out', file(`${name}.csr`), '-subj', `/CN=${name}`,
      ); // prettier-ignore
      openssl(
        'ca', '-batch', '-config', file('ca.cnf'), '-in', file(`${name}.csr`), '-out', file(`${name}.pem`),
        '-extfile', file(`${name}.ext`), '-notext',
      ); // prettier-ignore
      return certificateOf(name);
    },
    revoke: (name, reason = 'keyCompromise') => {
      openssl(
        'ca', '-config', file('ca.cnf'), '-revoke', file(`${name}.pem`), '-crl_reason', reason,
      ); // prettier-ignore
    },
    crl: (...options) => crlBy(file('ca.cnf'), ...options),
    crlWith: (section) => {
      writeFileSync(file('list.cnf'), `${CONFIG(folder)}\n${section}\n`);
      return crlBy(file('list.cnf'), '-crlexts', 'ext');
    },
    adopt: (other, name) => {
      for (const ending of ['pem', 'key']) {
        copyFileSync(other.file(`${name}.${ending}`), file(`${name}.${ending}`));
      }
    },
    respond: async (signer, ...options) => respondAt(await freePort(), signer, ...options),
    respondAt,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
  function crlBy(config: string, ...options: readonly string[]): Uint8Array {
    openssl('ca', '-config', config, '-gencrl', '-out', file('list.pem'), ...options);
    openssl('crl', '-in', file('list.pem'), '-outform', 'DER', '-out', file('list.der'));
    return Uint8Array.from(readFileSync(file('list.der')));
  }
  async function respondAt(
    port: number,
    signer: string,
    ...options: readonly string[]
  ): Promise<Responder> {
    const child = spawn('openssl', [
        'ocsp', '-ignore_err', '-port', String(port), '-index', file('index.txt'), '-CA', file('ca.pem'),
        '-rsigner', file(`${signer}.pem`), '-rkey', file(`${signer}.key`), ...options,
      ], { stdio: ['ignore', 'pipe', 'pipe'] }); // prettier-ignore
    await ready(child);
    return {
      url: `http://127.0.0.1:${port}/`,
      stop: () => {
        child.kill('SIGKILL');
      },
    };
  }
}

/** Adds so many revoked numbers that belong to no certificate. */
export function fillIndex(ca: OpensslCa, count: number): void {
  const lines: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const serial = (0x10000000 + n).toString(16).toUpperCase();
    lines.push(`R\t401231235959Z\t260101000000Z,superseded\t${serial}\tunknown\t/CN=gone`);
  }
  appendFileSync(ca.file('index.txt'), `${lines.join('\n')}\n`);
}

/** It must not be tried with an empty connection: openssl spins on one. */
const ready = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = '';
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes('waiting for OCSP client')) {
        resolve();
      }
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => {
      reject(new Error(`the responder of openssl did not start: ${text}`));
    });
  });
