/**
 * The open session together with the key that signs with it: what every call to a service needs.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Security } from '../../soap/call.js';
import type { Session } from '../../sts/session.js';
import { fingerprint } from '../../x509/certificate.js';
import { openActiveKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags, OpenedKeystore } from '../keystore/open-keystore.js';
import { requireSession } from './stored-session.js';

export interface LiveSession {
  readonly session: Session;
  /** For `SoapRequest`. */
  readonly security: Security;
  readonly keystore: OpenedKeystore;
}

/** A call must end before its session does. */
const LEAST_MS = 60_000;

/**
 * Reads the session first, so that nobody types a password for nothing, then opens the keystore.
 *
 * @throws TopazError `E_SESSION_NONE`, `E_SESSION_EXPIRED` (also where the session is of another keystore),
 *   and as `openActiveKeystore`.
 */
export async function liveSession(run: Run, flags: KeystoreFlags): Promise<LiveSession> {
  const session = await requireSession(run, LEAST_MS);
  const keystore = await openActiveKeystore(run, flags);
  const { signer } = keystore;
  if (fingerprint(signer.certificate) !== session.holderOfKey) {
    throw new TopazError('E_SESSION_EXPIRED', 'the session was opened with another keystore', {
      facts: [`keystore "${keystore.alias}"`],
      hint: 'topaz session open --force, or choose the other keystore with --keystore',
    });
  }
  const { assertion, assertionId } = session;
  return { session, keystore, security: { kind: 'saml', assertion, assertionId, signer } };
}
