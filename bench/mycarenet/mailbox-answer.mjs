/** A large answer of the mailbox: flat files of invoicing, inline in base64. */
import { createHash } from 'node:crypto';

const HEAD_BYTES = 227;
const RECORD_BYTES = 350;

/** A flat file with so many records after its head. */
export function flatFile(records, seed) {
  const bytes = Buffer.alloc(HEAD_BYTES + records * RECORD_BYTES, '0');
  bytes.write('920900');
  for (let record = 0, state = seed; record < records; record += 1) {
    const at = HEAD_BYTES + record * RECORD_BYTES;
    bytes.write(['20', '30', '50', '80'][record % 4], at);
    bytes.write(String(record).padStart(6, '0'), at + 2);
    for (let place = 8; place < RECORD_BYTES; place += 1) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      bytes[at + place] = 0x30 + ((state >>> 16) % 10);
    }
  }
  return bytes;
}

/** The answer to `get` that carries these documents. No text of it is longer than libxml2 takes without being asked. */
export const answerWith = (documents) =>
  `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body><a:getResponse xmlns:a="urn:be:cin:nip:async:generic" xmlns:c="urn:be:cin:mycarenet:esb:common:v2" xmlns:xmime="http://www.w3.org/2005/05/xmlmime"><a:return MsgCount="${documents.length}" TAckCount="0">${documents.map(message).join('')}</a:return></a:getResponse></soap:Body></soap:Envelope>`;

function message(document, index) {
  const hash = createHash('sha256').update(document).digest('base64');
  return `<a:MsgResponse><a:CommonOutput><c:InputReference>0000000000000${index}</c:InputReference></a:CommonOutput><a:Detail ContentType="text/plain" ContentEncoding="none" MessageName="HCPVWR" Reference="urn:nip:reference:${index}" Issuer="urn:nip:issuer:io:300" HashValue="${hash}">${document.toString('base64')}</a:Detail><a:Xades-t xmime:contentType="text/xml"></a:Xades-t></a:MsgResponse>`;
}
