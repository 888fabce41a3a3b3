/**
 * The opener for messages that are not sealed: no key, nothing to trust, and none of the code that unseals.
 *
 * @module
 */

import type { Opener } from './opener.js';

export const clearOpener: Opener = {
  keys: [],
  open: () => Promise.resolve({ state: 'no-key' }),
};
