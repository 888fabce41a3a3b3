/**
 * The matrix of cards: every kind, key and state of a card against every command that uses one, on three tokens,
 * with what must come of it and how many PINs may get to the card. What a token cannot play has the reason
 * (eid-pkcs11 §14).
 *
 * @module
 */

export const TOKENS = ['simulated', 'softhsm', 'virtual'] as const;
export type Token = (typeof TOKENS)[number];

export const KINDS = ['citizen', 'foreigner', 'kids'] as const;
export type Kind = (typeof KINDS)[number];

export const KEYS = ['rsa', 'ec'] as const;
export type Key = (typeof KEYS)[number];

export const STATES = [
  'fine', 'wrong PIN', 'blocked', 'removed', 'slow', 'mute', 'expired', 're-keyed', 'held', 'pinpad',
] as const; // prettier-ignore
export type State = (typeof STATES)[number];

export const COMMANDS = [
  'eid read', 'eid verify', 'eid pin', 'cert request', 'cert renew', 'cert revoke', 'session open',
] as const; // prettier-ignore
export type CommandName = (typeof COMMANDS)[number];

export interface Cell {
  readonly token: Token;
  readonly kind: Kind;
  readonly key: Key;
  readonly state: State;
  readonly command: CommandName;
}

export interface Outcome {
  /** `ok`, or the code of the refusal. */
  readonly code: string;
  /** PINs that get to the card, right or wrong. */
  readonly pins: number;
}

/** Why a token cannot play a cell. */
export interface Unplayable {
  readonly reason: string;
}

const outcome = (code: string, pins = 0): Outcome => ({ code, pins });

/** Commands that make the legally binding signature; the others ask for nothing or for the first key alone. */
const SIGNS: ReadonlySet<CommandName> = new Set(['cert request', 'cert renew', 'cert revoke']);
const WITHOUT_PIN: ReadonlySet<CommandName> = new Set(['eid read', 'eid verify', 'eid pin']);

/** PINs that the person gives when all goes well: first login, then the window for the Signature key. */
const AUTHORISED: Readonly<Record<CommandName, number>> = {
  'eid read': 0,
  'eid verify': 0,
  'eid pin': 0,
  'cert request': 2,
  'cert renew': 1,
  'cert revoke': 2,
  'session open': 1,
};

/** What must come of a cell. */
export function expected(cell: Cell): Outcome | Unplayable {
  if (cell.state === 're-keyed' && cell.key === 'ec') {
    return { reason: 'only cards with RSA keys were re-keyed' };
  }
  switch (cell.token) {
    case 'simulated':
      return simulated(cell);
    case 'softhsm':
      return softhsm(cell);
    case 'virtual':
      return virtual(cell);
  }
}

/** As the eID middleware: the Signature key's PIN is asked in a window, for every signature. */
function simulated({ kind, key, state, command }: Cell): Outcome {
  if (state === 'held') {
    return outcome('E_CARD_ABSENT');
  }
  if (state === 'mute') {
    // Without a counter to read (applet 1.7), "eid pin" asks nothing of the card.
    return outcome(command === 'eid pin' && key === 'rsa' ? 'ok' : 'E_CARD_TIMEOUT');
  }
  if (WITHOUT_PIN.has(command)) {
    return unsigned(state, command);
  }
  if (kind === 'kids' && SIGNS.has(command)) {
    return outcome('E_CERTIFICATE_ABSENT');
  }
  switch (state) {
    case 'expired':
      return outcome('E_CERT_EXPIRED');
    case 'wrong PIN':
      return outcome('E_PIN_INCORRECT', 1);
    case 'blocked':
      // Applet 1.8 tells before anything is asked; 1.7 refuses the PIN that it gets.
      return outcome('E_PIN_LOCKED', key === 'ec' ? 0 : 1);
    case 'removed':
      return outcome('E_CARD_REMOVED', 1);
    default:
      return outcome('ok', AUTHORISED[command]);
  }
}

const unsigned = (state: State, command: CommandName): Outcome =>
  outcome(state === 'expired' && command === 'eid verify' ? 'E_CERT_UNTRUSTED' : 'ok');

const SOFTHSM_CANNOT: Readonly<Partial<Record<State, string>>> = {
  blocked: 'SoftHSM never locks',
  removed: 'SoftHSM has no reader',
  slow: 'SoftHSM has no reader',
  mute: 'SoftHSM has no reader',
  held: 'SoftHSM has no reader',
  pinpad: 'SoftHSM has no reader',
};

/** One login serves both keys. */
function softhsm({ kind, state, command }: Cell): Outcome | Unplayable {
  const reason = SOFTHSM_CANNOT[state];
  if (reason !== undefined) {
    return { reason };
  }
  if (WITHOUT_PIN.has(command)) {
    return unsigned(state, command);
  }
  if (kind === 'kids' && SIGNS.has(command)) {
    return outcome('E_CERTIFICATE_ABSENT');
  }
  if (state === 'expired') {
    return outcome('E_CERT_EXPIRED');
  }
  return state === 'wrong PIN' ? outcome('E_PIN_INCORRECT', 1) : outcome('ok', 1);
}

/** Through OpenSC 0.23: no Signature key, no EC signatures, no identity data. */
function virtual({ kind, key, state, command }: Cell): Outcome | Unplayable {
  if (state === 'pinpad') {
    return { reason: 'the virtual reader has no keys' };
  }
  if (state === 'held') {
    return outcome('E_CARD_ABSENT');
  }
  if (state === 'mute') {
    return outcome('E_CARD_TIMEOUT');
  }
  if (WITHOUT_PIN.has(command)) {
    return unsigned(state, command);
  }
  if (SIGNS.has(command)) {
    return outcome(kind === 'kids' ? 'E_CERTIFICATE_ABSENT' : 'E_SIGNATURE_KEY_UNUSABLE');
  }
  if (state === 'expired') {
    return outcome('E_CERT_EXPIRED');
  }
  if (key === 'ec') {
    return outcome('E_CARD_ERROR');
  }
  switch (state) {
    case 'wrong PIN':
      return outcome('E_PIN_INCORRECT', 1);
    case 'blocked':
      return outcome('E_PIN_LOCKED', 1);
    case 'removed':
      return outcome('E_CARD_REMOVED', 1);
    default:
      return outcome('ok', 1);
  }
}

/**
 * Whether the full run plays a cell. On the virtual card a command lasts seconds: all states are played with an
 * RSA card of a citizen, the other cards where they are fine and with a wrong PIN.
 */
export const isPlayed = ({ token, kind, key, state, command }: Cell): boolean =>
  token !== 'virtual' ||
  (kind === 'citizen' && key === 'rsa') ||
  (['fine', 'wrong PIN'].includes(state) &&
    ['eid read', 'cert renew', 'session open'].includes(command));

/** Cells of a token that can be played, with what must come of them. */
export const playableOf = (token: Token): readonly (Cell & { readonly wanted: Outcome })[] =>
  cellsOf(token)
    .filter(isPlayed)
    .flatMap((cell) => {
      const wanted = expected(cell);
      return 'reason' in wanted ? [] : [{ ...cell, wanted }];
    });

/** Every cell of a token. */
export const cellsOf = (token: Token): readonly Cell[] =>
  KINDS.flatMap((kind) =>
    KEYS.flatMap((key) =>
      STATES.flatMap((state) =>
        COMMANDS.map((command): Cell => ({ token, kind, key, state, command })),
      ),
    ),
  );
