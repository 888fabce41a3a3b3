/**
 * WS-Addressing 2005/08 headers, by which GenAsync tells its operations apart (mycarenet §3.3).
 *
 * @module
 */

import { namespace } from '../xml/build.js';
import { NS_SOAP, NS_WSA } from '../xml/namespaces.js';
import { children, elements, text } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { replyInvalid } from './reply-invalid.js';

export interface Addressing {
  /** URI of the operation; the answer has another one. */
  readonly action: string;
  /**
   * Who is meant: `urn:nip:destination:io:319`. Left out when absent: an empty one is no URI reference for
   * strict receivers.
   */
  readonly to?: string | undefined;
}

const ANONYMOUS = 'http://www.w3.org/2005/08/addressing/anonymous';
const wsa = namespace('wsa', NS_WSA);

/** @param messageId A UUID; it is sent as `urn:uuid:`. */
export function addressingHeaders(
  { action, to }: Addressing,
  messageId: string,
): readonly XmlElement[] {
  return [
    wsa('Action', { 'soap:mustUnderstand': '1' }, action),
    ...(to === undefined ? [] : [wsa('To', {}, to)]),
    wsa('MessageID', {}, `urn:uuid:${messageId}`),
    wsa('ReplyTo', {}, wsa('Address', {}, ANONYMOUS)),
    wsa('FaultTo', {}, wsa('Address', {}, ANONYMOUS)),
  ];
}

/**
 * Refuses an answer to another message. One that names none is taken: the connection tells whose it is.
 *
 * @throws TopazError `E_REPLY_INVALID`.
 */
export function checkRelation(service: string, envelope: XmlElement, messageId: string): void {
  const [header] = children(envelope, NS_SOAP, 'Header');
  const related = elements(header)
    .filter(({ name, namespace: uri }) => name === 'RelatesTo' && uri === NS_WSA)
    .map((element) => text(element).trim())
    .filter((id) => id !== '');
  const bare = (id: string): string => id.replace(/^(?:urn:)?uuid:/i, '').toLowerCase();
  if (related.length > 0 && !related.some((id) => bare(id) === bare(messageId))) {
    throw replyInvalid('it is the answer to another message', service);
  }
}
