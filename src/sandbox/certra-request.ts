/**
 * GenerateCertificate: everything that eHealth checks before a request is taken (certificate-lifecycle §4,
 * §12).
 *
 * @module
 */

import { createPublicKey } from 'node:crypto';

import { parseCsr } from '../x509/csr.js';
import type { Csr } from '../x509/csr.js';
import { eidNames, readHolder } from '../x509/holder.js';
import { publicKeyIdentifier } from '../x509/key-identifier.js';
import { encodeName, formatRfc2253, namesEqual, parseDistinguishedName, parseName } from '../x509/name.js'; // prettier-ignore
import type { Name } from '../x509/name.js';
import { activeCertificate, decide, inReplacementPeriod } from './certificates.js';
import { digestTexts, normaliseName, readActor } from './certra-contracts.js';
import type { Exchange, Sandbox } from './exchange.js';
import { Refusal } from './faults-soap.js';
import { CERTRA, CERTRA_CORE } from './names.js';
import { verifySignedRequest } from './ra-frame.js';
import { mandatesOf } from './people.js';
import type { CertificateRecord, Contact, Contract } from './state.js';
import { childOf, childrenOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';
import { el } from './xml-text.js';
import type { Content } from './xml-text.js';

const MIN_BITS = 2048;

/**
 * Takes a request.
 *
 * @throws Refusal with our own codes: `CONTRACT_UNKNOWN`, `SIGNER_MISMATCH`, `CSR_INVALID`, `DN_MISMATCH`,
 *   `ACTIVE_CERTIFICATE_EXISTS`, `REQUEST_IN_PROGRESS`, `CONTACT_INVALID`, and those of the signature.
 */
export async function generateCertificate(exchange: Exchange, sandbox: Sandbox): Promise<Content> {
  const { root, certificate } = verifySignedRequest(exchange, sandbox, 'eid-signature');
  const request = childOf(root, CERTRA, 'EHealthCSR');
  const contractElement = childOf(request, CERTRA_CORE, 'Contract');
  const contract = findContract(contractElement, sandbox);
  checkSigner(contract, contractElement, certificate.subject);
  const csr = checkCsr(textOf(request, CERTRA_CORE, 'CSR'), contract);
  const contact = readContact(childOf(request, CERTRA_CORE, 'ContactData'));

  const id = publicKeyIdentifier(csr.publicKeyInfo);
  const { state } = sandbox;
  const known = state.certificates.find((record) => record.id === id);
  if (known !== undefined) {
    throw new Refusal('REQUEST_EXISTS', 'this public key was used in a request before');
  }
  const replaced = checkUnique(sandbox, contract);
  const automatic = isAutomatic(sandbox, contract);
  const record: CertificateRecord = {
    id,
    dn: contract.dn,
    subjectBase64: Buffer.from(csr.subject.der).toString('base64'),
    publicKeyInfoBase64: Buffer.from(csr.publicKeyInfo).toString('base64'),
    actor: contract.actor,
    ...(contract.applicationId === undefined ? {} : { applicationId: contract.applicationId }),
    signerSsin: contract.signerSsin,
    contact,
    requestedAt: sandbox.now().toISOString(),
    automaticallyValidated: automatic,
    ...(replaced === undefined ? {} : { replaces: replaced.id }),
    status: 'IN_PROGRESS',
    etk: { status: 'NOT_REQUESTED' },
  };
  state.certificates.push(record);
  decide(record, sandbox);
  await sandbox.store.save();
  return [
    el('p:PublicKeyIdentifier', {}, id),
    el('p:AutomaticallyValidated', {}, String(automatic)),
    replaced === undefined ? undefined : el('p:ReplacesCertificate', {}, replaced.id),
  ];
}

function findContract(element: ReadElement | undefined, { state }: Sandbox): Contract {
  const dn = textOf(element, CERTRA_CORE, 'DN');
  const texts = childrenOf(childOf(element, CERTRA_CORE, 'Text'), CERTRA_CORE, 'Value');
  const digest = digestTexts(texts.map(({ text }) => text));
  const contract = state.contracts.find(
    (entry) => entry.kind === 'request' && entry.textDigest === digest && sameDn(entry.dn, dn),
  );
  if (contract === undefined) {
    throw new Refusal('CONTRACT_UNKNOWN', 'this contract was not issued');
  }
  return contract;
}

const nameOfDn = (dn: string): Name => parseName(encodeName(parseDistinguishedName(dn)));

function sameDn(one: string, other: string): boolean {
  try {
    return one === other || namesEqual(nameOfDn(one), nameOfDn(other));
  } catch {
    return false;
  }
}

/** The contract's signer is the card: number and name. */
function checkSigner(contract: Contract, element: ReadElement | undefined, subject: Name): void {
  const signer = readActor(childOf(element, CERTRA_CORE, 'Signer'));
  const ssin = readHolder(subject)?.identifier.id;
  const { givenNames, surname } = eidNames(subject);
  if (contract.signerSsin !== ssin || signer.id !== ssin) {
    throw new Refusal('SIGNER_MISMATCH', 'the signer of the contract is not the card');
  }
  const first = normaliseName(givenNames).split(' ')[0];
  if (
    normaliseName(signer.name) !== normaliseName(surname) ||
    normaliseName(signer.firstNames.join(' ')).split(' ')[0] !== first
  ) {
    throw new Refusal('SIGNER_MISMATCH', 'the name of the signer is not the one on the card');
  }
}

function checkCsr(base64: string, contract: Contract): Csr {
  const csr = readCsr(base64);
  if (!namesEqual(csr.subject, nameOfDn(contract.dn))) {
    throw new Refusal(
      'DN_MISMATCH',
      'the subject of the certificate request is not the contract DN',
      [['subject', formatRfc2253(csr.subject)]],
    );
  }
  return csr;
}

/**
 * A certificate request that its own key signed: RSA, long enough.
 *
 * @throws Refusal `CSR_INVALID`.
 */
export function readCsr(base64: string): Csr {
  let csr;
  try {
    csr = parseCsr(Uint8Array.from(Buffer.from(base64.replace(/\s/g, ''), 'base64')));
  } catch {
    throw new Refusal('CSR_INVALID', 'the certificate request is not readable');
  }
  if (!csr.verified) {
    throw new Refusal('CSR_INVALID', 'the certificate request is not signed by its own key');
  }
  const key = createPublicKey({ key: Buffer.from(csr.publicKeyInfo), format: 'der', type: 'spki' });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < MIN_BITS) {
    throw new Refusal('CSR_INVALID', 'the key is not RSA of at least 2048 bits');
  }
  return csr;
}

/**
 * @returns The certificate that the new one replaces, when there is one.
 * @throws Refusal `REQUEST_IN_PROGRESS`, `ACTIVE_CERTIFICATE_EXISTS`.
 */
export function checkUnique(
  sandbox: Sandbox,
  { dn }: Pick<Contract, 'dn'>,
): CertificateRecord | undefined {
  const sameHolder = sandbox.state.certificates.filter((record) => record.dn === dn);
  if (sameHolder.some(({ status }) => status === 'IN_PROGRESS')) {
    throw new Refusal('REQUEST_IN_PROGRESS', 'a request for this holder is being handled');
  }
  const active = activeCertificate(sandbox, dn);
  if (active !== undefined && !inReplacementPeriod(active, sandbox)) {
    throw new Refusal(
      'ACTIVE_CERTIFICATE_EXISTS',
      'there is an active certificate for this holder',
      [['publicKeyIdentifier', active.id]],
    );
  }
  return active;
}

/** A known person for himself, or with a mandate for the organisation; others are validated by hand. */
function isAutomatic(sandbox: Sandbox, { actor, signerSsin }: Contract): boolean {
  return actor.type === 'SSIN'
    ? sandbox.state.persons.some(({ ssin, qualities }) => ssin === signerSsin && qualities.length > 0) // prettier-ignore
    : mandatesOf(sandbox, signerSsin).some(({ type, id }) => type === actor.type && id === actor.id); // prettier-ignore
}

/** @throws Refusal `CONTACT_INVALID`. */
export function readContact(element: ReadElement | undefined): Contact {
  const value = (name: string): string => textOf(element, CERTRA_CORE, name);
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value('EmailPrivate'))) {
    throw new Refusal('CONTACT_INVALID', 'the private e-mail address is not valid');
  }
  if (!/^[+0-9][0-9 ]*$/.test(value('PhonePrivate'))) {
    throw new Refusal('CONTACT_INVALID', 'the private phone number is not valid');
  }
  return {
    emailPrivate: value('EmailPrivate'),
    ...(value('EmailGeneral') === '' ? {} : { emailGeneral: value('EmailGeneral') }),
    phonePrivate: value('PhonePrivate'),
    ...(value('PhoneGeneral') === '' ? {} : { phoneGeneral: value('PhoneGeneral') }),
  };
}
