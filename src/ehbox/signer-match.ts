/**
 * Whether the seal was made by the one whom the mailbox names as the sender (ehealthbox §6). A quality is
 * not in a certificate, and a person may be named by NIHII here and by SSIN there: then it cannot be told.
 *
 * @module
 */

import { identifierOf } from './address.js';
import type { Sender } from './fields.js';
import type { Signer } from './opener.js';

export type SignerMatch = 'same' | 'different' | 'unknown';

export function matchSigner(sender: Sender, signer: Signer): SignerMatch {
  const named = identifierOf(sender);
  if (named.type === signer.type && named.id === signer.id) {
    return 'same';
  }
  if (signer.type === 'SSIN' && sender.personInOrganisation === signer.id) {
    return 'same';
  }
  const personByNihii = (type: string): boolean => type === 'NIHII' || type === 'NIHII11';
  const incomparable =
    (personByNihii(named.type) && signer.type === 'SSIN') ||
    (named.type === 'SSIN' && personByNihii(signer.type)) ||
    named.id === '' ||
    signer.id === '';
  return incomparable ? 'unknown' : 'different';
}
