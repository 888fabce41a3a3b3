/**
 * A message on its way out of the mirror: what eHealth said about it, and its parts as far as they opened.
 *
 * @module
 */

import type { MessageSummary } from '../catalog.js';
import type { FullMessage } from '../message.js';
import type { PartRecord, PartsRecord } from '../records.js';

export interface ExportedPart {
  readonly record: PartRecord;
  /** Absent when it did not open, or must not be exported. */
  readonly bytes: Uint8Array | undefined;
}

export interface ExportedMessage {
  readonly summary: MessageSummary;
  readonly message: FullMessage;
  readonly record: PartsRecord;
  /** The body first, then the attachments in their order. */
  readonly parts: readonly ExportedPart[];
}
