/**
 * The simulated card, in this process: behaves as the eID middleware's module with its PIN window
 * (eid-pkcs11 §3–§13), not as OpenSC or SoftHSM. The window for the Signature key is answered by the file
 * `dialog`. One reader per card, which `card.json` may pull out at any moment; a folder of several cards is a
 * desk with several readers.
 *
 * It says what it is in its info (`topaz sandbox`), so that nobody takes it for the middleware.
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { CKR } from '../ckr.js';
import { CkrError } from '../module.js';
import type { ModuleInfo, Pkcs11Module, Slot } from '../module.js';
import { CARD_FILE, readCard, readOptional } from './card-folder.js';
import { isThere, SimulatedSession, tokenOf } from './simulated-session.js';
import type { SimulatedSessionOptions } from './simulated-session.js';

/** Manufacturer in the info of the simulated module. */
export const SIMULATED_MANUFACTURER = 'topaz sandbox';

const INFO: ModuleInfo = {
  manufacturer: SIMULATED_MANUFACTURER,
  description: 'simulated Belgium eID',
  version: { major: 1, minor: 0 },
};
const readerName = (index: number): string =>
  `Simulated card reader ${String(index).padStart(2, '0')} 00`;

/**
 * Opens the card of a folder, or the cards of its subfolders; there must be one, it need not be in the reader.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND`.
 */
export async function openSimulatedModule(
  folder: string,
  options: SimulatedSessionOptions = {},
): Promise<Pkcs11Module> {
  const dirs = await cardFolders(resolve(folder));
  let session: SimulatedSession | undefined;
  return {
    info: INFO,
    slots: () => Promise.all(dirs.map(slotOf)),
    open: async (slot) => {
      const dir = dirs[slot.id];
      if (dir === undefined) {
        throw new CkrError(CKR.SLOT_ID_INVALID, 'C_OpenSession');
      }
      const card = await readCard(dir);
      if (!isThere(card)) {
        throw new CkrError(CKR.TOKEN_NOT_PRESENT, 'C_OpenSession');
      }
      session = new SimulatedSession(dir, card, options);
      return session;
    },
    close: async () => {
      await session?.close();
    },
  };
}

/** The folder itself, or its subfolders that hold a card, by name. */
async function cardFolders(dir: string): Promise<readonly string[]> {
  if ((await readOptional(join(dir, CARD_FILE))) === undefined) {
    const names = await readdir(dir).catch(() => []);
    const holds = await Promise.all(
      names.map(async (name) => (await readOptional(join(dir, name, CARD_FILE))) !== undefined),
    );
    const found = names.filter((_, index) => holds[index]).sort();
    if (found.length > 0) {
      return found.map((name) => join(dir, name));
    }
  }
  await readCard(dir);
  return [dir];
}

async function slotOf(dir: string, id: number): Promise<Slot> {
  const card = await readCard(dir);
  const reader = readerName(id);
  return isThere(card)
    ? { id, reader, token: tokenOf(card), problem: undefined }
    : { id, reader, token: undefined, problem: CKR.TOKEN_NOT_PRESENT };
}
