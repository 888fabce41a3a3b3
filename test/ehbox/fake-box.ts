/**
 * An eHealthBox in memory behind a `Call`: answers are bytes, read by the same code as those of the wire.
 * What happens between two calls is for the test to say.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../../src/errors.js';
import { fetchFullMessage, fetchMessagesList } from '../../src/ehbox/client.js';
import { NS_EHBOX_CONSULTATION } from '../../src/ehbox/request.js';
import type { SyncOptions } from '../../src/ehbox/sync.js';
import type { Call, SoapReply } from '../../src/soap/call.js';
import { parseReply } from '../../src/soap/reply.js';
import { elements } from '../../src/xml/query.js';
import type { XmlElement } from '../../src/xml/tree.js';

export interface FakeMessage {
  readonly id: string;
  readonly title?: string;
  readonly date?: string;
  readonly contentType?: string;
  readonly encrypted?: boolean;
  /** Base64 of the body. */
  readonly body?: string;
  /** XML of annexes, free information … after the document. */
  readonly more?: string;
  /** The entry of the list, instead of the ordinary one. */
  readonly entry?: string;
  /** The whole payload of the full message, instead of the ordinary one. */
  readonly full?: string;
}

const ADDRESS = '<Id>19547181</Id><Type>NIHII</Type><Quality>DOCTOR</Quality>';
const SENDER =
  '<Sender><Id>71234523</Id><Type>NIHII</Type><Quality>LABO</Quality><Name>Labo Exemple</Name></Sender>';

/** A message with a number of thirteen characters. */
export const fake = (n: number, more: Partial<FakeMessage> = {}): FakeMessage => ({
  id: `9ZTEST${String(n).padStart(7, '0')}`,
  title: `message ${n}`,
  ...more,
});

export class FakeBox {
  /** Newest first. */
  inbox: FakeMessage[] = [];
  bin: FakeMessage[] = [];
  sent: FakeMessage[] = [];
  sentBin: FakeMessage[] = [];
  /** `GetMessagesList INBOX 1`, `GetFullMessage <id>` … */
  readonly calls: string[] = [];
  /** Called before each answer; what it throws is the answer. */
  before: (call: string) => void = () => undefined;

  readonly call: Call = ({ body, operation }) => {
    const value = (name: string): string => textOf(elements(body).find((child) => child.name === name)); // prettier-ignore
    const source = value('Source');
    const name =
      operation === 'GetMessagesList'
        ? `${operation} ${source} ${value('StartIndex')}`
        : `${operation} ${value('MessageId')}`.trim();
    this.calls.push(name);
    return new Promise<SoapReply>((answer) => {
      this.before(name);
      answer(this.answer(operation, value));
    }); // prettier-ignore
  };

  /** What this box answers; `value` gives the fields of the request. */
  answer(operation: string, value: (name: string) => string): SoapReply {
    const source = value('Source');
    return operation === 'GetMessagesList'
      ? this.#list(source, Number(value('StartIndex')), Number(value('EndIndex')))
      : this.#full(source, value('MessageId'));
  }

  /** The calls since the last time. */
  takeCalls(): readonly string[] {
    return this.calls.splice(0);
  }

  /** What a synchronisation needs of this box. */
  get source(): Pick<SyncOptions, 'listPage' | 'fetch'> {
    const options = { security: { kind: 'none' } as const };
    const url = 'https://box.test';
    return {
      listPage: (folder, start, end) =>
        fetchMessagesList(this.call, url, { ...options, folder, start, end }),
      fetch: ({ side, id }) =>
        fetchFullMessage(this.call, url, { ...options, source: side === 'sent' ? 'SENTBOX' : 'INBOX', id }), // prettier-ignore
    };
  }

  #list(folder: string, start: number, end: number): SoapReply {
    if (end - start > 99) {
      throw new Error('more than 100 messages were asked for');
    }
    const messages =
      { INBOX: this.inbox, BININBOX: this.bin, SENTBOX: this.sent, BINSENTBOX: this.sentBin }[folder] ?? []; // prettier-ignore
    const entries = messages.slice(start - 1, end).map((message) => message.entry ?? entryOf(message)); // prettier-ignore
    return answer('GetMessagesList', `<Source>${folder}</Source>${entries.join('')}`);
  }

  #full(source: string, id: string): SoapReply {
    const side =
      source === 'SENTBOX' ? [...this.sent, ...this.sentBin] : [...this.inbox, ...this.bin];
    const message = side.find((entry) => entry.id === id);
    if (message === undefined) {
      return answer('GetFullMessage', '', '820');
    }
    return message.full === undefined ? answer('GetFullMessage', fullOf(message)) : reply(message.full); // prettier-ignore
  }
}

const textOf = (element: XmlElement | undefined): string =>
  element?.children.map((node) => (node.kind === 'text' ? node.text : '')).join('') ?? '';

const info = ({ date = '2026-02-27' }: FakeMessage): string =>
  `<MessageInfo><PublicationDate>${date}+01:00</PublicationDate><ExpirationDate>${Number(date.slice(0, 4)) + 1}${date.slice(4)}+01:00</ExpirationDate><Size>100</Size></MessageInfo>`;

const specification = ({ contentType = 'DOCUMENT', encrypted = false }: FakeMessage): string =>
  `<ContentSpecification><ContentType>${contentType}</ContentType><IsImportant>false</IsImportant><IsEncrypted>${encrypted}</IsEncrypted></ContentSpecification>`;

const entryOf = (message: FakeMessage): string =>
  `<Message><MessageId>${message.id}</MessageId><Destination>${ADDRESS}</Destination>${SENDER}${info(message)}<ContentInfo><Title>${message.title ?? ''}</Title><MimeType>text/plain</MimeType><HasFreeInformations>false</HasFreeInformations><HasAnnex>${message.more !== undefined}</HasAnnex></ContentInfo>${specification(message)}</Message>`;

const fullOf = (message: FakeMessage): string =>
  `${SENDER}<Message MessageId="${message.id}"><DestinationContext>${ADDRESS}</DestinationContext><ContentContext><Content><Document><Title>${message.title ?? ''}</Title><EncryptableTextContent>${message.body ?? Buffer.from(`body of ${message.id}`).toString('base64')}</EncryptableTextContent><DownloadFileName>body.txt</DownloadFileName><MimeType>text/plain</MimeType></Document>${message.more ?? ''}</Content>${specification(message)}</ContentContext></Message>${info(message)}`;

export const responseXml = (operation: string, inside: string, code = '100'): string =>
  `<con:${operation}Response xmlns:con="${NS_EHBOX_CONSULTATION}"><Status><Code>${code}</Code><Message Lang="EN">text</Message></Status>${inside}</con:${operation}Response>`;

const answer = (operation: string, inside: string, code?: string): SoapReply =>
  reply(responseXml(operation, inside, code));

/** An answer as the wire brings it. */
export const reply = (payload: string): SoapReply =>
  parseReply(
    'ehboxConsultation',
    200,
    { 'content-type': 'text/xml; charset=utf-8' },
    Buffer.from(
      `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${payload.replace(/^<\?xml[^>]*\?>\s*/, '').trim()}</soap:Body></soap:Envelope>`,
    ),
  );

export const networkDown = (): TopazError =>
  new TopazError('E_NETWORK_RESET', 'the connection was cut', { hint: 'try again' });

export const fault = (code: string): SoapFaultError =>
  new SoapFaultError({ service: 'ehboxConsultation', statusCode: 500, faultCode: code, faultString: code }); // prettier-ignore
