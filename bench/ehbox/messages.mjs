/** Messages of this bench: everything about one follows from its number. */

const NS = 'urn:be:fgov:ehealth:ehbox:consultation:protocol:v3';
const SENDERS = ['Labo Exemple', 'Clinique Exemple', 'Ziekenhuis Voorbeeld'];
const WORDS = [
  'results',
  'letter',
  'prescription',
  'report',
  'analysis',
  'imaging',
  'discharge',
  'referral',
];

/** Of the message that so many others are older than. */
export const idOf = (number) => `9ZBENCH${String(number).padStart(6, '0')}`;

export const dayOf = (number, total) =>
  new Date(Date.UTC(2026, 1, 27) - Math.floor(((total - number) * 300) / total) * 86_400_000)
    .toISOString()
    .slice(0, 10);

export const titleOf = (number) => `${WORDS[number % WORDS.length]} number ${number}`;
export const senderOf = (number) => SENDERS[number % SENDERS.length];

/** About half a kilobyte, each different. */
export const textOf = (number) =>
  Array.from({ length: 60 }, (_, place) => WORDS[(number * 7 + place * place) % WORDS.length]).join(' ') + ` ${number}`; // prettier-ignore

const sender = (number) =>
  `<Sender><Id>71234523</Id><Type>NIHII</Type><Quality>LABO</Quality><Name>${senderOf(number)}</Name></Sender>`;

const info = (number, total) => {
  const day = dayOf(number, total);
  return `<MessageInfo><PublicationDate>${day}+01:00</PublicationDate><ExpirationDate>${Number(day.slice(0, 4)) + 1}${day.slice(4)}+01:00</ExpirationDate><Size>100</Size></MessageInfo>`;
};

const SPECIFICATION =
  '<ContentSpecification><ContentType>DOCUMENT</ContentType><IsImportant>false</IsImportant><IsEncrypted>false</IsEncrypted></ContentSpecification>';
const ADDRESS = '<Id>19547181</Id><Type>NIHII</Type><Quality>DOCTOR</Quality>';

const entryOf = (number, total) =>
  `<Message><MessageId>${idOf(number)}</MessageId><Destination>${ADDRESS}</Destination>${sender(number)}${info(number, total)}<ContentInfo><Title>${titleOf(number)}</Title><MimeType>text/plain</MimeType><HasFreeInformations>false</HasFreeInformations><HasAnnex>false</HasAnnex></ContentInfo>${SPECIFICATION}</Message>`;

const fullOf = (number, total) =>
  `${sender(number)}<Message MessageId="${idOf(number)}"><DestinationContext>${ADDRESS}</DestinationContext><ContentContext><Content><Document><Title>${titleOf(number)}</Title><EncryptableTextContent>${Buffer.from(textOf(number)).toString('base64')}</EncryptableTextContent><DownloadFileName>body.txt</DownloadFileName><MimeType>text/plain</MimeType></Document></Content>${SPECIFICATION}</ContentContext></Message>${info(number, total)}`;

const envelope = (operation, inside) =>
  Buffer.from(
    `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><con:${operation}Response xmlns:con="${NS}"><Status><Code>100</Code><Message Lang="EN">text</Message></Status>${inside}</con:${operation}Response></soap:Body></soap:Envelope>`,
  );

/** The answer of a box with `total` messages, the newest first and with the highest number. */
export function answerTo(request, total) {
  const value = (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(request)?.[1] ?? '';
  if (request.includes('GetFullMessageRequest')) {
    return envelope('GetFullMessage', fullOf(Number(value('MessageId').slice(7)), total));
  }
  const source = value('Source');
  const start = Number(value('StartIndex'));
  const end = Math.min(source === 'INBOX' ? total : 0, Number(value('EndIndex')));
  let entries = '';
  for (let index = start; index <= end; index += 1) {
    entries += entryOf(total - index + 1, total);
  }
  return envelope('GetMessagesList', `<Source>${source}</Source>${entries}`);
}
