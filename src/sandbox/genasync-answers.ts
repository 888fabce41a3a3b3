/**
 * The answers of a MyCareNet mailbox as XML (mycarenet §3.4 to §3.8): `postResponse`, `getResponse`,
 * `confirmResponse`, the fault, and the headers around them.
 *
 * @module
 */

import type { Answer, Part, Sandbox } from './exchange.js';
import { SandboxFault } from './faults-soap.js';
import { receiptOf } from './genasync-mailbox.js';
import type { Carriage } from './genasync-mailbox.js';
import { CIN_TYPES, GENASYNC, MCN_COMMON_2, WSA, WSSE, WSU, XMIME, XOP } from './names.js';
import type { MailboxEntry } from './state.js';
import { el } from './xml-text.js';
import type { Attributes, Content, Markup } from './xml-text.js';

const REPLIES: Readonly<Record<string, string>> = {
  post: 'post:tack',
  get: 'get:msgs',
  confirm: 'confirm:return',
};
const TTL_MS = 60_000;
/** Larger documents travel beside the envelope. */
const INLINE_BYTES = 4 * 1024 * 1024;
const XADES = Buffer.from(
  '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><!-- none in the sandbox --></ds:Signature>',
).toString('base64');

const root = (name: string, ...content: readonly Content[]): Markup =>
  el(
    `a:${name}`,
    { 'xmlns:a': GENASYNC, 'xmlns:c': MCN_COMMON_2, 'xmlns:xmime': XMIME },
    ...content,
  );

const issuerOf = (mutuality: string): string =>
  mutuality === '' ? 'urn:nip:issuer:nippin' : `urn:nip:issuer:io:${mutuality}`;

/** Attributes and value of an acknowledgement. */
const tackOf = (entry: MailboxEntry): readonly [Attributes, string] => [
  {
    Id: `_${entry.reference}`,
    Issuer: issuerOf(entry.mutuality),
    AppliesTo: `urn:nip:reference:input:${entry.inputReference}`,
    ResultMajor: `urn:nip:tack:result:major:${entry.result ?? 'success'}`,
    ResultMinor: entry.minor,
    ResultMessage: entry.message,
    Reference: entry.reference,
  },
  receiptOf(entry),
];

/** The broker's acknowledgement of a post. */
export function postAnswer(entry: MailboxEntry): Markup {
  const [attributes, value] = tackOf(entry);
  return root('postResponse', el('a:return', { ...attributes, Reference: undefined }, value));
}

export const confirmAnswer = (): Markup => root('confirmResponse');

/** A message with what it carries. */
export interface Loaded {
  readonly entry: MailboxEntry;
  readonly carriage: Carriage;
}

/** The page of a mailbox; large documents, and those that want it, beside the envelope. */
export function getAnswer(
  loaded: readonly Loaded[],
  tacks: readonly MailboxEntry[],
  { wrongHash }: { readonly wrongHash: boolean },
): Pick<Answer, 'payload' | 'parts' | 'xop'> {
  const parts: Part[] = [];
  const payload = root(
    'getResponse',
    el(
      'a:return',
      { MsgCount: String(loaded.length), TAckCount: String(tacks.length) },
      loaded.map((message) => messageMarkup(message, parts, wrongHash)),
      tacks.map((entry) => {
        const [attributes, value] = tackOf(entry);
        return el('a:TAckResponse', {}, el('a:TAck', attributes, value), el('a:Xades-t', {}));
      }),
    ),
  );
  return parts.length === 0 ? { payload } : { payload, parts, xop: true };
}

function messageMarkup({ entry, carriage }: Loaded, parts: Part[], wrongHash: boolean): Markup {
  const { bytes, hash } = carriage;
  const isBeside = entry.form === 'xop' || bytes.length > INLINE_BYTES;
  const id = `${entry.reference}@mycarenet.sandbox`;
  if (isBeside) {
    parts.push({ id, contentType: 'application/octet-stream', bytes });
  }
  const number = entry.reference.replace(/\D/g, '');
  return el(
    'a:MsgResponse',
    {},
    el(
      'a:CommonOutput',
      {},
      el('c:InputReference', {}, entry.inputReference),
      el('c:NIPReference', {}, `N${number}`),
      el('c:OutputReference', {}, `O${number}`),
    ),
    el(
      'a:Detail',
      {
        ContentType: entry.contentType ?? 'text/xml',
        // An absent attribute means deflated by the schema; some leave it out for what is not.
        ContentEncoding: entry.encoding === 'undeclared' ? undefined : entry.encoding,
        ContentEncryption: entry.sealed === true ? 'encryptedForKnownRecipient' : undefined,
        MessageName: entry.messageName,
        HashValue: wrongHash ? Buffer.alloc(32).toString('base64') : hash,
        Id: `_${entry.reference}`,
        Reference: entry.reference,
        Issuer: issuerOf(entry.mutuality),
      },
      isBeside
        ? el('xop:Include', { 'xmlns:xop': XOP, href: `cid:${encodeURIComponent(id)}` })
        : Buffer.from(bytes).toString('base64'),
    ),
    el('a:Xades-t', { 'xmime:contentType': 'text/xml' }, XADES),
  );
}

/** Puts the headers of an answer around it: its action, whose answer it is, its Timestamp. */
export function withHeaders(operation: string, messageId: string, sandbox: Sandbox) {
  return (envelope: string): string => {
    const now = sandbox.now();
    const header = el(
      'soap:Header',
      { 'xmlns:wsa': WSA, 'xmlns:wsse': WSSE, 'xmlns:wsu': WSU },
      el('wsa:Action', {}, `${GENASYNC}:${REPLIES[operation] ?? operation}`),
      messageId === '' ? undefined : el('wsa:RelatesTo', {}, messageId),
      el(
        'wsse:Security',
        { 'soap:mustUnderstand': '1' },
        el(
          'wsu:Timestamp',
          { 'wsu:Id': `TS-${sandbox.newId()}` },
          el('wsu:Created', {}, now.toISOString()),
          el('wsu:Expires', {}, new Date(now.getTime() + TTL_MS).toISOString()),
        ),
      ),
    );
    return envelope.replace('<soap:Body>', () => `${header.text}<soap:Body>`);
  };
}

/** A refusal in the form of the mailbox. */
export function mailboxFault(code: string, message: string, location = ''): SandboxFault {
  const detail = el(
    'a:fault',
    { 'xmlns:a': GENASYNC, 'xmlns:t': CIN_TYPES },
    el('t:FaultCode', {}, code),
    el('t:FaultSource', {}, 'MYCARENET'),
    el('t:Message', { 'xml:lang': 'en' }, message),
    el(
      't:Details',
      {},
      el(
        't:Detail',
        {},
        el('t:DetailCode', {}, code),
        el('t:DetailSource', {}, 'MYCARENET'),
        location === '' ? undefined : el('t:Location', {}, location),
      ),
    ),
  );
  return new SandboxFault(code, message, { detail });
}
