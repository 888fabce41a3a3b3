/**
 * Readers and the cards in them: which module this is, which slots hold an eID, which one is meant.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { cardError, CKR } from '../pkcs11/ckr.js';
import { CKF_TOKEN } from '../pkcs11/constants.js';
import type { ModuleInfo, Pkcs11Module, Slot, TokenInfo } from '../pkcs11/module.js';
import { SIMULATED_MANUFACTURER } from '../pkcs11/simulated/simulated-module.js';

/** Which module this is, by what it says of itself (`C_GetInfo`), never by its file name. */
export type ModuleKind = 'middleware' | 'opensc' | 'softhsm' | 'simulated' | 'other';

/** Tells the module by manufacturer and description. */
export function moduleKind({ manufacturer, description }: ModuleInfo): ModuleKind {
  const text = `${manufacturer} ${description}`.toLowerCase();
  if (manufacturer === SIMULATED_MANUFACTURER) {
    return 'simulated';
  }
  if (text.includes('belgium')) {
    return 'middleware';
  }
  if (text.includes('opensc')) {
    return 'opensc';
  }
  return text.includes('softhsm') ? 'softhsm' : 'other';
}

/** One reader as `eid list` shows it. */
export interface Reader {
  readonly name: string;
  readonly state: 'card' | 'empty' | 'other-card';
  /** Serial number of the chip, upper-case hex; only with a card. */
  readonly serial?: string;
  /** The token's label, `BELPIC` for an eID. */
  readonly label?: string;
  /** Whether the PIN is typed on the reader itself. */
  readonly pinpad?: boolean;
}

const isEid = (token: TokenInfo): boolean => token.label.startsWith('BELPIC');

/** Quirk: SoftHSM always shows one more slot with an empty token, and middlewares may show dead ones. */
const isReal = (slot: Slot): boolean =>
  slot.token === undefined || (slot.token.flags & CKF_TOKEN.TOKEN_INITIALIZED) !== 0;

/** Every reader with what is in it. */
export async function listReaders(module: Pkcs11Module): Promise<readonly Reader[]> {
  return (await listSlots(module)).map(({ reader, token, problem }) => ({
    name: reader,
    ...(token === undefined
      ? { state: problem === CKR.TOKEN_NOT_RECOGNIZED ? 'other-card' : 'empty' }
      : {
          state: isEid(token) ? 'card' : 'other-card',
          label: token.label,
          serial: token.serial,
          pinpad: (token.flags & CKF_TOKEN.PROTECTED_AUTHENTICATION_PATH) !== 0,
        }),
  }));
}

async function listSlots(module: Pkcs11Module): Promise<readonly Slot[]> {
  try {
    return (await module.slots()).filter(isReal);
  } catch (error) {
    throw cardError(error, { step: 'list' });
  }
}

export interface FindCardOptions {
  /** Name of the reader, or a part of it that fits one reader only. */
  readonly reader?: string | undefined;
  /** Waits so long for a card, in milliseconds. @default 0 */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told once, when the wait begins. */
  readonly onWait?: (() => void) | undefined;
  /** Asked which reader is meant, where several hold an eID; without it that is an error. */
  readonly chooseReader?: ((readers: readonly string[]) => Promise<string>) | undefined;
}

export type FoundSlot = Slot & { readonly token: TokenInfo };

const POLL_MS = 500;

/**
 * The one card that is meant.
 *
 * @throws TopazError `E_READER_ABSENT`, `E_CARD_ABSENT`, `E_CARD_NOT_EID`, `E_CARD_AMBIGUOUS`,
 *   `E_INTERRUPTED`.
 */
export async function findCard(
  module: Pkcs11Module,
  { reader, waitMs = 0, signal, onWait, chooseReader }: FindCardOptions = {},
): Promise<FoundSlot> {
  const deadline = performance.now() + waitMs;
  let wanted = reader;
  let announced = false;
  for (;;) {
    const choice = choose(await listSlots(module), wanted);
    if (!(choice instanceof TopazError)) {
      return choice;
    }
    // More than one card is no matter of waiting.
    if (choice.code === 'E_CARD_AMBIGUOUS') {
      if (chooseReader === undefined) {
        throw choice;
      }
      wanted = await chooseReader(choice.facts);
      continue;
    }
    if (performance.now() >= deadline) {
      throw choice;
    }
    if (!announced) {
      announced = true;
      onWait?.();
    }
    await pause(signal);
  }
}

function choose(slots: readonly Slot[], wanted: string | undefined): FoundSlot | TopazError {
  if (slots.length === 0) {
    return new TopazError('E_READER_ABSENT', 'no card reader was found', {
      hint: 'connect a reader; on Linux check that pcscd runs',
    });
  }
  const found =
    wanted === undefined
      ? slots
      : slots.some(({ reader }) => reader === wanted)
        ? slots.filter(({ reader }) => reader === wanted)
        : slots.filter(({ reader }) => reader.toLowerCase().includes(wanted.toLowerCase()));
  // A reader whose card another program uses alone has no name on some modules: it may be the one.
  const named =
    found.length > 0 ? found : slots.filter(({ problem }) => problem === CKR.DEVICE_ERROR);
  if (named.length === 0) {
    return new TopazError('E_READER_ABSENT', 'there is no reader of that name', {
      facts: [`readers: ${slots.map(({ reader }) => reader).join('; ')}`],
      hint: 'topaz eid list',
    });
  }
  const cards = named.flatMap((slot) =>
    slot.token !== undefined && isEid(slot.token) ? [{ ...slot, token: slot.token }] : [],
  );
  const [card] = cards;
  if (card !== undefined) {
    return cards.length === 1
      ? card
      : new TopazError('E_CARD_AMBIGUOUS', 'there is more than one eID card', {
          facts: cards.map(({ reader }) => reader),
          hint: 'name one with --reader, or take the others out',
          details: { readers: cards.map(({ reader }) => reader) },
        });
  }
  const other = named.find(
    ({ token, problem }) => token !== undefined || problem === CKR.TOKEN_NOT_RECOGNIZED,
  );
  return other === undefined
    ? new TopazError('E_CARD_ABSENT', 'no card in the reader, or another program uses it', {
        facts: named.map(({ reader }) => `reader: ${reader}`),
        hint: 'insert your eID, or close the program that uses it; --wait 60s waits for it',
      })
    : new TopazError('E_CARD_NOT_EID', 'the card is not an eID, or is inserted wrongly', {
        facts: [`reader: ${other.reader}`],
        hint: 'insert a Belgian eID, chip first and up',
      });
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  const interrupted = (): TopazError =>
    new TopazError('E_INTERRUPTED', 'interrupted while waiting for a card');
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(interrupted());
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(interrupted());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, POLL_MS);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
