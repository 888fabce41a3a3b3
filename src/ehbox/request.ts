/**
 * Requests of the eHealthBox consultation service v3 (ehealthbox §2, §3).
 *
 * Quirk: only the root element is in the service's namespace, every child is in none.
 *
 * @module
 */

import { namespace } from '../xml/build.js';
import type { Content } from '../xml/build.js';
import type { XmlElement } from '../xml/tree.js';
import type { BoxAddress } from './address.js';

export const NS_EHBOX_CONSULTATION = 'urn:be:fgov:ehealth:ehbox:consultation:protocol:v3';

/** Folders as the service names them. */
export type WireFolder = 'INBOX' | 'SENTBOX' | 'BININBOX' | 'BINSENTBOX';

/** The service gives at most so many messages at a time. */
export const PAGE = 100;

export const con = namespace('con', NS_EHBOX_CONSULTATION);
export const plain = namespace('', '');

/** `Id`, `Type`, `SubType`, `Quality`: the order of the schema. */
export const boxId = (box: BoxAddress | undefined): Content =>
  box &&
  plain(
    'BoxId',
    {},
    plain('Id', {}, box.id),
    plain('Type', {}, box.type),
    box.subType === undefined ? undefined : plain('SubType', {}, box.subType),
    plain('Quality', {}, box.quality),
  );

/** @param box Another box of the caller; `undefined` = the one that the session proves. */
export const getBoxInfoRequest = (box: BoxAddress | undefined): XmlElement =>
  con('GetBoxInfoRequest', {}, boxId(box));

/** @param window Positions, both included, the first is 1; at most {@link PAGE} messages. */
export const getMessagesListRequest = (
  box: BoxAddress | undefined,
  folder: WireFolder,
  window: { readonly start: number; readonly end: number },
): XmlElement =>
  con(
    'GetMessagesListRequest',
    {},
    boxId(box),
    plain('Source', {}, folder),
    plain('StartIndex', {}, String(window.start)),
    plain('EndIndex', {}, String(window.end)),
  );

/**
 * The bins are no source here: a received message is asked from `INBOX`, a sent one from `SENTBOX`,
 * wherever it lies.
 */
export const getFullMessageRequest = (
  box: BoxAddress | undefined,
  source: 'INBOX' | 'SENTBOX',
  messageId: string,
): XmlElement =>
  con(
    'GetFullMessageRequest',
    {},
    boxId(box),
    plain('Source', {}, source),
    plain('MessageId', {}, messageId),
  );
