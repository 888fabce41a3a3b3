/**
 * Is this the token of the holder that was asked for?
 *
 * @module
 */

import type { Etk } from '../etee/etk.js';
import { normaliseIdentifier, type Identifier } from '../ids/identifier.js';

/** Quirk: asked by the NIHII of a person, the depot may answer with that person's SSIN (etee §2). */
export function isEtkOf({ holder }: Etk, wanted: Identifier): boolean {
  const [asked, own] = [wanted, holder.identifier].map(normaliseIdentifier);
  return (
    (own?.type === asked?.type && own?.id === asked?.id) ||
    (asked?.type === 'NIHII' && own?.type === 'SSIN')
  );
}
