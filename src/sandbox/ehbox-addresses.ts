/**
 * Addresses of the eHealthBox (ehealthbox §2, §8): how a holder of the seed is written there, which box a
 * token opens by default, and which others its holder may open.
 *
 * @module
 */

import { ehboxType, etkType, formatIdentifier, parseIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';
import { nihii8 } from '../ids/nihii.js';
import type { Sandbox } from './exchange.js';
import { SandboxFault } from './faults-soap.js';
import { CERTIFIED, IDENTIFICATION } from './names.js';
import { boxQuality, mandatesOf, organisationBoxQuality, typeOfKind } from './people.js';
import type { TokenSecurity } from './security.js';
import type { BoxMessage } from './state.js';
import { childOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

/** Key of a box: names of the ETK depot, quality of the eHealthBox. */
export type BoxKey = BoxMessage['to'];

export const sameBox = (a: BoxKey, b: BoxKey): boolean =>
  a.type === b.type && a.id === b.id && a.quality === b.quality;

/** Invented senders that no seed needs to name. */
const SENDER_NAMES: Readonly<Record<string, string>> = {
  'NIHII-LABO=71234523': 'Labo Exemple',
  'NIHII-HOSPITAL=71022212': 'CHU Exemple',
  'CBE=0809394427': 'eHealth platform (sandbox)',
};
export const DEFAULT_SENDER = 'NIHII-LABO=71234523';

export interface Names {
  readonly name: string;
  /** Of a person. */
  readonly firstName?: string;
}

/** What a holder is called, from the seed where it knows him. */
export function namesOf({ state }: Sandbox, { type, id }: Identifier): Names {
  const person = type === 'SSIN' ? state.persons.find(({ ssin }) => ssin === id) : undefined;
  if (person !== undefined) {
    return { name: person.lastName, firstName: person.firstName };
  }
  const organisation = state.organisations.find((entry) => entry.type === type && entry.id === id);
  const name = organisation?.name ?? SENDER_NAMES[formatIdentifier({ type, id })];
  return type === 'SSIN'
    ? { name: 'Person', firstName: 'Test' }
    : { name: name ?? `Organisation ${id}` };
}

/** Quality with which a holder sends. */
export function qualityOf({ state }: Sandbox, { type, id }: Identifier): string {
  if (type !== 'SSIN') {
    return organisationBoxQuality(type);
  }
  const [first] = state.persons.find(({ ssin }) => ssin === id)?.qualities ?? [];
  return boxQuality(first?.quality ?? 'citizen');
}

/** The box a message of the seed goes to; a NIHII of a person leads to his SSIN. */
export function boxOf(sandbox: Sandbox, to: string, quality: string): BoxKey {
  const { type, id } = parseIdentifier(to);
  return canonical(sandbox, { type, id, quality: quality.toUpperCase() });
}

function canonical({ state }: Sandbox, box: BoxKey): BoxKey {
  if (box.type !== 'NIHII' && box.type !== 'NIHII11') {
    return box;
  }
  const person = state.persons.find(({ qualities }) =>
    qualities.some(({ quality, nihii }) => boxQuality(quality) === box.quality && nihii !== undefined && nihii8(nihii) === nihii8(box.id)),
  ); // prettier-ignore
  return person === undefined ? box : { ...box, type: 'SSIN', id: person.ssin };
}

/** `Id`, `Type`, `SubType`?, in the order of the schema; `Quality` comes after. */
export function addressMarkup({ type, id }: Identifier): readonly (Markup | undefined)[] {
  const { type: boxType, subType } = ehboxType(type);
  return [
    el('Id', {}, id),
    el('Type', {}, boxType),
    subType === undefined ? undefined : el('SubType', {}, subType),
  ];
}

/** The address of the receiving box; a person known to the seed is named. */
export function destinationMarkup(sandbox: Sandbox, name: string, box: BoxKey): Markup {
  const { firstName, name: lastName } = namesOf(sandbox, box);
  const user =
    box.type === 'SSIN' && firstName !== undefined
      ? el('User', { FirstName: firstName, LastName: lastName }, box.id)
      : undefined;
  return el(name, {}, ...addressMarkup(box), el('Quality', {}, box.quality), user);
}

const EHEALTH = 'urn:be:fgov:ehealth:1.0:';
const PERSON = 'urn:be:fgov:person:ssin';
const PERSON_QUALITY =
  /^urn:be:fgov:person:ssin:(?:ehealth:1\.0:)?(?:nihii:|fpsph:|professional:)?([a-z]+):(boolean|nihii11)$/;
const ORGANISATION_NUMBER =
  /^urn:be:fgov:ehealth:1\.0:(?:certificateholder:)?([a-z]+):(?:nihii|cbe|ehp)-number$/;
/** Certified facts that are no quality. */
const NO_QUALITY = new Set(['recognisedmandatary', 'usersession']);

/**
 * The boxes a token opens: the default one first, then the holder's other qualities, then organisations
 * that he may act for.
 *
 * @throws SandboxFault `SOA-01002` when the token proves no quality.
 */
export function boxesOf(
  { attributes }: TokenSecurity,
  sandbox: Sandbox,
): readonly [BoxKey, ...BoxKey[]] {
  const boxes: BoxKey[] = [];
  const add = (box: BoxKey): void => {
    if (!boxes.some((known) => sameBox(known, box))) {
      boxes.push(box);
    }
  };
  for (const { namespace, name, values } of attributes) {
    const [, kind] = ORGANISATION_NUMBER.exec(name) ?? [];
    const type = kind === undefined ? undefined : typeOfKind(kind);
    const id = values[0];
    if (namespace === IDENTIFICATION && type !== undefined && id !== undefined && isRecognised(attributes, kind ?? '')) {
      add({ type, id: type.startsWith('NIHII') ? nihii8(id) : id, quality: organisationBoxQuality(type) });
    } // prettier-ignore
  }
  const ssin = attributes.find(({ name }) => name === PERSON)?.values[0];
  if (ssin !== undefined && ssin !== '') {
    for (const { namespace, name, values } of attributes) {
      const [, quality, form] = PERSON_QUALITY.exec(name) ?? [];
      const proven = form === 'nihii11' || values[0] === 'true';
      if (namespace === CERTIFIED && quality !== undefined && proven && !NO_QUALITY.has(quality)) {
        add({ type: 'SSIN', id: ssin, quality: boxQuality(quality) });
      }
    }
  }
  const [first, ...others] = boxes;
  if (first === undefined) {
    throw new SandboxFault('SOA-01002', 'the token proves no quality that has an eHealthBox');
  }
  const mandated = ssin === undefined ? [] : mandatesOf(sandbox, ssin);
  return [
    first,
    ...others,
    ...mandated.map(({ type, id }) => ({ type, id, quality: organisationBoxQuality(type) })),
  ];
}

/** Whether the directory certified an organisation of that kind; an enterprise has no such attribute. */
const isRecognised = (attributes: TokenSecurity['attributes'], kind: string): boolean =>
  kind === 'enterprise' ||
  attributes.some(
    ({ namespace, name, values }) =>
      namespace === CERTIFIED &&
      name.startsWith(EHEALTH) &&
      name.includes(`recognised${kind === 'organization' ? 'ehp' : kind}`) &&
      values[0] !== 'false',
  );

/**
 * The box a request is about: its `BoxId`, else the token's default.
 *
 * @throws SandboxFault `810` for a box that is unknown or not the caller's.
 */
export function requestedBox(
  payload: ReadElement,
  security: TokenSecurity,
  sandbox: Sandbox,
): BoxKey {
  const boxes = boxesOf(security, sandbox);
  const element = childOf(payload, '', 'BoxId');
  if (element === undefined) {
    return boxes[0];
  }
  const quality = textOf(element, '', 'Quality');
  const subType = textOf(element, '', 'SubType');
  const type = etkType(textOf(element, '', 'Type'), subType === '' ? undefined : subType, quality);
  const id = textOf(element, '', 'Id');
  const wanted = canonical(sandbox, {
    type,
    id: type.startsWith('NIHII-') ? nihii8(id) : id,
    quality,
  });
  const found = boxes.find((box) => sameBox(box, wanted));
  if (found === undefined) {
    throw new SandboxFault('810', 'the BoxId is not valid, or not one of yours', {
      kind: 'BusinessError',
    });
  }
  return found;
}
