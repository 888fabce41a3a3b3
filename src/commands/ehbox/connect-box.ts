/**
 * The way to a box at eHealth: the open session, the service, the box that it opens, and the place of its
 * mirror on this machine.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { parseBoxAddress } from '../../ehbox/address.js';
import type { BoxAddress } from '../../ehbox/address.js';
import { mirrorFolder } from '../../ehbox/boxes.js';
import { MailboxMirror } from '../../ehbox/mirror.js';
import { findBox } from '../../ehbox/own-box.js';
import type { BoxInfo } from '../../ehbox/reply.js';
import { endpoint } from '../../profile/endpoints.js';
import { profileFolders } from '../../profile/paths.js';
import type { Call, Security } from '../../soap/call.js';
import type { KeystoreFlags, OpenedKeystore } from '../keystore/open-keystore.js';
import { liveSession } from '../session/live-session.js';
import type { BoxFlags } from './open-mirror.js';

export interface ConnectedBox {
  readonly call: Call;
  readonly url: string;
  readonly security: Security;
  readonly keystore: OpenedKeystore;
  /** For requests; `undefined` = the default box of the session. */
  readonly box: BoxAddress | undefined;
  readonly info: BoxInfo;
  readonly mirror: MailboxMirror;
  readonly environment: string;
}

const NIHII = /:nihii11$/;

/** @throws TopazError `E_SESSION_NONE`, `E_SESSION_EXPIRED`, `E_BOX_MISMATCH`, and those of the call. */
export async function connectBox(run: Run, flags: BoxFlags & KeystoreFlags): Promise<ConnectedBox> {
  const named = flags.box === undefined ? undefined : parseBoxAddress(flags.box);
  const profile = await run.profile();
  const url = endpoint(profile, 'ehboxConsultation');
  const { session, security, keystore } = await liveSession(run, flags);
  const call = await run.call({ batch: true });
  const { info, box } = await findBox(
    call,
    url,
    {
      box: named,
      quality: profile.ehbox.quality,
      holder: keystore.holder.identifier,
      nihiis: session.attributes.flatMap(({ name, values }) => (NIHII.test(name) ? values : [])),
    },
    { security, signal: run.ctx.signal },
  );
  const parent = profileFolders(run.paths, profile.name).ehbox;
  const mirror = new MailboxMirror(mirrorFolder(parent, profile.environment, info.box), {
    now: run.now,
    newId: run.ctx.newId,
  });
  return { call, url, security, keystore, box, info, mirror, environment: profile.environment };
}
