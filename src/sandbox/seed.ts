/**
 * The seed file (sandbox sheet §3): people, organisations, patients, messages. Read strictly: an unknown
 * key is refused by name. Beside the keys of the sheet there are a few of our own, for cases that a patient
 * or a message of the demo plays.
 *
 * @module
 */

import { TopazError } from '../errors.js';

export interface Person {
  readonly ssin: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly gender?: 'M' | 'F';
  readonly birthDate?: string;
  readonly qualities: readonly { readonly quality: string; readonly nihii?: string }[];
  readonly mandates: readonly {
    readonly type: string;
    readonly id: string;
    readonly name?: string;
  }[];
}

export interface Organisation {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly responsible?: string;
}

export interface Patient {
  readonly ssin: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly gender?: 'M' | 'F';
  readonly birthDate?: string;
  readonly mutuality?: string;
  readonly registrationNumber?: string;
  readonly ct1?: string;
  readonly ct2?: string;
  readonly insured: boolean;
  /** Day of death. */
  readonly deceased?: string;
  /** Discipline of the contract: `Medical`, `Nurse`, `Kine`. */
  readonly medicalHouse?: string;
  /** MyCareNet detail code to answer with. */
  readonly error?: string;
  /** Ours: the other mutuality, from the middle of the asked period on. */
  readonly mutation?: { readonly mutuality: string; readonly registrationNumber: string };
  /** Ours: success without one assertion. */
  readonly noData?: boolean;
  /** Ours: the mutuality pays the provider. */
  readonly thirdParty?: boolean;
  /** Ours: in hospital. */
  readonly hospitalised?: boolean;
}

export interface Attachment {
  readonly name: string;
  readonly text?: string;
  readonly base64?: string;
  readonly mimeType?: string;
  /** Ours: how it travels. @default 'swaref' */
  readonly form?: 'inline' | 'swaref' | 'xop';
}

export interface MessageSeed {
  readonly to: string;
  readonly quality: string;
  readonly from?: string;
  readonly subject: string;
  readonly text: string;
  readonly sealed: boolean;
  readonly important: boolean;
  readonly attachments: readonly Attachment[];
  /** Ours. */
  readonly freeText?: string;
  /** Ours: rows of two cells. */
  readonly table?: readonly (readonly string[])[];
  /** Ours: SSIN of the patient. */
  readonly patient?: string;
  /** Ours. @default 'DOCUMENT' */
  readonly contentType?: string;
  readonly mimeType?: string;
  /** Ours: one attachment that nobody can open. */
  readonly unsealable?: string;
}

export interface GenasyncSeed {
  readonly to: string;
  readonly service: string;
  readonly messageName: string;
  readonly contentBase64: string;
  /** Ours: the mutuality that sends it. @default '300' */
  readonly mutuality?: string;
  /** Ours: the post that it answers. */
  readonly inputReference?: string;
  /** Ours. @default 'text/xml' */
  readonly contentType?: string;
  /** Ours: `undeclared` is not compressed and does not say so. @default 'none' */
  readonly encoding?: 'none' | 'deflate' | 'undeclared';
  /** Ours: sealed for the key that the mailbox is asked with; waits until there is one. */
  readonly sealed?: boolean;
  /** Ours: how it travels. @default 'inline' */
  readonly form?: 'inline' | 'xop';
}

export interface Seed {
  readonly persons: readonly Person[];
  readonly organisations: readonly Organisation[];
  readonly patients: readonly Patient[];
  readonly messages: readonly MessageSeed[];
  readonly genasync: readonly GenasyncSeed[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a seed document.
 *
 * @throws TopazError `E_SEED_INVALID` that names the place.
 */
export function parseSeed(value: unknown): Seed {
  const seed = record(value, 'seed');
  if (seed['schema'] !== 'topaz.sandbox.seed/1') {
    throw invalid('schema', 'is not topaz.sandbox.seed/1');
  }
  known(seed, 'seed', ['schema', 'persons', 'organisations', 'patients', 'messages', 'genasync']);
  return {
    persons: list(seed, 'persons', person),
    organisations: list(seed, 'organisations', organisation),
    patients: list(seed, 'patients', patient),
    messages: list(seed, 'messages', message),
    genasync: list(seed, 'genasync', genasync),
  };
}

function person(json: Json, at: string): Person {
  known(json, at, [
    'ssin',
    'firstName',
    'lastName',
    'gender',
    'birthDate',
    'qualities',
    'mandates',
  ]);
  return {
    ssin: digits(json, 'ssin', at, 11),
    firstName: optional(json, 'firstName', at) ?? 'Test',
    lastName: optional(json, 'lastName', at) ?? 'Person',
    ...gender(json, at),
    ...maybe('birthDate', optional(json, 'birthDate', at)),
    qualities: list(
      json,
      'qualities',
      (entry, place) => {
        known(entry, place, ['quality', 'nihii']);
        return {
          quality: required(entry, 'quality', place),
          ...maybe('nihii', optional(entry, 'nihii', place)),
        };
      },
      at,
    ),
    mandates: list(
      json,
      'mandates',
      (entry, place) => {
        known(entry, place, ['type', 'id', 'name']);
        return {
          type: required(entry, 'type', place),
          id: required(entry, 'id', place),
          ...maybe('name', optional(entry, 'name', place)),
        };
      },
      at,
    ),
  };
}

function organisation(json: Json, at: string): Organisation {
  known(json, at, ['type', 'id', 'name', 'responsible']);
  const id = required(json, 'id', at);
  return {
    type: required(json, 'type', at),
    id,
    name: optional(json, 'name', at) ?? `Organisation ${id}`,
    ...maybe('responsible', optional(json, 'responsible', at)),
  };
}

function patient(json: Json, at: string): Patient {
  known(json, at, [
    'ssin', 'firstName', 'lastName', 'gender', 'birthDate', 'mutuality', 'registrationNumber', 'ct1', 'ct2',
    'insured', 'deceased', 'medicalHouse', 'error', 'mutation', 'noData', 'thirdParty', 'hospitalised',
  ]); // prettier-ignore
  const mutation = json['mutation'] === undefined ? undefined : record(json['mutation'], at);
  return {
    ssin: digits(json, 'ssin', at, 11),
    firstName: optional(json, 'firstName', at) ?? 'Test',
    lastName: optional(json, 'lastName', at) ?? 'Patient',
    ...gender(json, at),
    ...maybe('birthDate', optional(json, 'birthDate', at)),
    ...maybe('mutuality', optional(json, 'mutuality', at)),
    ...maybe('registrationNumber', optional(json, 'registrationNumber', at)),
    ...maybe('ct1', optional(json, 'ct1', at)),
    ...maybe('ct2', optional(json, 'ct2', at)),
    insured: flag(json, 'insured', at, true),
    ...maybe('deceased', optional(json, 'deceased', at)),
    ...maybe('medicalHouse', optional(json, 'medicalHouse', at)),
    ...maybe('error', optional(json, 'error', at)),
    ...(mutation === undefined
      ? {}
      : {
          mutation: {
            mutuality: required(mutation, 'mutuality', at),
            registrationNumber: required(mutation, 'registrationNumber', at),
          },
        }),
    noData: flag(json, 'noData', at, false),
    thirdParty: flag(json, 'thirdParty', at, false),
    hospitalised: flag(json, 'hospitalised', at, false),
  };
}

function message(json: Json, at: string): MessageSeed {
  known(json, at, [
    'to', 'quality', 'from', 'subject', 'text', 'sealed', 'important', 'attachments', 'freeText', 'table',
    'patient', 'contentType', 'mimeType', 'unsealable',
  ]); // prettier-ignore
  const table = json['table'];
  if (table !== undefined && !isTable(table)) {
    throw invalid(`${at}.table`, 'is not a list of rows of two texts');
  }
  return {
    to: required(json, 'to', at),
    quality: required(json, 'quality', at),
    ...maybe('from', optional(json, 'from', at)),
    subject: optional(json, 'subject', at) ?? 'Message',
    text: optional(json, 'text', at) ?? '',
    sealed: flag(json, 'sealed', at, false),
    important: flag(json, 'important', at, false),
    attachments: list(json, 'attachments', attachment, at),
    ...maybe('freeText', optional(json, 'freeText', at)),
    ...(table === undefined ? {} : { table }),
    ...maybe('patient', optional(json, 'patient', at)),
    ...maybe('contentType', optional(json, 'contentType', at)),
    ...maybe('mimeType', optional(json, 'mimeType', at)),
    ...maybe('unsealable', optional(json, 'unsealable', at)),
  };
}

function attachment(json: Json, at: string): Attachment {
  known(json, at, ['name', 'text', 'base64', 'mimeType', 'form']);
  const form = optional(json, 'form', at);
  if (form !== undefined && form !== 'inline' && form !== 'swaref' && form !== 'xop') {
    throw invalid(`${at}.form`, 'is not inline, swaref or xop');
  }
  return {
    name: required(json, 'name', at),
    ...maybe('text', optional(json, 'text', at)),
    ...maybe('base64', optional(json, 'base64', at)),
    ...maybe('mimeType', optional(json, 'mimeType', at)),
    ...(form === undefined ? {} : { form }),
  };
}

function genasync(json: Json, at: string): GenasyncSeed {
  known(json, at, [
    'to', 'service', 'messageName', 'contentBase64',
    'mutuality', 'inputReference', 'contentType', 'encoding', 'sealed', 'form',
  ]); // prettier-ignore
  const encoding = optional(json, 'encoding', at);
  const form = optional(json, 'form', at);
  if (
    encoding !== undefined &&
    encoding !== 'none' &&
    encoding !== 'deflate' &&
    encoding !== 'undeclared'
  ) {
    throw invalid(`${at}.encoding`, 'is not none, deflate or undeclared');
  }
  if (form !== undefined && form !== 'inline' && form !== 'xop') {
    throw invalid(`${at}.form`, 'is not inline or xop');
  }
  return {
    to: required(json, 'to', at),
    service: required(json, 'service', at),
    messageName: required(json, 'messageName', at),
    contentBase64: required(json, 'contentBase64', at),
    ...maybe('mutuality', optional(json, 'mutuality', at)),
    ...maybe('inputReference', optional(json, 'inputReference', at)),
    ...maybe('contentType', optional(json, 'contentType', at)),
    ...(encoding === undefined ? {} : { encoding }),
    ...(json['sealed'] === true ? { sealed: true } : {}),
    ...(form === undefined ? {} : { form }),
  };
}

const invalid = (at: string, problem: string): TopazError =>
  new TopazError('E_SEED_INVALID', `the seed is not valid: ${at} ${problem}`, {
    hint: 'see: topaz help sandbox',
  });

function record(value: unknown, at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(at, 'is not an object');
  }
  return Object.fromEntries(Object.entries(value));
}

function known(json: Json, at: string, keys: readonly string[]): void {
  const strange = Object.keys(json).find((key) => !keys.includes(key));
  if (strange !== undefined) {
    throw invalid(at === 'seed' ? strange : `${at}.${strange}`, 'is not a known key');
  }
}

function list<T>(
  json: Json,
  key: string,
  read: (entry: Json, at: string) => T,
  at?: string,
): readonly T[] {
  const value = json[key] ?? [];
  const place = at === undefined ? key : `${at}.${key}`;
  if (!Array.isArray(value)) {
    throw invalid(place, 'is not a list');
  }
  return value.map((entry: unknown, index) =>
    read(record(entry, `${place}[${index}]`), `${place}[${index}]`),
  );
}

/** A text; `null` counts as absent, as the sheet writes it. */
function optional(json: Json, key: string, at: string): string | undefined {
  const value = json[key] ?? undefined;
  if (value !== undefined && typeof value !== 'string') {
    throw invalid(`${at}.${key}`, 'is not a text');
  }
  return value;
}

function required(json: Json, key: string, at: string): string {
  const value = optional(json, key, at);
  if (value === undefined || value === '') {
    throw invalid(`${at}.${key}`, 'is missing');
  }
  return value;
}

function digits(json: Json, key: string, at: string, length: number): string {
  const value = required(json, key, at);
  if (!/^\d+$/.test(value) || value.length !== length) {
    throw invalid(`${at}.${key}`, `is not ${length} digits`);
  }
  return value;
}

function flag(json: Json, key: string, at: string, preset: boolean): boolean {
  const value = json[key] ?? preset;
  if (typeof value !== 'boolean') {
    throw invalid(`${at}.${key}`, 'is neither true nor false');
  }
  return value;
}

function gender(json: Json, at: string): { gender?: 'M' | 'F' } {
  const value = optional(json, 'gender', at);
  if (value === undefined) {
    return {};
  }
  if (value !== 'M' && value !== 'F') {
    throw invalid(`${at}.gender`, 'is neither M nor F');
  }
  return { gender: value };
}

const maybe = <K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> =>
  // A computed key widens to a string index; the shape is the one declared.
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, T>>;

const isTable = (value: unknown): value is string[][] =>
  Array.isArray(value) &&
  value.every(
    (row: unknown) =>
      Array.isArray(row) && row.length === 2 && row.every((cell) => typeof cell === 'string'),
  );
