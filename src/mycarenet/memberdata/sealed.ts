/**
 * A question that only the broker can read, and an answer that only we can (mycarenet §1.6): the document stands in
 * an `EncryptedKnownContent`, and that is sealed for the business domain of MyCareNet (BED).
 *
 * @module
 */

import { decodeBase64 } from '../../der/base64.js';
import { TopazError } from '../../errors.js';
import type { Etk } from '../../etee/etk.js';
import type { SealRevocation } from '../../etee/revocation.js';
import { seal } from '../../etee/seal.js';
import { unseal } from '../../etee/unseal.js';
import { obtainEtk } from '../../etk/obtain.js';
import type { EtkSource } from '../../etk/obtain.js';
import type { Identifier } from '../../ids/identifier.js';
import type { Decrypter, Signer } from '../../keys/keys.js';
import type { Certificate } from '../../x509/certificate.js';
import { namespace } from '../../xml/build.js';
import { attribute, requireChild, text } from '../../xml/query.js';
import { readXml } from '../../xml/read.js';
import { writeXml } from '../../xml/write.js';
import { inflateContent } from '../blob.js';
import { NS_ENCRYPTED } from '../names.js';

/** As the depot knows the broker. */
export const BED: Identifier = { type: 'CBE', id: '0820563481' };
const BED_APPLICATION = 'MYCARENET';
/** Of `Detail/@ContentEncryption`. */
export const SEALED_FOR_BED = 'encryptedForKnownBED';

const MAX_BYTES = 16 * 1024 * 1024;

const enc = namespace('enc', NS_ENCRYPTED);

/** The token of the broker. @throws TopazError as `obtainEtk`. */
export async function obtainBed(source: EtkSource, signal?: AbortSignal): Promise<Etk> {
  return (await obtainEtk(source, BED, { applicationId: BED_APPLICATION, signal })).etk;
}

/** What a question is sealed with. */
export interface Sealing {
  readonly sender: Signer;
  /** Of the broker, verified. */
  readonly bed: Etk;
  /** Our own token: the answer is sealed for it. */
  readonly replyTo: Uint8Array;
}

/** What a sealed answer is opened with. */
export interface Opening {
  readonly decrypters: readonly Decrypter[];
  /** Whom the seal must lead to. */
  readonly roots: readonly Certificate[];
  readonly revocation?: SealRevocation | undefined;
}

/**
 * The business document, sealed.
 *
 * @param id Of the `Detail` around it.
 */
export function sealDocument(
  document: Uint8Array,
  id: string,
  { sender, bed, replyTo }: Sealing,
  now: Date,
): Promise<Uint8Array> {
  const content = enc(
    'EncryptedKnownContent',
    {},
    // Spelt so here; in the mailbox of MyCareNet it is Reply-to-etk.
    enc('Reply-to-Etk', {}, Buffer.from(replyTo).toString('base64')),
    enc(
      'BusinessContent',
      { id, ContentType: 'text/xml', ContentEncoding: 'none' },
      Buffer.from(document).toString('base64'),
    ),
  );
  const bytes = new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>${writeXml(content)}`,
  );
  return seal(bytes, { sender, recipients: [bed], now });
}

/**
 * Opens what is sealed in an answer.
 *
 * @returns The business document.
 * @throws TopazError `E_SEAL_NOT_FOR_US`; `E_SEAL_INVALID` also for a seal that nobody vouches for;
 *   `E_REPLY_INVALID`, `E_REPLY_TOO_LARGE`, `E_XML_MALFORMED` for what is in it.
 */
export async function openDocument(
  sealed: Uint8Array,
  { decrypters, roots, revocation }: Opening,
  now: Date,
): Promise<Uint8Array> {
  const unsealed = await unseal(sealed, { decrypters, roots, revocation, now });
  if (unsealed.verdict === 'refused') {
    throw new TopazError('E_SEAL_INVALID', 'the seal of the answer cannot be relied on', {
      facts: [unsealed.errors.join(', ')],
      hint: 'nothing of the answer was used; ask again, and report it if it happens again',
    });
  }
  return readKnownContent(unsealed.content);
}

function readKnownContent(content: Uint8Array): Uint8Array {
  const root = readXml(content, { maxBytes: MAX_BYTES });
  if (root.name !== 'EncryptedKnownContent' || root.namespace !== NS_ENCRYPTED) {
    throw invalid(`${root.name} under the seal`);
  }
  const business = requireChild(root, NS_ENCRYPTED, 'BusinessContent');
  const bytes = decodeBase64(text(business));
  if (bytes === undefined) {
    throw invalid('the content under the seal is not base64');
  }
  // Unlike in a Detail, an absent encoding means none.
  const encoding = attribute(business, 'ContentEncoding') ?? 'none';
  return inflateContent(bytes, encoding, MAX_BYTES);
}

const invalid = (fact: string): TopazError =>
  new TopazError('E_REPLY_INVALID', 'the sealed answer is not one of MyCareNet', {
    facts: [fact],
    hint: 'nothing of it was used; ask again, and report it if it happens again',
  });
