/**
 * Every text of topaz in English, by key. Each noun keeps its own file.
 *
 * @module
 */

import { cert } from './cert.js';
import { ehbox } from './ehbox.js';
import { eid } from './eid.js';
import { errors } from './errors.js';
import { etk } from './etk.js';
import { frame } from './frame.js';
import { help } from './help.js';
import { key } from './key.js';
import { keystore } from './keystore.js';
import { mycarenet } from './mycarenet.js';
import { profile } from './profile.js';
import { sandbox } from './sandbox.js';
import { seal } from './seal.js';
import { session } from './session.js';

/** Keys are the same in all languages; only the English ones count as their source. */
export const catalog: Readonly<Record<string, string>> = {
  ...frame,
  ...help,
  ...errors,
  ...eid,
  ...cert,
  ...key,
  ...keystore,
  ...session,
  ...etk,
  ...seal,
  ...ehbox,
  ...mycarenet,
  ...sandbox,
  ...profile,
};
