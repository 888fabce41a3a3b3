/** Every example exchange of the mailbox, read as an answer from the wire. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { clearOpener } from '../../src/ehbox/clear-opener.js';
import { decodeMessage } from '../../src/ehbox/decode.js';
import { partFileName } from '../../src/ehbox/file-names.js';
import { readFullMessage } from '../../src/ehbox/message.js';
import type { FullMessage, Transmitted } from '../../src/ehbox/message.js';
import { readBoxInfo, readMessagesList } from '../../src/ehbox/reply.js';
import { SoapFaultError } from '../../src/errors.js';
import { parseReply } from '../../src/soap/reply.js';
import type { SoapReply } from '../../src/soap/reply.js';
import { hasShared, SHARED } from '../support/tools.js';
import { reply } from './fake-box.js';

const FOLDER = join(SHARED, 'examples/ehbox');
const suite = hasShared() ? describe : describe.skip;

const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const payload = (name: string): SoapReply => reply(text(name));

/** A stored HTTP body with its headers. */
function multipart(name: string): SoapReply {
  const headers = Object.fromEntries(
    text(`${name}.headers`)
      .trim()
      .split(/\r?\n/)
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
  ) as Record<string, string>;
  return parseReply('ehboxConsultation', 200, headers, readFileSync(join(FOLDER, `${name}.mime`)));
}

const digest = (content: Transmitted | undefined): string | undefined =>
  content?.state === 'there' ? createHash('sha256').update(content.bytes).digest('hex') : content?.state; // prettier-ignore

const clear = (content: Transmitted | undefined): string | undefined =>
  content?.state === 'there' ? Buffer.from(content.bytes).toString('utf8') : content?.state;

suite('examples', () => {
  const digests = (hasShared() ? JSON.parse(text('part-digests.sha256.json')) : {}) as Record<string, string>; // prettier-ignore

  test.each(
    hasShared() ? readdirSync(FOLDER).filter((name) => /^GetFullMessage\.response\..*(?:xml|mime)$/.test(name)) : [],
  )('%s is read, and decoded without any key', async (name) => {
    const answer = name.endsWith('.mime') ? multipart(name.slice(0, -'.mime'.length)) : payload(name); // prettier-ignore
    const message = readFullMessage(answer);
    expect(message.id).toMatch(/^[A-Za-z0-9]{13}$/);
    expect(message.sender.quality).not.toBe('');
    expect(message.recipients.length).toBeGreaterThanOrEqual(1);
    expect(message.publicationDate).toMatch(/^2026-11-\d\d$/);
    const decoded = await decodeMessage(message, clearOpener);
    expect(decoded.parts[0]).toMatchObject({ position: 0, role: 'body' });
    if (message.encrypted) {
      expect(decoded.status).toMatch(/^(?:no-key|part-missing)$/);
    }
  }); // prettier-ignore

  test.each([
    ['both annexes inline', () => payload('GetFullMessage.response.encrypted-two-annexes.inline.xml')],
    ['every value a part', () => multipart('GetFullMessage.response.mtom-xop')],
    ['annexes as parts', () => multipart('GetFullMessage.response.swaref')],
  ])('%s: the bytes are those that were sent', (_, answer) => {
    const message = readFullMessage(answer());
    const { document, annexes, patient, freeInformation } = message;
    expect({
      body: digest(document?.content),
      inss: digest(patient),
      freeText: freeInformation?.kind === 'text' ? digest(freeInformation.content) : undefined,
      'annex1.title': digest(annexes[0]?.title),
      annex1: digest(annexes[0]?.content),
      'annex2.title': digest(annexes[1]?.title),
      annex2: digest(annexes[1]?.content),
    }).toEqual(Object.fromEntries(Object.entries(digests).filter(([name]) => !name.startsWith('awkward.')))); // prettier-ignore
  }); // prettier-ignore

  test('awkward MIME: preamble, root in third place, encoded cid, no brackets, base64', () => {
    const { document, annexes } = readFullMessage(multipart('GetFullMessage.response.awkward'));
    expect({
      'awkward.document': digest(document?.content),
      'awkward.annex1': digest(annexes[0]?.content),
      'awkward.annex2': digest(annexes[1]?.content),
    }).toEqual(Object.fromEntries(Object.entries(digests).filter(([name]) => name.startsWith('awkward.')))); // prettier-ignore
  });

  test('a reference to a part that is not there fails alone', () => {
    const message = readFullMessage(payload('GetFullMessage.response.encrypted-two-annexes.xml'));
    expect(message.annexes.map(({ content }) => content.state)).toEqual(['part-missing', 'there']);
    expect(digest(message.document?.content)).toBe(digests['body']);
  });

  test('clear text that looks like base64 stays as it is; an empty annex is empty', async () => {
    const message = readFullMessage(
      payload('GetFullMessage.response.empty-and-base64-lookalike.xml'),
    );
    const { parts, status } = await decodeMessage(message, clearOpener);
    expect(status).toBe('clear');
    expect(Buffer.from(parts[0]?.bytes ?? []).toString()).toBe('abcd');
    expect(parts[1]).toMatchObject({ name: 'empty.txt', title: 'vide', status: 'clear' });
    expect(parts[1]?.bytes).toHaveLength(0);
  });

  test('a table, a receipt and an error keep their fields', async () => {
    const table = readFullMessage(payload('GetFullMessage.response.table.xml'));
    expect((await decodeMessage(table, clearOpener)).freeInformation).toEqual({
      kind: 'table',
      status: 'clear',
      title: 'Visites',
      rows: [
        ['lundi', '08:30'],
        ['mardi', ''],
      ],
    });
    const receipt = readFullMessage(payload('GetFullMessage.response.acknowledgment.xml'));
    expect(receipt).toMatchObject({
      contentType: 'ACKNOWLEDGMENT',
      acknowledgment: { messageId: '9ZA00E1KL9Q0A', type: 'READ', dateTime: '2026-11-19T16:02:41.000+01:00', recipient: { id: '49999045', user: { ssin: '79120399873', firstName: 'Joris' } } },
    }); // prettier-ignore
    const error = readFullMessage(payload('GetFullMessage.response.error-message.xml'));
    expect(error.error).toMatchObject({
      publicationId: 'K7Q2M9X2',
      code: '802',
      messages: ['The specified identifier is invalid (example text).'],
      destinations: [{ type: 'NIHII', id: '49999099', quality: 'NURSE' }],
      failures: [],
    });
  });

  test('hostile names become harmless files that never collide', () => {
    const message = readFullMessage(payload('GetFullMessage.response.hostile-names.xml'));
    const names = [message.document, ...message.annexes].map((part, position) =>
      partFileName(position, part?.fileName ?? ''),
    );
    expect(names).toEqual([
      '00-authorized_keys',
      '01-CON_.txt',
      '02-rapportfdp.exe.blocked',
      '03-rapport.pdf',
      '04-RAPPORT.PDF',
    ]);
    expect(message.customMetas).toEqual([{ key: 'CM-RecipientName', value: 'a/b\\c' }]);
    expect(clear(message.annexes[0]?.content)).toBe('MZ invented');
  });

  test('the list: one entry of each kind, days without a shift', () => {
    const listed = readMessagesList(payload('GetMessagesList.response.xml').payload);
    expect(listed.map(({ entry }) => entry)).toMatchObject([
      { id: '9ZA00E1KM200C', title: 'Rapport de sortie', publicationDate: '2026-11-20', expirationDate: '2027-11-20', sizeBytes: 48213, contentType: 'DOCUMENT', important: true, encrypted: true, hasAnnex: true, sender: { quality: 'HOSPITAL', personInOrganisation: '88063099889' } },
      { id: '9ZA00E1KM1ZZ8', encrypted: false, hasAnnex: false, sender: { name: 'Lefebvre-Test', firstName: 'Joris' } },
      { contentType: 'ACKNOWLEDGMENT' },
      { contentType: 'ERROR' },
      { contentType: 'NEWS', publicationDate: '2026-06-30', expirationDate: '2026-12-31' },
    ]);
    expect(readMessagesList(payload('GetMessagesList.response.empty.xml').payload)).toEqual([]);
  }); // prettier-ignore

  test('the box: figures, and a full one with messages outside', () => {
    expect(readBoxInfo(payload('GetBoxInfo.response.xml').payload)).toEqual({
      box: { type: 'NIHII', id: '19999816', quality: 'DOCTOR' },
      standBy: 0,
      usedBytes: 1843200,
      maxBytes: 10485760,
    });
    expect(readBoxInfo(payload('GetBoxInfo.response.full-box.xml').payload)).toMatchObject({
      standBy: 3,
      usedBytes: 10497024,
    });
  });

  test.each([
    ['business-810', '810'],
    ['system-SOA-01001', 'SOA-01001'],
    ['system-SOA-02002', 'SOA-02002'],
  ])('fault %s', (name, code) => {
    const body = Buffer.from(text(`fault.${name}.envelope.xml`));
    const read = (): SoapReply => parseReply('ehboxConsultation', 500, { 'content-type': 'text/xml' }, body); // prettier-ignore
    expect(read).toThrow(expect.objectContaining({ faultCode: code }));
    expect(read).toThrow(SoapFaultError);
  });

  test('an answer to something else, and a refusal, are not read', () => {
    expect(() => readBoxInfo(payload('GetMessagesList.response.xml').payload)).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
    const refusal = text('GetBoxInfo.response.xml').replace('<Code>100<', '<Code>810<');
    expect(() => readBoxInfo(reply(refusal).payload)).toThrow(
      expect.objectContaining({
        code: 'E_SERVICE_REFUSED',
        facts: ['eHealth: 810 SUCCESS (EN)'],
        details: expect.objectContaining({ statusCode: '810' }) as unknown,
      }),
    );
  });
});

describe('answers that are not valid', () => {
  const full = (inside: string): FullMessage =>
    readFullMessage(
      reply(
        `<con:GetFullMessageResponse xmlns:con="urn:be:fgov:ehealth:ehbox:consultation:protocol:v3"><Status><Code>100</Code></Status>${inside}</con:GetFullMessageResponse>`,
      ),
    );

  test('a message without anything is a message', async () => {
    const message = full('<Message/>');
    expect(message).toMatchObject({ contentType: 'UNKNOWN', encrypted: false, annexes: [] });
    expect(await decodeMessage(message, clearOpener)).toMatchObject({ status: 'clear', parts: [] });
  });

  test('a success without a message is refused', () => {
    expect(() => full('')).toThrow(expect.objectContaining({ code: 'E_REPLY_INVALID' }));
  });

  test.each([
    ['no base64', '<EncryptableTextContent>*** </EncryptableTextContent>', 'corrupt'],
    ['elements in base64', '<EncryptableTextContent>YQ==<b/></EncryptableTextContent>', 'corrupt'],
    ['an Include of nothing', '<EncryptableTextContent><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:none"/></EncryptableTextContent>', 'part-missing'],
    ['a broken percent code', '<EncryptableBinaryContent>cid:%E0%A4%A</EncryptableBinaryContent>', 'part-missing'],
  ])('%s fails that part only', (_, content, state) => {
    const { document } = full(
      `<Message><ContentContext><Content><Document><Title>t</Title>${content}</Document></Content></ContentContext></Message>`,
    );
    expect(document?.content.state).toBe(state);
  }); // prettier-ignore

  test('a User of another length and children in the namespace of the service are read', () => {
    const message = full(
      '<Message><DestinationContext><Id>1</Id><Type>NIHII</Type><Quality>NURSE</Quality><User FirstName="A" LastName="B">49999045</User></DestinationContext>' +
        '<con:PublicationId>P</con:PublicationId></Message>',
    );
    expect(message.recipients[0]?.user?.ssin).toBe('49999045');
    expect(message.publicationId).toBe('P');
  });
});
