/**
 * What both protocols of the STS have in common: who may have a token, for how long, with which attributes
 * (sts-session §8).
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import { readHolder } from '../x509/holder.js';
import { formatRfc1779 } from '../x509/name.js';
import type { Exchange, Sandbox } from './exchange.js';
import { Refusal, SandboxFault } from './faults-soap.js';
import { IDENTIFICATION } from './names.js';
import { parseBase64Certificate, trustOf } from './security.js';
import { makeAssertion } from './sts-assertion.js';
import { certify, checkIdentity } from './sts-directory.js';
import { changeValues } from './sts-faults.js';
import type { Attribute, Designator } from './sts-directory.js';
import type { Markup } from './xml-text.js';

const DAY_MS = 86_400_000;

/** What is asked for. */
export interface Order {
  /** Milliseconds; not a number where nothing was said. */
  readonly notBefore: number;
  readonly notOnOrAfter: number;
  /** Claimed. */
  readonly attributes: readonly Attribute[];
  readonly designators: readonly Designator[];
}

export interface Parties {
  /** Signed the message. */
  readonly certificate: Certificate;
  /** Will sign with the token. */
  readonly holder: Certificate;
}

/**
 * The holder-of-key certificate of a request.
 *
 * @throws SandboxFault `SOA-01001`; the check of that name fails.
 */
export function readHolderOfKey(
  exchange: Exchange,
  sandbox: Sandbox,
  base64: string,
  check: string,
): Certificate {
  const holder = parseBase64Certificate(base64);
  if (holder === undefined || trustOf(sandbox, holder) !== 'ehealth') {
    const message =
      holder === undefined
        ? 'no readable holder-of-key certificate'
        : 'the holder-of-key certificate is expired, revoked or no eHealth certificate';
    exchange.checks.failed(check, message);
    throw new SandboxFault('SOA-01001', message, { faultCode: 'wsse:FailedCheck' });
  }
  return holder;
}

/**
 * Makes the assertion.
 *
 * @param played Kind of the fault to play, if any.
 *
 * @throws Refusal `RequestDenied`, `PeriodOver`.
 */
export function issueAssertion(
  sandbox: Sandbox,
  order: Order,
  { certificate, holder }: Parties,
  played: string | undefined,
): Markup {
  checkOrder(sandbox, order, { certificate, holder });
  const now = sandbox.now().getTime();
  const { from, until } = periodOf(order, holder, now);
  const values = {
    subjectDn: formatRfc1779(certificate.subject),
    issuerDn: formatRfc1779(certificate.issuer),
    holder,
    notBefore: new Date(from),
    notOnOrAfter: new Date(until),
    attributes: certify(order.designators, order.attributes, sandbox),
  };
  return makeAssertion(sandbox, changeValues(played, values, sandbox));
}

/**
 * Whether an order can be served at all.
 *
 * @throws Refusal `RequestDenied`, `PeriodOver`.
 */
export function checkOrder(sandbox: Sandbox, order: Order, { certificate, holder }: Parties): void {
  const user = readHolder(certificate.subject);
  const owner = readHolder(holder.subject);
  if (user === undefined || owner === undefined) {
    throw new Refusal('RequestDenied', 'a certificate names no holder');
  }
  checkIdentity(order.attributes, user, owner, sandbox);
  const now = sandbox.now().getTime();
  if (!(periodOf(order, holder, now).until > now)) {
    throw new Refusal('PeriodOver', 'the period asked for is over');
  }
  if (
    order.designators.some(({ namespace }) => namespace !== IDENTIFICATION) &&
    certify(order.designators, order.attributes, sandbox).every(
      ({ namespace }) => namespace === IDENTIFICATION,
    )
  ) {
    throw new Refusal('RequestDenied', 'none of the certified attributes can be given');
  }
}

function periodOf(
  { notBefore, notOnOrAfter }: Order,
  holder: Certificate,
  now: number,
): { readonly from: number; readonly until: number } {
  const from = Number.isNaN(notBefore) ? now : notBefore;
  const asked = Number.isNaN(notOnOrAfter) ? now + DAY_MS : notOnOrAfter;
  return { from, until: Math.min(asked, from + DAY_MS, holder.notAfter.getTime()) };
}
