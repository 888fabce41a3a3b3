/**
 * The open session of a profile, one per environment: a file of mode 0600 in its state folder. It is of no
 * use without the holder-of-key key, but it holds the number of a person.
 *
 * @module
 */

import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { systemCode } from '../errors.js';
import { ENVIRONMENTS } from '../profile/environment.js';
import type { Environment } from '../profile/environment.js';
import type { Session } from './session.js';

const SCHEMA = 'topaz.session/1';

const fileOf = (folder: string, environment: Environment): string =>
  join(folder, `session-${environment}.json`);

/** Where commands that open or close a session take turns. */
export const sessionLock = (folder: string): string => join(folder, 'session.lock');

/** Stores a session; the one before it is forgotten. */
export async function writeSession(folder: string, session: Session): Promise<void> {
  await makePrivateFolder(folder);
  await writeFileAtomic(
    fileOf(folder, session.environment),
    `${JSON.stringify({ schema: SCHEMA, ...session })}\n`,
  );
}

/** The stored session, expired or not; `undefined` when there is none. A damaged file counts as none. */
export async function readSession(
  folder: string,
  environment: Environment,
): Promise<Session | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(folder, environment), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  try {
    const session = fromJson(JSON.parse(text));
    return session?.environment === environment ? session : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** Forgets it. @returns Whether there was one. */
export async function removeSession(folder: string, environment: Environment): Promise<boolean> {
  try {
    await unlink(fileOf(folder, environment));
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

function fromJson(value: unknown): Session | undefined {
  const json = record(value);
  const holder = record(json['holder']);
  const text = (from: Readonly<Record<string, unknown>>, key: string): string => {
    const found = from[key];
    return typeof found === 'string' ? found : '';
  };
  const via = json['via'];
  const environment = ENVIRONMENTS.find((name) => name === json['environment']);
  const openedAt = new Date(text(json, 'openedAt'));
  const notOnOrAfter = new Date(text(json, 'notOnOrAfter'));
  if (
    json['schema'] !== SCHEMA ||
    (via !== 'eid' && via !== 'keystore') ||
    environment === undefined ||
    Number.isNaN(openedAt.getTime()) ||
    Number.isNaN(notOnOrAfter.getTime())
  ) {
    return undefined;
  }
  return {
    via,
    holder: {
      type: text(holder, 'type'),
      id: text(holder, 'id'),
      quality: text(holder, 'quality'),
    },
    environment,
    openedAt,
    notOnOrAfter,
    assertionId: text(json, 'assertionId'),
    assertion: text(json, 'assertion'),
    holderOfKey: text(json, 'holderOfKey'),
    ...(typeof json['keystore'] === 'string' ? { keystore: json['keystore'] } : {}),
    ...(json['protocol'] === 'saml' || json['protocol'] === 'wstrust'
      ? { protocol: json['protocol'] }
      : {}),
    attributes: list(json['attributes']).map((entry) => {
      const attribute = record(entry);
      return {
        namespace: text(attribute, 'namespace'),
        name: text(attribute, 'name'),
        values: list(attribute['values']).map(String),
      };
    }),
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
