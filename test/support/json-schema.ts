/**
 * Checks a document against a schema of `docs/schema`, with the part of JSON Schema that these use. Stricter
 * than the schemas themselves: a field that is not documented is a failure, so that none appears unnoticed.
 *
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly oneOf?: readonly Schema[];
  readonly minLength?: number;
}

const FOLDER = resolve('docs/schema');

/** Name of the file for `topaz.sandbox.card.create/1`. */
export const schemaFile = (id: string): string =>
  resolve(
    FOLDER,
    `${id
      .replace(/^topaz\./, '')
      .replace(/\/\d+$/, '')
      .replaceAll('.', '-')}.json`,
  );

/** The schema that a document names, or `undefined` where there is no file for it. */
export function schemaOf(id: string): Schema | undefined {
  const file = schemaFile(id);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Schema) : undefined;
}

/** What is wrong with a document of topaz; nothing is an empty list. */
export function checkDocument(document: unknown): readonly string[] {
  const id =
    typeof document === 'object' && document !== null && 'schema' in document
      ? document.schema
      : undefined;
  if (typeof id !== 'string') {
    return ['it names no schema'];
  }
  const schema = schemaOf(id);
  return schema === undefined
    ? [`docs/schema has no file for ${id}`]
    : check(document, schema, '$', schema);
}

function check(value: unknown, schema: Schema, path: string, root: Schema): readonly string[] {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    return target === undefined
      ? [`${path}: the schema has no ${schema.$ref}`]
      : check(value, target, path, root);
  }
  if (schema.oneOf !== undefined) {
    const tries = schema.oneOf.map((one) => check(value, one, path, root));
    return tries.some((problems) => problems.length === 0) ? [] : (tries[0] ?? []);
  }
  const problems = [
    ...typeProblems(value, schema, path),
    ...(typeof value === 'string' ? textProblems(value, schema, path) : []),
  ];
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    value.forEach((item, index) => problems.push(...check(item, items, `${path}[${index}]`, root)));
  }
  if (isObject(value) && problems.length === 0) {
    problems.push(...objectProblems(value, schema, path, root));
  }
  return problems;
}

function typeProblems(
  value: unknown,
  { type, const: fixed, enum: known, minimum, maximum }: Schema,
  path: string,
): string[] {
  const types = type === undefined ? [] : typeof type === 'string' ? [type] : type;
  if (
    types.length > 0 &&
    !types.includes(typeOf(value)) &&
    !(types.includes('number') && typeOf(value) === 'integer')
  ) {
    return [`${path}: ${typeOf(value)} instead of ${types.join(' or ')}`];
  }
  if (fixed !== undefined && value !== fixed) {
    return [`${path}: not ${JSON.stringify(fixed)}`];
  }
  if (known !== undefined && !known.includes(value)) {
    return [`${path}: ${JSON.stringify(value)} is none of ${JSON.stringify(known)}`];
  }
  if (typeof value === 'number' && (value < (minimum ?? value) || value > (maximum ?? value))) {
    return [`${path}: ${value} is out of range`];
  }
  return [];
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uri: /^https?:\/\//,
};

function textProblems(
  value: string,
  { pattern, format, minLength = 0 }: Schema,
  path: string,
): string[] {
  const wanted = pattern === undefined ? undefined : new RegExp(pattern);
  return [
    ...(wanted !== undefined && !wanted.test(value)
      ? [`${path}: does not match ${String(wanted)}`]
      : []),
    ...(format !== undefined && FORMATS[format]?.test(value) === false
      ? [`${path}: no ${format}`]
      : []),
    ...(value.length < minLength ? [`${path}: too short`] : []),
  ];
}

function objectProblems(
  value: Readonly<Record<string, unknown>>,
  { properties = {}, required = [], additionalProperties }: Schema,
  path: string,
  root: Schema,
): readonly string[] {
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${path}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const schema =
        properties[name] ??
        (typeof additionalProperties === 'object' ? additionalProperties : undefined);
      if (schema !== undefined) {
        return check(member, schema, `${path}.${name}`, root);
      }
      return additionalProperties === true ? [] : [`${path}.${name}: not documented`];
    }),
  ];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}
