/**
 * Puts a seed into the state: entries with the same key are replaced, others stay (sandbox sheet §3).
 *
 * @module
 */

import { readFile } from 'node:fs/promises';

import { systemCode, TopazError } from '../errors.js';
import { demoSeed } from './demo-seed.js';
import { addMessages } from './ehbox-delivery.js';
import type { Sandbox } from './exchange.js';
import { parseSeed } from './seed.js';
import type { Seed } from './seed.js';

/** What a seed held. */
export interface SeedCounts {
  readonly persons: number;
  readonly organisations: number;
  readonly patients: number;
  readonly messages: number;
  readonly genasync: number;
}

/**
 * Reads `demo` or a file.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_SEED_INVALID`.
 */
export async function readSeed(nameOrFile: string): Promise<Seed> {
  if (nameOrFile === 'demo') {
    return demoSeed();
  }
  let text: string;
  try {
    text = await readFile(nameOrFile, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      throw new TopazError('E_FILE_NOT_FOUND', `there is no seed file ${nameOrFile}`, {
        hint: 'name a file, or the built-in seed: --seed demo',
        cause: error,
      });
    }
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TopazError('E_SEED_INVALID', `${nameOrFile} is not JSON`, {
      hint: 'see: topaz help sandbox',
      cause: error,
    });
  }
  return parseSeed(value);
}

/** Adds a seed to the running state and saves it. */
export async function applySeed(sandbox: Sandbox, seed: Seed): Promise<SeedCounts> {
  const { state, store } = sandbox;
  state.persons = merge(state.persons, seed.persons, ({ ssin }) => ssin);
  state.organisations = merge(state.organisations, seed.organisations, ({ type, id }) => `${type}=${id}`); // prettier-ignore
  state.patients = merge(state.patients, seed.patients, ({ ssin }) => ssin);
  state.genasync = merge(state.genasync, seed.genasync, (entry) => JSON.stringify(entry));
  await addMessages(sandbox, seed.messages);
  await store.save();
  return {
    persons: seed.persons.length,
    organisations: seed.organisations.length,
    patients: seed.patients.length,
    messages: seed.messages.length,
    genasync: seed.genasync.length,
  };
}

function merge<T>(old: readonly T[], added: readonly T[], keyOf: (entry: T) => string): T[] {
  const all = new Map(old.map((entry) => [keyOf(entry), entry]));
  for (const entry of added) {
    all.set(keyOf(entry), entry);
  }
  return [...all.values()];
}
