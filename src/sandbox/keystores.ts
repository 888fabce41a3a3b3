/**
 * Finished certificates for anyone of the seed, without request and card (design §8): for tests that are
 * about something else. The private keys never come here: the command makes them and sends public keys.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';

import { TopazError } from '../errors.js';
import { formatIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';
import { parseCertificate } from '../x509/certificate.js';
import { publicKeyIdentifier } from '../x509/key-identifier.js';
import { encodeName, parseDistinguishedName } from '../x509/name.js';
import { deliver } from './certificates.js';
import { composeDn } from './certra-contracts.js';
import { registerToken } from './etk.js';
import type { Sandbox } from './exchange.js';
import type { Actor, CertificateRecord } from './state.js';

const SERIAL_BYTES = 16;

export interface Issued {
  /** PublicKeyIdentifier. */
  readonly id: string;
  /** DER, leaf first, without root. */
  readonly chain: readonly Uint8Array[];
  /** Serial that the encryption certificate must have, hex. */
  readonly encryptionSerialHex: string;
}

/**
 * Issues an authentication certificate for a holder.
 *
 * @param validity Without it, three years from now.
 * @param applicationId Of an organisation's certificate that is for one program.
 * @throws TopazError `E_IDENTIFIER_INVALID` when the seed does not know the holder.
 */
export async function issueFor(
  sandbox: Sandbox,
  holder: Identifier,
  publicKeyInfo: Uint8Array,
  validity?: { readonly notBefore: Date; readonly notAfter: Date },
  applicationId?: string,
): Promise<Issued> {
  const actor = actorOf(sandbox, holder);
  const dn = composeDn(actor, applicationId);
  const record: CertificateRecord = {
    id: publicKeyIdentifier(publicKeyInfo),
    dn,
    subjectBase64: base64(encodeName(parseDistinguishedName(dn))),
    publicKeyInfoBase64: base64(publicKeyInfo),
    actor,
    ...(applicationId === undefined ? {} : { applicationId }),
    signerSsin: actor.type === 'SSIN' ? actor.id : '',
    contact: { emailPrivate: 'sandbox@topaz.test', phonePrivate: '+3220000000' },
    requestedAt: sandbox.now().toISOString(),
    automaticallyValidated: true,
    status: 'IN_PROGRESS',
    etk: {
      status: 'IN_REQUEST',
      serialHex: randomBytes(SERIAL_BYTES).toString('hex'),
    },
  };
  const certificate = deliver(record, sandbox, validity);
  sandbox.state.certificates.push(record);
  await sandbox.store.save();
  return {
    id: record.id,
    chain: [certificate.der, sandbox.pki.issuingCa.certificate.der],
    encryptionSerialHex: record.etk.serialHex ?? '',
  };
}

/**
 * Publishes the ETK of a certificate that {@link issueFor} made.
 *
 * @throws TopazError `E_USAGE` for an unknown one.
 */
export async function publishEtk(
  sandbox: Sandbox,
  id: string,
  encryption: Uint8Array,
): Promise<void> {
  const record = sandbox.state.certificates.find((entry) => entry.id === id);
  if (record === undefined) {
    throw new TopazError('E_USAGE', 'the sandbox did not issue this certificate', {
      hint: 'topaz sandbox keystore create',
    });
  }
  await registerToken(record, parseCertificate(encryption), sandbox, true);
}

function actorOf({ state }: Sandbox, { type, id }: Identifier): Actor {
  if (type === 'SSIN') {
    const person = state.persons.find(({ ssin }) => ssin === id);
    if (person !== undefined) {
      return { type, id, firstNames: [person.firstName], name: person.lastName };
    }
  } else {
    const organisation = state.organisations.find(
      (entry) => entry.type === type && entry.id === id,
    );
    if (organisation !== undefined) {
      return { type, id, firstNames: [], name: organisation.name };
    }
  }
  throw new TopazError('E_IDENTIFIER_INVALID', 'the sandbox knows no such holder', {
    facts: type === 'SSIN' ? [] : [formatIdentifier({ type, id })],
    hint: 'add the holder first: topaz sandbox seed FILE, or --seed demo',
  });
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
