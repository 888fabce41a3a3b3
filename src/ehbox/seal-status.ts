/**
 * How a part of a message opened, and how a whole message did: the worst of its parts (sync design, “What
 * cannot be unsealed”).
 *
 * @module
 */

/** From good to bad. */
const ORDER = [
  'clear',
  'ok',
  'ok-with-warnings',
  'no-key',
  'part-missing',
  'corrupt',
  'bad-signature',
] as const;

/**
 * `clear`: was never sealed. `no-key`: sealed for none of the keys at hand. `bad-signature`: opened, but its
 * signature, signer or algorithms are not to be trusted. `part-missing`: the answer lacks its bytes.
 */
export type PartStatus = (typeof ORDER)[number];

/** `unopened`: sealed, and kept so on purpose. */
export type SealStatus = PartStatus | 'unopened';

export const worst = (statuses: Iterable<PartStatus>): PartStatus =>
  ORDER[Math.max(0, ...[...statuses].map((status) => ORDER.indexOf(status)))] ?? 'clear';

/** Whether the first is nearer to good than the second. */
export const isBetter = (a: PartStatus, b: PartStatus): boolean =>
  ORDER.indexOf(a) < ORDER.indexOf(b);

/** Whether the content of a part may be shown and exported without asking. */
export const isReadable = (status: SealStatus): boolean =>
  status === 'clear' || status === 'ok' || status === 'ok-with-warnings';
