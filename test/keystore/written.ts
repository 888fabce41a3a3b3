/** Keystores of every kind that we write, for the judges. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createPendingKeystore, writeKeystore } from '../../src/keystore/keystore.js';
import type { Keystore } from '../../src/keystore/keystore.js';
import { bytes, doctorKeystore, keyOf, PASSWORD } from './fixtures.js';

const unpaired: Keystore = {
  ...createPendingKeystore(keyOf('doctor'), new Date('2026-03-01T09:12:44Z')),
  unpairedKeys: [{ alias: 'pending-encryption', privateKey: keyOf('labo') }],
};
const finalizing: Keystore = {
  ...doctorKeystore(),
  unpairedKeys: [{ alias: 'pending-encryption', privateKey: keyOf('labo') }],
};

/** Name, content, format, number of keys. */
export const FILES: readonly [string, Keystore, 'modern' | 'compat', number][] = [
  ['modern', doctorKeystore(), 'modern', 3],
  ['compat', doctorKeystore(), 'compat', 3],
  [
    'pending',
    createPendingKeystore(keyOf('doctor'), new Date('2026-03-01T09:12:44Z')),
    'modern',
    1,
  ],
  ['pending-with-encryption', unpaired, 'modern', 2],
  ['finalizing', finalizing, 'modern', 4],
];

/** Writes all of them, and the file `password`, into a folder. */
export async function writeAll(folder: string): Promise<void> {
  writeFileSync(join(folder, 'password'), PASSWORD);
  for (const [name, keystore, format] of FILES) {
    const file = await writeKeystore(keystore, bytes(PASSWORD), { format });
    writeFileSync(join(folder, `${name}.p12`), file);
  }
}
