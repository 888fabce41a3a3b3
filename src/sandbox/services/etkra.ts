/**
 * ETKRA v2 (certificate-lifecycle §5): registration of an encryption token in two steps. The serial that
 * the challenge imposes, the certificate that comes back and the token in the depot are one record.
 *
 * @module
 */

import { createPublicKey, randomBytes } from 'node:crypto';

import { isSignedBy, parseCertificate } from '../../x509/certificate.js';
import type { Certificate } from '../../x509/certificate.js';
import { publicKeyIdentifier } from '../../x509/key-identifier.js';
import { activeCertificate } from '../certificates.js';
import { registerToken } from '../etk.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal, SandboxFault } from '../faults-soap.js';
import { ETKRA } from '../names.js';
import { refusal, success, verifySignedRequest } from '../ra-frame.js';
import { makeChallenge } from '../seal.js';
import type { CertificateRecord } from '../state.js';
import { textOf } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Content } from '../xml-text.js';

const ACTIONS: Readonly<Record<string, string>> = {
  StartETKRegistration: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:startETKRegistration',
  CompleteETKRegistration: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:completeETKregistration',
  ActivateETK: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:activateETK',
};

const SERIAL_BYTES = 16;
const RSA_2048 = 2048;

const replyOf = ({ operation }: Exchange) => ({ prefix: 'k', namespace: ETKRA, operation });

export const etkra: Service = {
  name: 'etkra',
  paths: ['/EtkRa/v2'],
  namespace: ETKRA,
  actions: (operation) => {
    const action = ACTIONS[operation];
    return action === undefined ? [] : [action];
  },
  refuse: (exchange, sandbox, code, message) => ({
    payload: refusal(replyOf(exchange), exchange, sandbox, new Refusal(code, message)),
  }),
  handle: async (exchange, sandbox): Promise<Answer> => {
    try {
      const content = await operate(exchange, sandbox);
      exchange.checks.ok('business');
      return { payload: success(replyOf(exchange), exchange, sandbox, content) };
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      exchange.checks.failed('business', error.code);
      return { payload: refusal(replyOf(exchange), exchange, sandbox, error) };
    }
  },
};

async function operate(exchange: Exchange, sandbox: Sandbox): Promise<Content> {
  if (ACTIONS[exchange.operation] === undefined) {
    throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
  }
  const { root, certificate } = verifySignedRequest(exchange, sandbox, 'ehealth');
  const id = publicKeyIdentifier(certificate.publicKeyInfo);
  const record = sandbox.state.certificates.find((entry) => entry.id === id);
  if (record === undefined) {
    throw new Refusal('UNKNOWN_REQUEST', 'no certificate with this public key identifier');
  }
  switch (exchange.operation) {
    case 'StartETKRegistration':
      return start(record, textOf(root, ETKRA, 'PublicEncryptionKey'), sandbox);
    case 'CompleteETKRegistration':
      return complete(record, certificate, textOf(root, ETKRA, 'ToBeRegistered'), sandbox);
    default:
      return activate(record, sandbox);
  }
}

const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(Buffer.from(base64.replace(/\s/g, ''), 'base64'));

async function start(
  record: CertificateRecord,
  base64: string,
  sandbox: Sandbox,
): Promise<Content> {
  if (record.etk.status === 'VALID_ACTIVE' || record.etk.status === 'WAIT_FOR_ACTIVATION') {
    throw new Refusal('ETK_EXISTS', 'this certificate has an encryption token already');
  }
  let key;
  try {
    key = createPublicKey({ key: Buffer.from(bytesOf(base64)), format: 'der', type: 'spki' });
  } catch {
    throw new Refusal('KEY_INVALID', 'the public key is not readable');
  }
  if (key.asymmetricKeyType !== 'rsa' || key.asymmetricKeyDetails?.modulusLength !== RSA_2048) {
    throw new Refusal('KEY_INVALID', 'the encryption key is not RSA of 2048 bits');
  }
  if (publicKeyIdentifier(bytesOf(base64)) === record.id) {
    throw new Refusal('KEY_INVALID', 'the encryption key must differ from the authentication key');
  }
  const serial = randomBytes(SERIAL_BYTES);
  record.etk = {
    status: 'IN_REQUEST',
    serialHex: serial.toString('hex'),
    publicKeyInfoBase64: Buffer.from(bytesOf(base64)).toString('base64'),
  };
  await sandbox.store.save();
  return el('k:Challenge', {}, Buffer.from(makeChallenge(key, serial)).toString('base64'));
}

async function complete(
  record: CertificateRecord,
  authentication: Certificate,
  base64: string,
  sandbox: Sandbox,
): Promise<Content> {
  if (record.etk.status !== 'IN_REQUEST') {
    throw new Refusal('ETK_NOT_STARTED', 'start the registration first');
  }
  let certificate;
  try {
    certificate = parseCertificate(bytesOf(base64));
  } catch {
    throw new Refusal('CERTIFICATE_INVALID', 'the certificate is not readable');
  }
  const problem = problemOf(certificate, authentication, record);
  if (problem !== undefined) {
    throw new Refusal('CERTIFICATE_INVALID', problem);
  }
  const previous = sandbox.state.certificates.find(
    (entry) => entry !== record && entry.dn === record.dn && entry.etk.status === 'VALID_ACTIVE',
  );
  const token = await registerToken(record, certificate, sandbox, previous === undefined);
  return [
    el('k:ETK', {}, Buffer.from(token).toString('base64')),
    el('k:ToBeActivated', {}, String(previous !== undefined)),
  ];
}

/** What is wrong with a certificate to be registered; `undefined` when nothing is. */
function problemOf(
  certificate: Certificate,
  authentication: Certificate,
  { etk }: CertificateRecord,
): string | undefined {
  const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
  if (certificate.serial !== BigInt(`0x${etk.serialHex ?? '0'}`)) {
    return 'the serial number is not the one of the challenge';
  }
  if (
    !same(certificate.subject.der, authentication.subject.der) ||
    !same(certificate.issuer.der, authentication.subject.der)
  ) {
    return 'issuer and subject are not the subject of the authentication certificate';
  }
  if (
    certificate.notBefore.getTime() !== authentication.notBefore.getTime() ||
    certificate.notAfter.getTime() !== authentication.notAfter.getTime()
  ) {
    return 'the validity is not the one of the authentication certificate';
  }
  if (Buffer.from(certificate.publicKeyInfo).toString('base64') !== etk.publicKeyInfoBase64) {
    return 'the key is not the one of the start';
  }
  if (certificate.keyUsage !== 0x30) {
    return 'the key usage is not keyEncipherment and dataEncipherment';
  }
  return isSignedBy(certificate, authentication.publicKey)
    ? undefined
    : 'it is not signed by the authentication key';
}

async function activate(record: CertificateRecord, sandbox: Sandbox): Promise<undefined> {
  if (record.etk.status !== 'WAIT_FOR_ACTIVATION') {
    throw new Refusal('NOTHING_TO_ACTIVATE', 'no encryption token waits for activation');
  }
  for (const entry of sandbox.state.certificates) {
    if (entry !== record && entry.dn === record.dn && entry.etk.status === 'VALID_ACTIVE') {
      entry.etk.status = 'REVOKED';
    }
  }
  record.etk.status = 'VALID_ACTIVE';
  // The replaced certificate ends with its token.
  const active = activeCertificate(sandbox, record.dn);
  for (const entry of sandbox.state.certificates) {
    if (entry !== active && entry.id === record.replaces) {
      entry.status = 'REVOKED';
      entry.revocation = { at: sandbox.now().toISOString(), reason: 'superseded' };
    }
  }
  await sandbox.store.save();
  return undefined;
}
