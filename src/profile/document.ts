/**
 * A profile's JSON document ⇄ its keys in dotted form. Every value is checked against the table of keys;
 * what is not in the table is an error with a suggestion, because a mistyped key would silently do nothing.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { keyRule, PROFILE_KEYS, PROFILE_SCHEMA } from './keys.js';
import type { KeyRule, ProfileValue } from './keys.js';
import { nearest } from './nearest.js';

/** Keys in dotted form and their checked values. */
export type Values = ReadonlyMap<string, ProfileValue>;

export interface DocumentOptions {
  /** How messages call the document, for example `profile "cabinet"`. */
  readonly name: string;
  readonly rule?: (key: string) => KeyRule | undefined;
  readonly keys?: readonly string[];
}

const MAX_TEXT = 4096;

/**
 * Checks a parsed document and gives its values.
 *
 * @throws TopazError `E_PROFILE_INVALID` that names the key.
 */
export function parseDocument(document: unknown, options: DocumentOptions): Values {
  if (!isObject(document)) {
    throw invalid(options.name, 'it is not an object');
  }
  const { schema, ...rest } = document;
  if (schema !== PROFILE_SCHEMA) {
    throw invalid(options.name, `its "schema" is not "${PROFILE_SCHEMA}"`);
  }
  const values = new Map<string, ProfileValue>();
  collect(rest, '', values, options);
  return values;
}

function collect(
  object: Readonly<Record<string, unknown>>,
  prefix: string,
  values: Map<string, ProfileValue>,
  options: DocumentOptions,
): void {
  const rule = options.rule ?? keyRule;
  for (const [name, value] of Object.entries(object)) {
    const key = `${prefix}${name}`;
    const known = name.includes('.') ? undefined : rule(key);
    if (known !== undefined) {
      values.set(key, checkValue(key, value, known, options.name));
    } else if (isObject(value) && !name.includes('.')) {
      collect(value, `${key}.`, values, options);
    } else {
      throw unknownKey(key, options);
    }
  }
}

/** An unknown key, with the nearest known ones. */
export function unknownKey(key: string, { name, keys }: DocumentOptions): TopazError {
  const known = keys ?? [...PROFILE_KEYS.keys()];
  // `qualty` alone is compared with the last part too, so that the group need not be right.
  const byEnd = known.filter((candidate) => candidate.endsWith(`.${key}`));
  const suggestions = [...new Set([...nearest(key, known), ...byEnd])].slice(0, 3);
  return new TopazError('E_PROFILE_INVALID', `${name} has no key "${printable(key)}"`, {
    hint:
      suggestions.length > 0
        ? `did you mean ${suggestions.map((suggestion) => `"${suggestion}"`).join(' or ')}`
        : 'topaz help profiles lists the keys',
  });
}

/**
 * One value of a document, as its key wants it.
 *
 * @throws TopazError `E_PROFILE_INVALID`.
 */
function checkValue(key: string, value: unknown, rule: KeyRule, name: string): ProfileValue {
  switch (rule.kind) {
    case 'boolean':
      if (typeof value === 'boolean') {
        return value;
      }
      break;
    case 'integer':
      if (
        typeof value === 'number' &&
        Number.isSafeInteger(value) &&
        value >= rule.minimum &&
        value <= rule.maximum
      ) {
        return value;
      }
      break;
    case 'list':
      if (Array.isArray(value) && value.every(isText)) {
        return value;
      }
      break;
    case 'choice':
      if (isText(value) && rule.choices.includes(value)) {
        return value;
      }
      break;
    case 'url':
      if (isText(value) && isUrl(value)) {
        return value;
      }
      break;
    case 'text':
    case 'file':
      if (isText(value)) {
        return value;
      }
  }
  throw invalid(name, `${key} takes ${describeRule(rule)}`);
}

/** What a key takes, for errors and help. */
export function describeRule(rule: KeyRule): string {
  switch (rule.kind) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number from ${rule.minimum} to ${rule.maximum}`;
    case 'list':
      return 'a list of texts';
    case 'choice':
      return `one of: ${rule.choices.join(', ')}`;
    case 'url':
      return 'a full URL (https://…)';
    case 'file':
      return 'the path of a file';
    case 'text':
      return 'a text';
  }
}

/**
 * A value as typed on a command line (`topaz profile set KEY VALUE`), for the key it is meant for. Lists are
 * given with commas.
 *
 * @throws TopazError `E_PROFILE_INVALID`.
 */
export function parseValue(key: string, value: string, name: string): ProfileValue {
  const rule = keyRule(key);
  if (rule === undefined) {
    throw unknownKey(key, { name });
  }
  const read = (): unknown => {
    switch (rule.kind) {
      case 'boolean':
        return value === 'true' ? true : value === 'false' ? false : undefined;
      case 'integer':
        return /^-?[0-9]{1,12}$/.test(value) ? Number(value) : undefined;
      case 'list':
        return value
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== '');
      default:
        return key === 'environment' && value === 'prd' ? 'prod' : value;
    }
  };
  return checkValue(key, read(), rule, name);
}

/** The JSON document of these values. */
export const formatDocument = (values: Values): Readonly<Record<string, unknown>> => ({
  schema: PROFILE_SCHEMA,
  ...nestValues(values),
});

/** The values as nested objects, in the order of the table. */
export function nestValues(values: Values): Readonly<Record<string, unknown>> {
  const document: Record<string, unknown> = {};
  const order = [...PROFILE_KEYS.keys()];
  const rank = (key: string): number => {
    const index = order.indexOf(key);
    return index < 0 ? order.indexOf('proxy') - 0.5 : index;
  };
  for (const [key, value] of [...values].sort(([a], [b]) => rank(a) - rank(b))) {
    const parts = key.split('.');
    const last = parts.pop() ?? '';
    let place = document;
    for (const part of parts) {
      const next = place[part];
      const child: Record<string, unknown> = isObject(next) ? next : {};
      place[part] = child;
      place = child;
    }
    place[last] = value;
  }
  return document;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text without control characters: it ends up in requests, paths and on terminals. */
const isText = (value: unknown): value is string =>
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  typeof value === 'string' && value.length <= MAX_TEXT && !/[\u0000-\u001f\u007f]/.test(value);

function isUrl(value: string): boolean {
  try {
    const { protocol, username, password, hash } = new URL(value);
    return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
  } catch {
    return false;
  }
}

const printable = (key: string): string => key.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);

const invalid = (name: string, why: string): TopazError =>
  new TopazError('E_PROFILE_INVALID', `${name} cannot be used: ${why}`, {
    hint: 'topaz profile set KEY VALUE, or correct the file; topaz help profiles lists the keys',
  });
