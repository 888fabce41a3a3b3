import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { addMessages, deliverWaiting } from '../../src/sandbox/ehbox-delivery.js';
import type { MessageSeed } from '../../src/sandbox/seed.js';
import { hasShared } from '../support/tools.js';
import {
  ask,
  DOCTOR,
  doctorAttributes,
  groupAttributes,
  issueHolder,
  openTestSandbox,
  request,
  texts,
} from './ehbox-support.js';
import type { Answered, AskOptions, TestHolder, TestSandbox } from './ehbox-support.js';

let test$: TestSandbox;
let doctor: TestHolder;

const message = (subject: string, more: Partial<MessageSeed> = {}): MessageSeed => ({
  to: `SSIN=${DOCTOR}`,
  quality: 'DOCTOR',
  subject,
  text: 'Hello',
  sealed: false,
  important: false,
  attachments: [],
  ...more,
});

const send = (operation: string, inside?: string, options?: AskOptions): Promise<Answered> =>
  ask(test$.sandbox, doctor, request(operation, inside), options);

const source = (folder: string): string => `<Source>${folder}</Source>`;
const ids = (...values: readonly string[]): string =>
  values.map((id) => `<MessageId>${id}</MessageId>`).join('');

/** The status of an answer, with what the schemas say about it. */
function statusOf({ text, checks, status }: Answered): string {
  expect(checks.filter(({ name, state }) => /schema/i.test(name) && state === 'failed')).toEqual(
    [],
  );
  expect(status).toBe(200);
  return texts(text, 'Code')[0] ?? '';
}

beforeAll(async () => {
  hasShared();
  test$ = await openTestSandbox();
  doctor = await issueHolder(test$.sandbox);
});

afterAll(async () => {
  await test$.close();
});

beforeEach(() => {
  test$.setTime(new Date('2026-03-01T09:00:00Z'));
  test$.sandbox.state.messages = [];
});

describe('which box', () => {
  test('the token decides, and the answer tells', async () => {
    const answer = await send('GetBoxInfo');
    expect(statusOf(answer)).toBe('100');
    expect(texts(answer.text, 'Id')).toEqual([DOCTOR]);
    expect(texts(answer.text, 'Type')).toEqual(['INSS']);
    expect(texts(answer.text, 'Quality')).toEqual(['DOCTOR']);
    expect(texts(answer.text, 'MaxSize')).toEqual(['10485760']);
  });

  test('an organisation has its own', async () => {
    const answer = await send('GetBoxInfo', '', { attributes: groupAttributes('94499180') });
    expect(texts(answer.text, 'Id')).toEqual(['94499180']);
    expect(texts(answer.text, 'Quality')).toEqual(['GROUP']);
  });

  test.each([
    ['his own by SSIN', `<Id>${DOCTOR}</Id><Type>INSS</Type><Quality>DOCTOR</Quality>`],
    ['his own by NIHII', '<Id>19547181</Id><Type>NIHII</Type><Quality>DOCTOR</Quality>'],
    ['an organisation he is responsible for', '<Id>89547133</Id><Type>NIHII</Type><SubType>MEDICAL_HOUSE</SubType><Quality>MEDICAL_HOUSE</Quality>'],
    ['the same without subtype', '<Id>89547133</Id><Type>NIHII</Type><Quality>MEDICAL_HOUSE</Quality>'],
  ])('a BoxId opens %s', async (_, box) => {
    expect(statusOf(await send('GetBoxInfo', `<BoxId>${box}</BoxId>`))).toBe('100');
  }); // prettier-ignore

  test.each([
    ['another person', '<Id>72090499770</Id><Type>INSS</Type><Quality>NURSE</Quality>'],
    ['a quality that is not proven', `<Id>${DOCTOR}</Id><Type>INSS</Type><Quality>NURSE</Quality>`],
    ['a strange organisation', '<Id>94499180</Id><Type>NIHII</Type><Quality>GROUP</Quality>'],
  ])('a BoxId of %s is refused with 810', async (_, box) => {
    const answer = await send('GetBoxInfo', `<BoxId>${box}</BoxId>`);
    expect(answer.status).toBe(500);
    expect(texts(answer.text, 'Code')).toEqual(['810']);
    expect(answer.text).toContain('soa:BusinessError');
  });

  test('a token without any quality opens none', async () => {
    const attributes = doctorAttributes().slice(0, 2);
    const answer = await send('GetBoxInfo', '', { attributes });
    expect(texts(answer.text, 'Code')).toEqual(['SOA-01002']);
  });

  test('an expired token and a changed body are not authenticated', async () => {
    const expired = await send('GetBoxInfo', '', {
      notOnOrAfter: new Date('2026-03-01T08:00:00Z'),
    });
    expect(texts(expired.text, 'Code')).toEqual(['SOA-01001']);
    const changed = await send('GetMessagesList', source('INBOX'), {
      tamper: (xml) => xml.replace('<Source>INBOX', '<Source>BININBOX'),
    });
    expect(texts(changed.text, 'Code')).toEqual(['SOA-01001']);
  });

  test('a request that the schema refuses is refused', async () => {
    const answer = await send('GetMessagesList', source('ATTIC'));
    expect(texts(answer.text, 'Code')).toEqual(['SOA-03006']);
  });
});

describe('lists', () => {
  test('the newest comes first, 100 at most, both bounds included', async () => {
    await addMessages(
      test$.sandbox,
      Array.from({ length: 103 }, (_, n) => message(`n${n}`)),
    );
    const first = await send('GetMessagesList', source('INBOX'));
    expect(statusOf(first)).toBe('100');
    expect(texts(first.text, 'Title')).toHaveLength(100);
    expect(texts(first.text, 'Title')[0]).toBe('n102');
    const rest = await send('GetMessagesList', `${source('INBOX')}<StartIndex>100</StartIndex><EndIndex>199</EndIndex>`); // prettier-ignore
    expect(texts(rest.text, 'Title')).toEqual(['n3', 'n2', 'n1', 'n0']);
    const beyond = await send('GetMessagesList', `${source('INBOX')}<StartIndex>104</StartIndex><EndIndex>203</EndIndex>`); // prettier-ignore
    expect(statusOf(beyond)).toBe('100');
    expect(texts(beyond.text, 'Title')).toEqual([]);
    const greedy = await send('GetMessagesList', `${source('INBOX')}<StartIndex>1</StartIndex><EndIndex>200</EndIndex>`); // prettier-ignore
    expect(texts(greedy.text, 'Title')).toHaveLength(100);
    expect(greedy.checks).toContainEqual(expect.objectContaining({ detail: expect.stringMatching(/^tolerated/) as unknown })); // prettier-ignore
  });

  test('ids have 13 characters, dates an offset, the year ends the message', async () => {
    await addMessages(test$.sandbox, [message('winter')]);
    const { text } = await send('GetMessagesList', source('INBOX'));
    expect(texts(text, 'MessageId')[0]).toMatch(/^[A-Za-z0-9]{13}$/);
    expect(texts(text, 'PublicationDate')).toEqual(['2026-03-01+01:00']);
    expect(texts(text, 'ExpirationDate')).toEqual(['2027-03-01+01:00']);
    test$.setTime(new Date('2026-07-01T22:30:00Z'));
    await addMessages(test$.sandbox, [message('summer')]);
    const summer = await send('GetMessagesList', source('INBOX'));
    // In Belgium it is the next day already.
    expect(texts(summer.text, 'PublicationDate')).toEqual(['2026-07-02+02:00', '2026-03-01+01:00']);
    // The doctor's certificate still holds; the older message has left the box.
    test$.setTime(new Date('2027-03-01T09:00:00Z'));
    expect(texts((await send('GetMessagesList', source('INBOX'))).text, 'Title')).toEqual([
      'summer',
    ]);
  });

  test('can come in another order', async () => {
    await addMessages(test$.sandbox, [message('a'), message('b')]);
    const { text } = await send('GetMessagesList', source('INBOX'), { kind: 'reordered' });
    expect(texts(text, 'Title')).toEqual(['a', 'b']);
  });

  test('all boxes of the holder at once', async () => {
    await addMessages(test$.sandbox, [
      message('mine'),
      message('house', { to: 'NIHII-MEDICAL_HOUSE=89547133', quality: 'MEDICAL_HOUSE' }),
    ]);
    const answer = await send('GetAllEhboxesMessagesList', source('INBOX'));
    expect(statusOf(answer)).toBe('100');
    expect(texts(answer.text, 'Title').toSorted()).toEqual(['house', 'mine']);
  });

  test('the same seed twice is one message, the same message sent twice is two', async () => {
    await addMessages(test$.sandbox, [message('x'), message('x')]);
    await addMessages(test$.sandbox, [message('x'), message('x')]);
    expect(test$.sandbox.state.messages).toHaveLength(2);
    await addMessages(test$.sandbox, [message('x')], { again: true });
    expect(test$.sandbox.state.messages).toHaveLength(3);
  });
});

describe('messages', () => {
  const fetch = async (more: Partial<MessageSeed>): Promise<Answered> => {
    const [id = ''] = await addMessages(test$.sandbox, [message('subject', more)]);
    return send('GetFullMessage', source('INBOX') + ids(id));
  };

  test.each([
    ['a document', { text: 'é', important: true }],
    ['news with free text', { contentType: 'NEWS', freeText: 'free' }],
    ['a table', { table: [['a', 'b'], ['c', '']] }],
    ['a receipt', { contentType: 'ACKNOWLEDGMENT' }],
    ['an error', { contentType: 'ERROR' }],
    ['a patient', { patient: '85061199814' }],
    ['an inline annex', { attachments: [{ name: 'a.txt', text: 'x', form: 'inline' as const }] }],
    ['an empty annex', { attachments: [{ name: 'a.txt', text: '', form: 'inline' as const }] }],
  ])('%s is valid by the schema', async (_, more) => {
    const answer = await fetch(more);
    expect(statusOf(answer)).toBe('100');
    expect(answer.contentType).toMatch(/^text\/xml/);
  }); // prettier-ignore

  test('annexes travel as parts by reference', async () => {
    const answer = await fetch({ attachments: [{ name: 'a b.txt', text: 'part text' }] });
    expect(statusOf(answer)).toBe('100');
    expect(answer.contentType).toMatch(/^multipart\/related; type="text\/xml"/);
    expect(answer.text).toMatch(/<EncryptableBinaryContent>cid:annex1\./);
    expect(answer.text).toMatch(/Content-ID: <annex1\.[^>]+>\r\n\r\npart text\r\n--/);
  });

  test('an XOP annex makes the answer an XOP package', async () => {
    const answer = await fetch({
      attachments: [{ name: 'a', text: 'one', form: 'xop' }, { name: 'b', text: 'two' }],
    }); // prettier-ignore
    expect(statusOf(answer)).toBe('100');
    expect(answer.contentType).toMatch(/type="application\/xop\+xml"; start="</);
    expect(answer.text).toContain('<xop:Include');
  });

  test('fetching marks as read; the bin is served too; an unknown number is refused', async () => {
    const [id = ''] = await addMessages(test$.sandbox, [message('x')]);
    expect(test$.sandbox.state.messages[0]?.read).toBe(false);
    await send('GetMessagesList', source('INBOX'));
    expect(test$.sandbox.state.messages[0]?.read).toBe(false);
    await send('MoveMessage', `${source('INBOX')}<Destination>BININBOX</Destination>${ids(id)}`);
    expect(statusOf(await send('GetFullMessage', source('INBOX') + ids(id)))).toBe('100');
    expect(test$.sandbox.state.messages[0]?.read).toBe(true);
    const unknown = await send('GetFullMessage', source('INBOX') + ids('9ZZZZZZZZZZZZ'));
    expect(statusOf(unknown)).toBe('820');
    const sent = await send('GetFullMessage', source('SENTBOX') + ids(id));
    expect(statusOf(sent)).toBe('820');
  });

  test('a played code comes as the status of the answer', async () => {
    const answer = await send('GetBoxInfo', '', { kind: 'fault:806' });
    expect(statusOf(answer)).toBe('806');
  });
});

describe('moving and deleting', () => {
  const list = async (folder: string): Promise<readonly string[]> =>
    texts((await send('GetMessagesList', source(folder))).text, 'Title');
  const move = (from: string, to: string, ...which: readonly string[]): Promise<Answered> =>
    send('MoveMessage', `${source(from)}<Destination>${to}</Destination>${ids(...which)}`);

  test('a message goes to the bin and back', async () => {
    const [id = ''] = await addMessages(test$.sandbox, [message('x'), message('y')]);
    expect(statusOf(await move('INBOX', 'BININBOX', id))).toBe('100');
    expect([await list('INBOX'), await list('BININBOX')]).toEqual([['y'], ['x']]);
    expect(statusOf(await move('BININBOX', 'INBOX', id))).toBe('100');
    expect(await list('INBOX')).toEqual(['y', 'x']);
  });

  test('other moves are refused and change nothing', async () => {
    const [id = ''] = await addMessages(test$.sandbox, [message('x')]);
    expect(statusOf(await move('INBOX', 'SENTBOX', id))).toBe('822');
    expect(await list('INBOX')).toEqual(['x']);
  });

  test('of several, those that are there are handled and the others named', async () => {
    const [id = ''] = await addMessages(test$.sandbox, [message('x')]);
    const moved = await move('INBOX', 'BININBOX', id, '9ZZZZZZZZZZZZ');
    expect(statusOf(moved)).toBe('821');
    expect(texts(moved.text, 'MessageId')).toEqual(['9ZZZZZZZZZZZZ']);
    expect(await list('BININBOX')).toEqual(['x']);
    const deleted = await send('DeleteMessage', source('BININBOX') + ids(id));
    expect(statusOf(deleted)).toBe('100');
    expect(await list('BININBOX')).toEqual([]);
    expect(statusOf(await send('GetFullMessage', source('INBOX') + ids(id)))).toBe('820');
  });
});

describe('receipts and history', () => {
  const status = (id: string, window = ''): Promise<Answered> =>
    send('GetMessageAcknowledgmentsStatus', `<MessageId>${id}</MessageId>${window}`);

  test('of what the caller sent: each recipient with what happened there', async () => {
    const [mine = '', other = ''] = await addMessages(test$.sandbox, [
      message('mine', { from: `SSIN=${DOCTOR}` }),
      message('from a laboratory'),
    ]);
    const before = await status(mine);
    expect(statusOf(before)).toBe('100');
    expect(before.text).toMatch(/<Received>/);
    expect(before.text).not.toMatch(/<Read>/);
    await send('GetFullMessage', source('INBOX') + ids(mine));
    expect((await status(mine)).text).toMatch(/<Read>2026-03-01T/);
    expect(statusOf(await status(other))).toBe('820');
    expect(texts((await status(mine, '<StartIndex>2</StartIndex>')).text, 'Row')).toEqual([]);
  });

  test('news of the same sender and title have a history', async () => {
    const [first = '', second = ''] = await addMessages(test$.sandbox, [
      message('bulletin', { contentType: 'NEWS', text: 'one' }),
      message('bulletin', { contentType: 'NEWS', text: 'two' }),
      message('bulletin', { text: 'no news' }),
    ]);
    const answer = await send('GetHistory', source('INBOX') + ids(second));
    expect(statusOf(answer)).toBe('100');
    expect(texts(answer.text, 'MessageId')).toEqual([first]);
    expect(texts((await send('GetHistory', source('INBOX') + ids(first))).text, 'MessageId')).toEqual([]); // prettier-ignore
    expect(statusOf(await send('GetFullMessage', source('HISTORY') + ids(first)))).toBe('100');
    expect(statusOf(await send('GetHistory', source('INBOX') + ids('9ZZZZZZZZZZZZ')))).toBe('820');
  });
});

describe('out of office', () => {
  const insert = (from: string, to: string, ...substitutes: readonly string[]): Promise<Answered> =>
    send('InsertOoO', `<StartDate>${from}</StartDate><EndDate>${to}</EndDate>${substitutes.join('')}`); // prettier-ignore
  const nurse = '<Substitute><Id>85061199814</Id><Type>INSS</Type><Quality>NURSE</Quality></Substitute>'; // prettier-ignore

  beforeEach(() => {
    test$.sandbox.state.outOfOffice = [];
  });

  test('a period is added, listed and removed', async () => {
    expect(texts((await send('GetOoOList')).text, 'OoO')).toEqual([]);
    const added = await insert('2026-04-01', '2026-04-10', nurse);
    expect(statusOf(added)).toBe('100');
    const [, id = ''] = /Response [^>]*Id="([^"]+)"/.exec(added.text) ?? [];
    const listed = await send('GetOoOList');
    expect(statusOf(listed)).toBe('100');
    expect(texts(listed.text, 'OoOId')).toEqual([id]);
    const removed = await send('DeleteOoO', `<OoOId>${id}</OoOId><OoOId>NOSUCH</OoOId>`);
    expect(statusOf(removed)).toBe('825');
    expect(texts(removed.text, 'OoOId')).toEqual(['NOSUCH']);
    expect(texts((await send('GetOoOList')).text, 'OoOId')).toEqual([]);
  });

  test.each([
    ['the wrong way round', '2026-04-10', '2026-04-01', '823'],
    ['over a year long', '2026-04-01', '2027-06-01', '823'],
    ['overlapping another one', '2026-05-05', '2026-05-06', '823'],
  ])('%s is refused', async (_, from, to, code) => {
    await insert('2026-05-01', '2026-05-10');
    expect(statusOf(await insert(from, to))).toBe(code);
  });

  test('six substitutes, an organisation or oneself are refused, and named', async () => {
    expect(statusOf(await insert('2026-04-01', '2026-04-02', ...Array.from({ length: 6 }, () => nurse)))).toBe('824'); // prettier-ignore
    const labo = '<Substitute><Id>71234523</Id><Type>NIHII</Type><SubType>LABO</SubType><Quality>LABO</Quality></Substitute>'; // prettier-ignore
    const answer = await insert('2026-04-01', '2026-04-02', labo, nurse);
    expect(statusOf(answer)).toBe('824');
    expect(texts(answer.text, 'Quality')).toEqual(['LABO']);
  });
});

describe('delivery', () => {
  test('a full box keeps messages outside until there is room', async () => {
    const big = Buffer.alloc(10_500_000, 1).toString('base64');
    const [first = ''] = await addMessages(test$.sandbox, [
      message('big', { attachments: [{ name: 'big.bin', base64: big }] }),
      message('waits'),
    ]);
    const full = await send('GetBoxInfo');
    expect(statusOf(full)).toBe('100');
    expect(texts(full.text, 'NbrMessagesInStandBy')).toEqual(['1']);
    expect(Number(texts(full.text, 'CurrentSize')[0])).toBeGreaterThan(10_485_760);
    test$.setTime(new Date('2026-03-05T09:00:00Z'));
    await send('DeleteMessage', source('INBOX') + ids(first));
    const { text } = await send('GetMessagesList', source('INBOX'));
    expect(texts(text, 'Title')).toEqual(['waits']);
    // It keeps the day on which it was published.
    expect(texts(text, 'PublicationDate')).toEqual(['2026-03-01+01:00']);
  });

  test('a sealed message waits for the ETK of its recipient', async () => {
    const nurse = await issueHolder(test$.sandbox, 'SSIN', '72090499770');
    const [id = ''] = await addMessages(test$.sandbox, [
      message('sealed', { to: 'SSIN=72090499770', quality: 'NURSE', sealed: true, text: 'secret' }),
    ]);
    const attributes = [
      ...doctorAttributes('72090499770').slice(0, 2),
      { ...doctorAttributes()[2]!, name: 'urn:be:fgov:person:ssin:nurse:boolean' },
    ];
    const as = (operation: string, inside: string): Promise<Answered> =>
      ask(test$.sandbox, nurse, request(operation, inside), { attributes });
    expect(texts((await as('GetMessagesList', source('INBOX'))).text, 'Title')).toEqual([]);
    await nurse.publish();
    await deliverWaiting(test$.sandbox);
    expect(texts((await as('GetMessagesList', source('INBOX'))).text, 'IsEncrypted')).toEqual(['true']); // prettier-ignore
    const answer = await as('GetFullMessage', source('INBOX') + ids(id));
    expect(statusOf(answer)).toBe('100');
    expect(answer.text).not.toContain(Buffer.from('secret').toString('base64'));
  });
});
