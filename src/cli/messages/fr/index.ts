/**
 * Every text of topaz in French, by key. Each noun keeps its own file.
 *
 * @module
 */

import { access } from './access.js';
import { backup } from './backup.js';
import { cert } from './cert.js';
import { doctor } from './doctor.js';
import { ehbox } from './ehbox.js';
import { ehboxSend } from './ehbox-send.js';
import { eid } from './eid.js';
import { errors } from './errors.js';
import { etk } from './etk.js';
import { explain } from './explain.js';
import { frame } from './frame.js';
import { help } from './help.js';
import { key } from './key.js';
import { keystore } from './keystore.js';
import { mailbox } from './mailbox.js';
import { mycarenet } from './mycarenet.js';
import { profile } from './profile.js';
import { sandbox } from './sandbox.js';
import { seal } from './seal.js';
import { session } from './session.js';
import { today } from './today.js';

/** Keys are the same in all languages; only the English ones count as their source. */
export const catalog: Readonly<Record<string, string>> = {
  ...frame,
  ...help,
  ...errors,
  ...eid,
  ...access,
  ...backup,
  ...cert,
  ...key,
  ...keystore,
  ...session,
  ...etk,
  ...seal,
  ...ehbox,
  ...ehboxSend,
  ...mycarenet,
  ...mailbox,
  ...sandbox,
  ...profile,
  ...doctor,
  ...explain,
  ...today,
};
