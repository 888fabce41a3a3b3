/**
 * The contract that eHealth makes for a certificate, checked before anybody is asked to sign it: it must name
 * the person at the card as signer, and as subject that person or the organisation asked for.
 *
 * @module
 */

import { generateContract } from '../certra/client.js';
import { invalid } from '../certra/ra-frame.js';
import { organisationActor, personActor } from '../certra/request.js';
import type { ContactData, Contract } from '../certra/request.js';
import type { Ssin } from '../ids/ssin.js';
import { readHolder } from '../x509/holder.js';
import { encodeName, parseDistinguishedName, parseName } from '../x509/name.js';
import type { Name } from '../x509/name.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import { htmlToText } from './contract-text.js';
import type { Organisation } from './organisation.js';

/** The person at the card, names as the card has them. */
export interface Applicant {
  readonly ssin: Ssin;
  readonly firstNames: string;
  readonly lastName: string;
}

export interface ReadableContract {
  readonly contract: Contract;
  /** Subject of the certificate to be. */
  readonly subject: Name;
  /** The texts as a person can read them, by language. */
  readonly texts: readonly { readonly language: string; readonly text: string }[];
}

/**
 * Asks for the contract of a certificate for the person, or for an organisation.
 *
 * @throws RaRefusedError; TopazError `E_REPLY_INVALID` when the contract is for somebody else or has no
 *   text; and as `Call`.
 */
export async function fetchContract(
  authority: Authority,
  applicant: Applicant,
  contact: ContactData,
  organisation?: Organisation,
): Promise<ReadableContract> {
  const signer = personActor(applicant);
  const actor =
    organisation === undefined
      ? signer
      : organisationActor(organisation.identifier, organisation.name);
  const contract = await generateContract(
    authority.call,
    authority.certra,
    { contact, signer, actor, applicationId: organisation?.applicationId },
    raOptions(authority),
  );
  return checkContract(contract, applicant.ssin, organisation);
}

/**
 * @param organisation For whom; without it the signer himself.
 * @throws TopazError `E_REPLY_INVALID`.
 */
export function checkContract(
  contract: Contract,
  ssin: Ssin,
  organisation?: Pick<Organisation, 'identifier' | 'applicationId'>,
): ReadableContract {
  checkSigner(contract, ssin);
  const wanted = organisation?.identifier ?? { type: 'SSIN', id: ssin };
  const subject = subjectOf(contract.dn);
  const holder = readHolder(subject);
  if (
    holder?.isEid !== false ||
    holder.identifier.type !== wanted.type ||
    holder.identifier.id !== wanted.id ||
    holder.applicationId !== organisation?.applicationId
  ) {
    throw invalid('the contract is for another certificate than the one asked for');
  }
  return { contract, subject, texts: readableTexts(contract) };
}

/** @throws TopazError `E_REPLY_INVALID` when the contract is not signed by this person. */
export function checkSigner({ signer }: Contract, ssin: Ssin): void {
  if (!signer.ids.some(({ type, id }) => type === 'SSIN' && id.trim() === ssin)) {
    throw invalid('the contract names another signer than the holder of the card');
  }
}

/** @throws TopazError `E_REPLY_INVALID` when a text is empty. */
export function readableTexts(contract: Contract): ReadableContract['texts'] {
  const texts = contract.texts.map(({ language, html }) => ({ language, text: htmlToText(html) }));
  if (texts.some(({ text }) => text === '')) {
    throw invalid('the contract has no readable text');
  }
  return texts;
}

/**
 * The name that a contract's DN stands for.
 *
 * @throws TopazError `E_REPLY_INVALID`.
 */
export const subjectOf = (dn: string): Name =>
  parseName(encodeName(parseDistinguishedName(dn.trim())));

/** The text in the wanted language, else French, else the first. */
export const textFor = (
  texts: ReadableContract['texts'],
  language: string,
): ReadableContract['texts'][number] | undefined =>
  texts.find((entry) => entry.language === language) ??
  texts.find((entry) => entry.language === 'fr') ??
  texts[0];
