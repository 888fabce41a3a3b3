/**
 * SubmitCSRForForeigner: the request of a person with a bis number and no eID, and the page at which he logs
 * on (certificate-lifecycle §4). Whoever opens the page counts as that person; `sandbox approve` does the same.
 * How long the address is good is ours: a week.
 *
 * @module
 */

import { readHolder } from '../x509/holder.js';
import { publicKeyIdentifier } from '../x509/key-identifier.js';
import { attributeValues, formatRfc2253 } from '../x509/name.js';
import { OID_ORGANIZATIONAL_UNIT } from '../der/oids.js';
import { decide } from './certificates.js';
import { normaliseName, readActor } from './certra-contracts.js';
import { checkUnique, readContact, readCsr } from './certra-request.js';
import type { Exchange, Sandbox } from './exchange.js';
import { Refusal } from './faults-soap.js';
import { CERTRA } from './names.js';
import type { CertificateRecord } from './state.js';
import { childOf, textOf } from './xml-read.js';
import { el } from './xml-text.js';
import type { Content } from './xml-text.js';

const DAY_MS = 86_400_000;
const DAYS = 7;
const PATH = '/foreigners/';

/**
 * Takes the request; it waits until the person has logged on.
 *
 * @throws Refusal `IDENTIFIER_INVALID`, `CSR_INVALID`, `DN_MISMATCH`, `CONTACT_INVALID`, `REQUEST_EXISTS`,
 *   `REQUEST_IN_PROGRESS`, `ACTIVE_CERTIFICATE_EXISTS`.
 */
export async function submitForForeigner(
  { payload }: Exchange,
  sandbox: Sandbox,
): Promise<Content> {
  const person = readActor(childOf(payload, CERTRA, 'ForeignPerson'));
  const month = Number(person.id.slice(2, 4));
  if (person.type !== 'SSIN' || !/^\d{11}$/.test(person.id) || month < 20 || month > 52) {
    throw new Refusal('IDENTIFIER_INVALID', 'a bis number is needed');
  }
  const csr = readCsr(textOf(payload, CERTRA, 'CSR'));
  const holder = readHolder(csr.subject)?.identifier;
  const name = normaliseName(`${person.name} ${person.firstNames.join(' ')}`);
  if (
    holder?.type !== 'SSIN' ||
    holder.id !== person.id ||
    !attributeValues(csr.subject, OID_ORGANIZATIONAL_UNIT).includes(name)
  ) {
    throw new Refusal('DN_MISMATCH', 'the subject of the certificate request is not the person');
  }
  const contact = readContact(childOf(payload, CERTRA, 'ContactData'));
  const id = publicKeyIdentifier(csr.publicKeyInfo);
  const dn = formatRfc2253(csr.subject);
  const { state } = sandbox;
  const before = state.certificates.find((record) => record.id === id);
  if (before !== undefined && (before.logOn === undefined || before.status !== 'IN_PROGRESS')) {
    throw new Refusal('REQUEST_EXISTS', 'this public key was used in a request before');
  }
  // Handed in again before anybody logged on: the older one is void.
  state.certificates = state.certificates.filter(
    (record) => record.id !== id && !(record.dn === dn && record.logOn !== undefined && record.status === 'IN_PROGRESS'), // prettier-ignore
  );
  const replaced = checkUnique(sandbox, { dn });
  const expiresAt = new Date(sandbox.now().getTime() + DAYS * DAY_MS).toISOString();
  const token = sandbox.newId();
  state.certificates.push({
    id,
    dn,
    subjectBase64: Buffer.from(csr.subject.der).toString('base64'),
    publicKeyInfoBase64: Buffer.from(csr.publicKeyInfo).toString('base64'),
    actor: person,
    signerSsin: person.id,
    contact,
    requestedAt: sandbox.now().toISOString(),
    automaticallyValidated: false,
    ...(replaced === undefined ? {} : { replaces: replaced.id }),
    status: 'IN_PROGRESS',
    logOn: { token, expiresAt },
    etk: { status: 'NOT_REQUESTED' },
  });
  await sandbox.store.save();
  return [
    el('p:ValidationUrl', {}, `${sandbox.origin ?? ''}${PATH}${token}`),
    el('p:ExpirationDate', {}, expiresAt),
  ];
}

/** A page of the server outside the services. */
export interface Page {
  readonly status: number;
  readonly text: string;
}

/**
 * The person logs on.
 *
 * @returns `undefined` for any other path.
 */
export async function logOnPage(path: string, sandbox: Sandbox): Promise<Page | undefined> {
  if (!path.startsWith(PATH)) {
    return undefined;
  }
  const token = path.slice(PATH.length);
  const record = sandbox.state.certificates.find((entry) => entry.logOn?.token === token);
  if (record?.logOn === undefined || hasMissed(record, sandbox)) {
    return { status: 404, text: 'topaz sandbox: this address is not good any more\n' };
  }
  delete record.logOn;
  decide(record, sandbox);
  await sandbox.store.save();
  return { status: 200, text: 'topaz sandbox: logged on, the request is confirmed\n' };
}

const hasMissed = ({ logOn }: CertificateRecord, sandbox: Sandbox): boolean =>
  logOn !== undefined && sandbox.now() > new Date(logOn.expiresAt);
