/**
 * A keystore as the commands show it: the JSON shape and the lines for people.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { facts, formatDay, seconds } from '../../cli/text.js';
import { formatNihii } from '../../ids/nihii.js';
import { formatSsin } from '../../ids/ssin.js';
import { keystoreHolder, keystoreRequestId } from '../../keystore/keystore.js';
import type { Keystore } from '../../keystore/keystore.js';
import { holderKind } from '../../keystore/quality.js';
import { serialDecimal } from '../../x509/certificate.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Holder } from '../../x509/holder.js';
import { formatRfc2253 } from '../../x509/name.js';
import { renewableFrom } from '../../lifecycle/replacement.js';
import { daysLeft } from './ending-soon.js';

export type CertificateState = 'valid' | 'expiring' | 'expired' | 'not-yet-valid';

/** One certificate in JSON. */
export interface CertificateDocument {
  readonly alias: string;
  readonly usage: 'authentication' | 'encryption';
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly state: CertificateState;
}

export interface HolderDocument {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
  readonly applicationId?: string;
  readonly sector?: string;
  /** Only where it is known: from the type of an organisation, from the profile for a person. */
  readonly quality?: string;
}

/** What is shown of a keystore. */
export interface KeystoreDocument {
  readonly alias: string;
  readonly path: string;
  readonly state: Keystore['state'];
  readonly requestId: string;
  readonly holder?: HolderDocument;
  readonly certificates: readonly CertificateDocument[];
  /** Issuers that the file holds, nearest first. */
  readonly issuers: readonly string[];
  /** Keys that wait for a certificate or have no use here. */
  readonly otherKeys: readonly string[];
}

export interface DescribeOptions {
  readonly alias: string;
  readonly path: string;
  readonly now: Date;
  /** Quality of a person, from the profile. */
  readonly quality?: string | undefined;
}

/** Makes the document of a keystore. */
export function describeKeystore(
  keystore: Keystore,
  { alias, path, now, quality }: DescribeOptions,
): KeystoreDocument {
  const { authentication, encryption, unpairedKeys = [], state } = keystore;
  const [leaf, ...issuers] = authentication.chain;
  const holder = keystoreHolder(keystore);
  return {
    alias,
    path,
    state,
    requestId: keystoreRequestId(keystore),
    ...(holder === undefined ? {} : { holder: describeHolder(holder, quality) }),
    certificates: [
      ...(state === 'pending'
        ? []
        : [describeCertificate(leaf, 'authentication', 'authentication', now)]),
      ...encryption
        .toReversed()
        .map((entry) => describeCertificate(entry.certificate, entry.alias, 'encryption', now)),
    ],
    issuers: issuers.map(({ subject }) => formatRfc2253(subject)),
    otherKeys: unpairedKeys.map((entry) => entry.alias),
  };
}

function describeHolder(holder: Holder, quality: string | undefined): HolderDocument {
  const { identifier, name, applicationId } = holder;
  const kind = holderKind(identifier);
  const known = identifier.type === 'SSIN' ? quality : kind.quality;
  return {
    type: identifier.type,
    id: identifier.id,
    ...(name === undefined ? {} : { name }),
    ...(applicationId === undefined ? {} : { applicationId }),
    ...(kind.sector === undefined ? {} : { sector: kind.sector }),
    ...(known === undefined ? {} : { quality: known }),
  };
}

const describeCertificate = (
  certificate: Certificate,
  alias: string,
  usage: CertificateDocument['usage'],
  now: Date,
): CertificateDocument => ({
  alias,
  usage,
  subject: formatRfc2253(certificate.subject),
  issuer: formatRfc2253(certificate.issuer),
  serial: serialDecimal(certificate),
  notBefore: seconds(certificate.notBefore),
  notAfter: seconds(certificate.notAfter),
  daysLeft: daysLeft(certificate, now),
  state: stateAt(certificate, now),
});

function stateAt(certificate: Certificate, now: Date): CertificateState {
  if (now < certificate.notBefore) {
    return 'not-yet-valid';
  }
  if (now.getTime() >= certificate.notAfter.getTime() + 1000) {
    return 'expired';
  }
  // From then on it can be renewed; what eHealth said about this one, `cert status` knows.
  return now >= renewableFrom(certificate.notAfter, undefined) ? 'expiring' : 'valid';
}

/** `JEAN EXEMPLE, SSIN 79.02.15-997.32 (person)`. */
export function holderText(run: Run, holder: HolderDocument): string {
  const { type, id, name, applicationId, quality } = holder;
  const number = formatNumber(type, id);
  const application = applicationId === undefined ? '' : `, ${applicationId}`;
  const who = name === undefined ? number : `${name}, ${number}`;
  const word = qualityWord(run, type === 'SSIN' ? 'person' : (quality ?? 'organisation'));
  return `${who}${application} (${word})`;
}

const formatNumber = (type: string, id: string): string =>
  `${type} ${type === 'SSIN' ? formatSsin(id) : type.startsWith('NIHII') ? formatNihii(id) : id}`;

export const qualityWord = (run: Run, quality: string): string =>
  run.t(`keystore.quality.${quality}`);

/** Name and value of everything that `show` says. */
export function keystoreLines(run: Run, document: KeystoreDocument): readonly string[] {
  const { holder, certificates, issuers, otherKeys, path, state, requestId } = document;
  const t = (key: string): string => run.t(`keystore.show.${key}`);
  return facts([
    [t('file'), path],
    ...(holder === undefined ? [] : holderRows(run, holder)),
    ...(state === 'pending' ? [row(t('state'), run.t('keystore.show.pending'))] : []),
    ...certificates.flatMap((certificate) => certificateRows(run, certificate)),
    ...issuers.map((issuer) => row(t('issuer'), issuer)),
    ...otherKeys.map((alias) => row(t('otherKey'), alias)),
    [t('requestId'), requestId],
  ]);
}

const row = (name: string, value: string): readonly [string, string] => [name, value];

function holderRows(run: Run, holder: HolderDocument): readonly (readonly [string, string])[] {
  const { sector, quality } = holder;
  return [
    row(run.t('keystore.show.holder'), holderText(run, holder)),
    ...(sector === undefined ? [] : [row(run.t('keystore.show.sector'), sector)]),
    ...(quality === undefined
      ? []
      : [row(run.t('keystore.show.quality'), holder.type === 'SSIN' ? quality : qualityWord(run, quality))]), // prettier-ignore
  ];
}

function certificateRows(
  run: Run,
  { usage, serial, notBefore, notAfter, state, daysLeft: days }: CertificateDocument,
): readonly (readonly [string, string])[] {
  const period = run.t(`keystore.show.period.${state}`, {
    from: formatDay(run, notBefore),
    until: formatDay(run, notAfter),
    count: Math.max(0, days),
  });
  return [row(run.t(`keystore.show.${usage}`), period), row(run.t('keystore.show.serial'), serial)];
}

/** One record per certificate, for a pipe. */
export const keystoreRecords = ({
  certificates,
}: KeystoreDocument): readonly (readonly string[])[] =>
  certificates.map(({ usage, alias, state, notBefore, notAfter, subject, issuer }) => [
    usage,
    alias,
    state,
    notBefore,
    notAfter,
    subject,
    issuer,
  ]);
