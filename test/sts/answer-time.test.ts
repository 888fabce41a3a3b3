import { describe, expect, test } from '@jest/globals';

import { checkAnswerTime } from '../../src/sts/answer-time.js';
import { NS_SOAP, NS_WSSE, NS_WSU } from '../../src/xml/namespaces.js';
import { readXml } from '../../src/xml/read.js';

const NOW = new Date('2026-03-02T09:00:00Z');

const judge = (header: string): void => {
  checkAnswerTime(
    readXml(
      `<s:Envelope xmlns:s="${NS_SOAP}" xmlns:w="${NS_WSSE}" xmlns:u="${NS_WSU}">${header}<s:Body/></s:Envelope>`,
    ),
    NOW,
  );
};
const timestamp = (created: string): string =>
  `<s:Header><w:Security><u:Timestamp><u:Created>${created}</u:Created></u:Timestamp></w:Security></s:Header>`;

describe('the Timestamp of an answer', () => {
  test.each(['', '<s:Header/>', '<s:Header><w:Security/></s:Header>'])(
    'may be missing: %j',
    (header) => {
      expect(() => {
        judge(header);
      }).not.toThrow();
    },
  );

  test.each(['2026-03-02T09:00:00Z', '2026-03-02T09:04:59Z', '2026-03-02T07:56:00Z', '2026-03-02T10:00:00.000+01:00'])(
    'of %s is fresh enough',
    (created) => {
      expect(() => {
        judge(timestamp(created));
      }).not.toThrow();
    },
  ); // prettier-ignore

  test.each(['2026-03-02T09:06:00Z', '2026-03-02T07:54:00Z', '2020-01-01T00:00:00Z', '', 'soon'])(
    'of %j is refused',
    (created) => {
      expect(() => {
        judge(timestamp(created));
      }).toThrow(
        expect.objectContaining({ code: 'E_ASSERTION_INVALID', details: { service: 'sts', check: 'timestamp' } }),
      );
    },
  ); // prettier-ignore
});
