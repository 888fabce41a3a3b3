/**
 * Contracts of CertRA: the server composes the DN and the text, hands them out, and remembers them.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Exchange, Sandbox } from './exchange.js';
import { Refusal } from './faults-soap.js';
import { CERTRA, CERTRA_CORE, COMMONS_2 } from './names.js';
import { problemOfNumber } from './organisation-types.js';
import type { Actor, Contract } from './state.js';
import { attributeOf, childOf, childrenOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

const REASONS = ['keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation'];
const MAX_CONTRACTS = 500;

/** An actor as the commons schema writes it. */
export function readActor(element: ReadElement | undefined): Actor {
  const id = childrenOf(element, COMMONS_2, 'Id')[0];
  return {
    type: attributeOf(id, 'Type') ?? '',
    id: id?.text.trim() ?? '',
    firstNames: childrenOf(element, COMMONS_2, 'FirstName').map(({ text }) => text.trim()),
    name: textOf(element, COMMONS_2, 'Name'),
  };
}

export const actorContent = ({ type, id, firstNames, name }: Actor): readonly Markup[] => [
  el('core:Id', { Type: type }, id),
  ...firstNames.map((first) => el('core:FirstName', {}, first)),
  el('core:Name', {}, name),
];

/** Upper case, no diacritics. */
export const normaliseName = (text: string): string =>
  text.toUpperCase().normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim();

/** The DN in text order (RFC 2253), `=` inside values escaped. */
export function composeDn(actor: Actor, applicationId: string | undefined): string {
  const who = `${actor.type}=${actor.id}`;
  const name = normaliseName(
    actor.type === 'SSIN' ? [...actor.firstNames, actor.name].join(' ') : actor.name,
  );
  const common = applicationId === undefined ? who : `${who}, ${applicationId}`;
  return [
    `CN=${escapeValue(common)}`,
    'OU=eHealth-platform Belgium',
    `OU=${escapeValue(name)}`,
    `OU=${escapeValue(who)}`,
    ...(applicationId === undefined ? [] : [`OU=${escapeValue(applicationId)}`]),
    'O=Federal Government',
    'C=BE',
  ].join(',');
}

const escapeValue = (text: string): string => text.replace(/[=,+"\\<>;#]/g, '\\$&');

/** What is compared when a contract comes back. */
export const digestTexts = (texts: readonly string[]): string =>
  createHash('sha256')
    .update(texts.map((text) => text.replaceAll('\r', '').trim()).join('\0'))
    .digest('hex');

export interface IssuedContract extends Contract {
  readonly signer: Actor;
  readonly texts: readonly (readonly [language: string, html: string])[];
}

/** @throws Refusal `SIGNER_UNKNOWN`, `IDENTIFIER_INVALID`, `NAME_INVALID`, `APPLICATION_ID_INVALID`. */
export async function generateContract(
  { payload }: Exchange,
  sandbox: Sandbox,
): Promise<IssuedContract> {
  const signer = readActor(childOf(payload, CERTRA, 'Signer'));
  const identifier = childOf(payload, CERTRA, 'CertificateIdentifier');
  const actor = readActor(childOf(identifier, CERTRA_CORE, 'Actor'));
  const applicationId = textOf(identifier, CERTRA_CORE, 'ApplicationId') || undefined;
  if (signer.type !== 'SSIN' || !/^\d{11}$/.test(signer.id)) {
    throw new Refusal('SIGNER_UNKNOWN', 'the signer needs an SSIN');
  }
  if (!/^[A-Z][A-Z0-9]*(?:-[A-Z_]+)*$/.test(actor.type) || !/^\d+$/.test(actor.id)) {
    throw new Refusal('IDENTIFIER_INVALID', 'the identifier of the actor is not valid');
  }
  if (actor.type === 'SSIN' && actor.id !== signer.id) {
    throw new Refusal('IDENTIFIER_INVALID', 'a person asks for himself only');
  }
  if (actor.type !== 'SSIN') {
    checkOrganisation(actor, sandbox);
  } else if (applicationId !== undefined) {
    throw new Refusal('APPLICATION_ID_INVALID', 'only organisations have application ids');
  }
  if (applicationId !== undefined && !/^[0-9A-Z_-]{1,30}$/.test(applicationId)) {
    throw new Refusal('APPLICATION_ID_INVALID', 'the application id is not valid');
  }
  const dn = composeDn(actor, applicationId);
  return issue(sandbox, { kind: 'request', dn, signer, actor, applicationId });
}

/** Those of the seed are known, whatever their number looks like. */
function checkOrganisation({ type, id, name }: Actor, { state }: Sandbox): void {
  const isKnown = [...state.organisations, ...state.persons.flatMap(({ mandates }) => mandates)]
    .some((entry) => entry.type === type && entry.id === id); // prettier-ignore
  const problem = isKnown ? undefined : problemOfNumber({ type, id });
  if (problem !== undefined) {
    throw new Refusal('IDENTIFIER_INVALID', problem);
  }
  if (normaliseName(name) === '') {
    throw new Refusal('NAME_INVALID', 'the organisation has no name');
  }
}

/** @throws Refusal `UNKNOWN_REQUEST`, `REASON_INVALID`. */
export async function generateRevocationContract(
  { payload }: Exchange,
  sandbox: Sandbox,
): Promise<IssuedContract> {
  const id = textOf(payload, CERTRA, 'PublicKeyIdentifier').toLowerCase();
  const record = sandbox.state.certificates.find((entry) => entry.id === id);
  const reason = textOf(payload, CERTRA, 'RevocationReason');
  if (record === undefined) {
    throw new Refusal('UNKNOWN_REQUEST', 'no request with this public key identifier');
  }
  if (!REASONS.includes(reason)) {
    throw new Refusal('REASON_INVALID', 'the reason of revocation is not known');
  }
  const signer = readActor(childOf(payload, CERTRA, 'Signer'));
  return issue(sandbox, {
    kind: 'revocation',
    dn: record.dn,
    signer,
    actor: record.actor,
    applicationId: record.applicationId,
    publicKeyIdentifier: id,
    reason,
  });
}

interface Draft {
  readonly kind: Contract['kind'];
  readonly dn: string;
  readonly signer: Actor;
  readonly actor: Actor;
  readonly applicationId: string | undefined;
  readonly publicKeyIdentifier?: string;
  readonly reason?: string;
}

async function issue(sandbox: Sandbox, draft: Draft): Promise<IssuedContract> {
  const { signer, applicationId, ...rest } = draft;
  const texts = (['fr', 'nl'] as const).map(
    (language) => [language, html(language, draft)] as const,
  );
  const contract: Contract = {
    ...rest,
    ...(applicationId === undefined ? {} : { applicationId }),
    signerSsin: signer.id,
    textDigest: digestTexts(texts.map(([, text]) => text)),
  };
  const { contracts } = sandbox.state;
  if (!contracts.some((entry) => JSON.stringify(entry) === JSON.stringify(contract))) {
    contracts.push(contract);
    sandbox.state.contracts = contracts.slice(-MAX_CONTRACTS);
    await sandbox.store.save();
  }
  return { ...contract, signer, texts };
}

function html(language: 'fr' | 'nl', { kind, dn, signer, actor, reason }: Draft): string {
  const words =
    language === 'fr'
      ? {
          title: kind === 'request' ? 'Demande de certificat' : 'Révocation de certificat',
          between: 'Entre la plate-forme eHealth (bac à sable, sans valeur juridique) et',
          subject: 'Sujet du certificat',
          reason: 'Motif',
        }
      : {
          title: kind === 'request' ? 'Certificaataanvraag' : 'Herroeping van een certificaat',
          between: 'Tussen het eHealth-platform (zandbak, zonder juridische waarde) en',
          subject: 'Onderwerp van het certificaat',
          reason: 'Reden',
        };
  const text = (value: string): string =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8"><title>${words.title}</title></head><body>`,
    `<h1>${words.title}</h1>`,
    `<p>${words.between} ${text([...signer.firstNames, signer.name].join(' '))}, ${text(actor.type)}=${text(actor.id)}.</p>`,
    `<p>${words.subject}: ${text(dn)}</p>`,
    ...(reason === undefined ? [] : [`<p>${words.reason}: ${text(reason)}</p>`]),
    '</body></html>',
  ].join('');
}

/** `p:Contract` of both answers. */
export const contractReply = ({ dn, signer, reason, texts }: IssuedContract): Markup =>
  el(
    'p:Contract',
    {},
    el('c:DN', {}, dn),
    el('c:Signer', {}, actorContent(signer)),
    reason === undefined ? undefined : el('c:RevocationReason', {}, reason),
    el(
      'c:Text',
      {},
      texts.map(([language, text]) => el('c:Value', { 'xml:lang': language }, text)),
    ),
  );
