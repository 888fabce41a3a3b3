/**
 * Answers of ETKRA v2: XML → values (certificate-lifecycle §5).
 *
 * @module
 */

import { base64Bytes, requireBoolean } from '../certra/values.js';
import { requireChild } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { NS_ETKRA } from './request.js';

/** The challenge as it came: what is wrapped for the encryption key, and a digest behind it. */
export const readChallenge = (reply: XmlElement): Uint8Array =>
  base64Bytes(requireChild(reply, NS_ETKRA, 'Challenge'));

export interface Registration {
  /** The encryption token (CMS). */
  readonly token: Uint8Array;
  /** Another token of this holder stays in use until this one is activated. */
  readonly toBeActivated: boolean;
}

export const readRegistration = (reply: XmlElement): Registration => ({
  token: base64Bytes(requireChild(reply, NS_ETKRA, 'ETK')),
  toBeActivated: requireBoolean(reply, NS_ETKRA, 'ToBeActivated'),
});
