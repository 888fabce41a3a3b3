/** Answers: plain, in parts, faults, error pages; and what is refused. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { SoapFaultError, TopazError } from '../../src/errors.js';
import { parseReply } from '../../src/soap/reply.js';
import { writeMultipart } from '../../src/soap/multipart-writer.js';
import { NS_SOAP, NS_XOP } from '../../src/xml/namespaces.js';
import { attribute, walk } from '../../src/xml/query.js';
import { hasShared, SHARED } from '../support/tools.js';
import { bytesOf } from './bodies.js';

const XML = { 'content-type': 'text/xml; charset=utf-8' };
const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${NS_SOAP}"><s:Header/><s:Body>${body}</s:Body></s:Envelope>`;
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const utf8 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

const read = (body: Uint8Array, headers: Record<string, string> = XML, status = 200) =>
  parseReply('ehboxConsultation', status, headers, body);

function refusal(run: () => unknown): TopazError {
  try {
    run();
  } catch (error) {
    if (error instanceof TopazError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const code = (run: () => unknown): string => refusal(run).code;

describe('a plain answer', () => {
  test('gives the payload, the raw bytes and the headers', () => {
    const raw = utf8(envelope('\n<a xmlns="urn:a">é</a>\n'));
    const reply = read(raw);
    expect(reply).toMatchObject({
      status: 200,
      headers: XML,
      payload: { name: 'a', namespace: 'urn:a' },
    });
    expect(reply.raw).toBe(raw);
    expect(reply.parts.size).toBe(0);
  });

  test.each([
    ['text/xml'],
    ['TEXT/XML;charset=UTF-8'],
    ['application/xml'],
    ['application/soap+xml; charset=utf-8; action="x"'],
    [''],
  ])('takes the content type %j', (type) => {
    expect(
      read(utf8(envelope('<a/>')), type === '' ? {} : { 'content-type': type }).payload.name,
    ).toBe('a');
  });

  test.each([
    ['another content type', { 'content-type': 'text/html' }, envelope('<a/>'), 200, 'E_REPLY_INVALID'],
    ['no XML', XML, 'hello', 200, 'E_XML_MALFORMED'],
    ['an entity that grows', XML, '<!DOCTYPE a [<!ENTITY e "ha"><!ENTITY f "&e;&e;">]><a>&f;</a>', 200, 'E_XML_MALFORMED'],
    ['a document type before an envelope', XML, envelope('<a/>').replace('?>', '?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), 200, 'E_XML_MALFORMED'],
    ['a prefix that nobody declared', XML, envelope('<x:a/>'), 200, 'E_XML_MALFORMED'],
    ['endless depth', XML, envelope(`${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`), 200, 'E_XML_LIMIT'],
    ['an empty answer', XML, '', 200, 'E_XML_MALFORMED'],
    ['text beside the envelope', XML, `${envelope('<a/>')}x`, 200, 'E_XML_MALFORMED'],
    ['a document type', XML, '<!DOCTYPE a><a/>', 200, 'E_XML_MALFORMED'],
    ['no envelope', XML, '<a/>', 200, 'E_REPLY_INVALID'],
    ['SOAP 1.2', XML, envelope('<a/>').replaceAll(NS_SOAP, 'http://www.w3.org/2003/05/soap-envelope'), 200, 'E_REPLY_INVALID'],
    ['no Body', XML, `<s:Envelope xmlns:s="${NS_SOAP}"/>`, 200, 'E_REPLY_INVALID'],
    ['an empty Body', XML, envelope(''), 200, 'E_REPLY_INVALID'],
    ['two elements in Body', XML, envelope('<a/><b/>'), 200, 'E_REPLY_INVALID'],
    ['two Bodies', XML, envelope('<a/></s:Body><s:Body><b/>'), 200, 'E_REPLY_INVALID'],
    ['an error page', { 'content-type': 'text/html' }, '<html>', 503, 'E_NETWORK_HTTP'],
    ['an error page that says it is XML', XML, '<html><br></html>', 502, 'E_NETWORK_HTTP'],
    ['an error page without type', {}, 'Service Unavailable', 503, 'E_NETWORK_HTTP'],
    ['status 500 with text', XML, 'Internal error', 500, 'E_NETWORK_HTTP'],
    ['status 404', XML, envelope('<a/>'), 404, 'E_NETWORK_HTTP'],
    ['status 500 without a fault', XML, envelope('<a/>'), 500, 'E_NETWORK_HTTP'],
    ['a redirect', { location: 'https://elsewhere.test/' }, '', 302, 'E_NETWORK_HTTP'],
  ] as const)('refuses %s', (_, headers, body, status, expected) => {
    const error = refusal(() => read(utf8(body), headers, status));
    expect(error.code).toBe(expected);
    expect(error.hint).toBeDefined();
  }); // prettier-ignore

  test('is limited in size', () => {
    expect(code(() => parseReply('sts', 200, XML, utf8(envelope('<a/>')), { maxBytes: 20 }))).toBe(
      'E_XML_LIMIT',
    );
  });
});

const fault = (inside: string): Uint8Array => utf8(envelope(`<s:Fault>${inside}</s:Fault>`));
const SOA = 'urn:be:fgov:ehealth:errors:soa:v1';

function faultOf(body: Uint8Array, status = 500, service = 'ehboxConsultation'): SoapFaultError {
  const error = refusal(() => parseReply(service, status, XML, body));
  if (!(error instanceof SoapFaultError)) {
    throw new Error(`not a fault: ${error.code}`);
  }
  return error;
}

describe('a fault', () => {
  const detail = (children: string): Uint8Array =>
    fault(
      `<faultcode>s:Server</faultcode><faultstring>failed</faultstring><detail><e:SystemError xmlns:e="${SOA}" Id="ticket-1">${children}</e:SystemError></detail>`,
    );

  test.each([
    ['unqualified', '<Origin>Provider</Origin><Code>SOA-02002</Code><Message xml:lang="en">later</Message><Retry>true</Retry>'],
    ['qualified', '<e:Origin>Provider</e:Origin><e:Code>SOA-02002</e:Code><e:Message xml:lang="en">later</e:Message><e:Retry>1</e:Retry>'],
  ])('with eHealth details, children %s', (_, children) => {
    const error = faultOf(detail(children));
    expect(error).toMatchObject({ code: 'E_SOAP_FAULT', faultCode: 'SOA-02002', faultString: 'later', retry: true, ticket: 'ticket-1', statusCode: 500, service: 'ehboxConsultation' });
    expect(error.hint).toContain('try again');
    expect(error.facts).toEqual(['eHealth: SOA-02002 later', 'reference ticket-1']);
  }); // prettier-ignore

  test('counts with any HTTP status', () => {
    expect(faultOf(detail('<Code>810</Code><Message>no</Message>'), 200).faultCode).toBe('810');
  });

  test.each([
    ['s:Client', 'SOA-01001 not authenticated', 'sts', 'SOA-01001', 'cert status'],
    ['s:Client', 'SOA-01001 not authenticated', 'genins', 'SOA-01001', 'session open --force'],
    ['s:Client', 'SOA-01002', 'genins', 'SOA-01002', 'quality'],
    ['s:Client', 'SOA-03006', 'genins', 'SOA-03006', 'mistake'],
    ['wsse:FailedCheck', 'signature', 'genins', 'FailedCheck', 'session open'],
    ['wsse:InvalidSecurityToken', 'token', 'genins', 'InvalidSecurityToken', 'session open'],
    ['wsu:MessageExpired', 'old', 'genins', 'MessageExpired', 'clock'],
    ['s:Client', 'The Timestamp is in the future', 'genins', 'Client', 'clock'],
    ['s:Server', 'internal', 'genins', 'Server', 'service desk'],
    ['', '', 'genins', 'Fault', 'service desk'],
  ])('%s %j of %s: %s, hint about %s', (faultCode, faultString, service, expected, hint) => {
    const error = faultOf(
      fault(`<faultcode>${faultCode}</faultcode><faultstring>${faultString}</faultstring>`),
      500,
      service,
    );
    expect(error.faultCode).toBe(expected);
    expect(error.hint).toContain(hint);
    expect(error.retry).toBeUndefined();
  });

  test('with markup where text should be is still a fault', () => {
    expect(
      faultOf(fault('<faultcode>s:Client</faultcode><faultstring>a <b>c</b></faultstring>'))
        .faultCode,
    ).toBe('Client');
    expect(faultOf(fault('')).faultCode).toBe('Fault');
  });

  test('with the details of MyCareNet', () => {
    const types = 'urn:be:cin:types:v1';
    const inside = `<t:FaultCode>VALIDATION_ERROR</t:FaultCode><t:FaultSource>MYCARENET</t:FaultSource><t:Message>no such thing</t:Message>`;
    for (const name of ['fault', 'Fault']) {
      const error = faultOf(
        fault(
          `<faultcode>s:Client</faultcode><faultstring>x</faultstring><detail><a:${name} xmlns:a="urn:a" xmlns:t="${types}">${inside}</a:${name}></detail>`,
        ),
      );
      expect(error).toMatchObject({ faultCode: 'VALIDATION_ERROR', faultString: 'no such thing' });
      expect(error.retry).toBeUndefined();
      expect(error.ticket).toBeUndefined();
    }
  });

  test.each(['79021599732', '79.02.15-997.32', '790215 997 32', '<![CDATA[790215]]>99732'])(
    'names nobody: %s is masked, other numbers stay',
    (ssin) => {
      const error = faultOf(
        detail(`<Code>810</Code><Message>SSIN ${ssin} of 12345678901</Message>`),
      );
      expect(error.faultString).toBe('SSIN 79.02.15-***.** of 12345678901');
      expect(JSON.stringify([error.facts, error.details])).not.toMatch(/997/);
    },
  );

  test('a message without end is cut, and not through a number', () => {
    const { faultString } = faultOf(
      detail(
        `<Code>810</Code><Message>${'x '.repeat(247)}79021599732 ${'y'.repeat(1e6)}</Message>`,
      ),
    );
    expect(faultString).toHaveLength(500);
    expect(faultString).toMatch(/x 79\.02\.$/);
  });

  const soap12 = 'http://www.w3.org/2003/05/soap-envelope';
  const answer12 = (body: string): Uint8Array =>
    utf8(`<e:Envelope xmlns:e="${soap12}"><e:Body>${body}</e:Body></e:Envelope>`);
  const fault12 = (code12: string, reason: string, detail12 = ''): Uint8Array =>
    answer12(
      `<e:Fault><e:Code><e:Value>e:Sender</e:Value>${code12}</e:Code><e:Reason><e:Text xml:lang="en">${reason}</e:Text></e:Reason>${detail12}</e:Fault>`,
    );

  test('of SOAP 1.2 gives the same facts', () => {
    const details = `<e:Detail><x:BusinessError xmlns:x="${SOA}" Id="t-1"><Code>810</Code><Message>no 79021599732</Message><Retry>false</Retry></x:BusinessError></e:Detail>`;
    expect(faultOf(fault12('', 'refused', details), 400)).toMatchObject({ faultCode: '810', faultString: 'no 79.02.15-***.**', retry: false, ticket: 't-1', statusCode: 400 });
    expect(faultOf(fault12('<e:Subcode><e:Value xmlns:w="urn:w">w:FailedCheck</e:Value></e:Subcode>', 'x')).faultCode).toBe('FailedCheck');
    expect(faultOf(fault12('', 'SOA-02002 later'))).toMatchObject({ faultCode: 'SOA-02002', faultString: 'SOA-02002 later' });
    expect(faultOf(fault12('', 'refused')).faultCode).toBe('Sender');
    expect(faultOf(answer12('<e:Fault/>')).faultCode).toBe('Fault');
  }); // prettier-ignore

  test('beside a payload, or of the other version of SOAP, is another form and no payload', () => {
    expect(code(() => read(utf8(envelope('<s:Fault/><a/>')), XML, 200))).toBe('E_REPLY_INVALID');
    expect(code(() => read(answer12(`<s:Fault xmlns:s="${NS_SOAP}"/>`)))).toBe('E_REPLY_INVALID');
    expect(code(() => read(answer12('<a/>')))).toBe('E_REPLY_INVALID');
    expect(code(() => read(answer12('<a/>'), XML, 500))).toBe('E_NETWORK_HTTP');
  });

  (hasShared() ? test : test.skip)('of MyCareNet, as in the examples', () => {
    const folder = join(SHARED, 'examples/mycarenet');
    const soa = faultOf(readFileSync(join(folder, 'soa-fault-systemerror.soap.xml')));
    expect(soa).toMatchObject({ faultCode: 'SOA-02002', retry: true, ticket: '_f0000000-0000-4000-8000-000000000001', faultString: 'Service temporarily not available. Please try later' });
    const content = readFileSync(join(folder, 'genasync-fault.xml'), 'utf8').replace(/<\?[^>]*>/, ''); // prettier-ignore
    const genAsync = faultOf(fault(`<faultcode>s:Client</faultcode><faultstring>x</faultstring><detail>${content}</detail>`)); // prettier-ignore
    expect(genAsync).toMatchObject({ faultCode: 'VALIDATION_ERROR', faultString: 'Illustrative validation error', retry: undefined, ticket: undefined });
  }); // prettier-ignore

  (hasShared() ? test : test.skip)('of eH2eBox, by the details alone', () => {
    const file = join(SHARED, 'examples/ehbox/fault.eh2ebox-business.detail.xml');
    const content = readFileSync(file, 'utf8').replace(/<\?[^>]*>/, '');
    const error = faultOf(fault(`<faultcode>s:Client</faultcode><detail>${content}</detail>`));
    expect(error).toMatchObject({ faultCode: '802', faultString: 'Example text.', ticket: 'e3f8c1d2-0004' }); // prettier-ignore
  });

  (hasShared() ? test : test.skip).each([
    [
      'fault.business-810.envelope.xml',
      '810',
      'e3f8c1d2-0003',
      'The specified BoxId is invalid (example text).',
      undefined,
    ],
    [
      'fault.system-SOA-01001.envelope.xml',
      'SOA-01001',
      'e3f8c1d2-0002',
      'Service call not authenticated (example text).',
      undefined,
    ],
    [
      'fault.system-SOA-02002.envelope.xml',
      'SOA-02002',
      'e3f8c1d2-0001',
      'Service temporarily not available (example text).',
      true,
    ],
  ])('%s', (file, expected, ticket, faultString, retry) => {
    const error = faultOf(readFileSync(join(SHARED, 'examples/ehbox', file)));
    expect(error).toMatchObject({ faultCode: expected, ticket, faultString, retry });
  });
});

describe('an answer in parts', () => {
  const type = 'multipart/related; type="text/xml"; boundary="b=_:1"';
  const root = envelope('<a/>');
  const part = (headers: string, body: string): string =>
    `--b=_:1\r\n${headers}\r\n\r\n${body}\r\n`;
  const first = part('Content-Type: text/xml; charset=utf-8', root);
  const END = '--b=_:1--\r\n';
  const split = (text: string, contentType = type) =>
    read(bytes(text), { 'content-type': contentType });

  test('first part without start; the rest by content id, byte for byte', () => {
    const binary = '\x00\xff--b=_:1\r\n--b=_:1 no\r\n--b=_:12\r\n\r\n';
    const { payload, parts } = split(
      `${first}${part('Content-Type: image/png\r\nContent-ID: <x@y>', binary)}${END}`,
    );
    expect(payload.name).toBe('a');
    expect([...parts.keys()]).toEqual(['x@y']);
    expect(parts.get('x@y')).toMatchObject({ contentType: 'image/png', id: 'x@y' });
    expect(parts.get('x@y')?.bytes).toEqual(bytes(binary));
  });

  test.each([
    ['start with brackets', 'Multipart/Related; start="<r@t>"; BOUNDARY=b=_:1'],
    ['start without brackets', 'multipart/related;start=r@t;boundary="b=_:1"'],
    [
      'an escaped quote in a parameter',
      'multipart/related; start-info="a\\"b"; start="<r@t>"; boundary="b=_:1"',
    ],
  ])('root by %s', (_, contentType) => {
    const other = part('Content-ID: <x>', 'one');
    const { payload, parts } = split(
      `preamble\r\n${other}${part('content-id: <r@t>\r\nContent-Type: application/xop+xml', root)}${END}epilogue`,
      contentType,
    );
    expect(payload.name).toBe('a');
    expect([...parts.keys()]).toEqual(['x']);
  });

  test('line ends may be LF alone', () => {
    const text = `${first}${part('Content-ID: <x>', 'one')}${END}`.replaceAll('\r\n', '\n');
    expect(split(text).parts.get('x')?.bytes).toEqual(bytes('one'));
  });

  test.each([
    ['base64', 'QUJD\r\nREVG\r\n', 'ABCDEF'],
    ['BASE64', '', ''],
    ['quoted-printable', 'a=3Db=\r\nc=E9', 'a=bc\xe9'],
    ['8bit', 'QUJD', 'QUJD'],
    ['7bit', '=3D', '=3D'],
    ['binary', '\r\n', '\r\n'],
  ])('transfer encoding %s', (encoding, body, expected) => {
    const { parts } = split(
      `${first}${part(`Content-ID: x\r\ncontent-transfer-encoding: ${encoding}`, body)}${END}`,
    );
    expect(parts.get('x')?.bytes).toEqual(bytes(expected));
  });

  test('a folded header, a part without headers, an empty part', () => {
    const text = `${first}--b=_:1\r\n\r\nno headers\r\n${part('Content-Type: text/plain;\r\n\tcharset=utf-8\r\nContent-ID: <x>', '')}${END}`;
    const { parts } = split(text);
    expect([...parts.keys()]).toEqual(['x']);
    expect(parts.get('x')).toMatchObject({
      contentType: 'text/plain; charset=utf-8',
      bytes: bytes(''),
    });
  });

  test.each([
    ['no boundary parameter', first + END, 'multipart/related; type="text/xml"'],
    ['an empty boundary', first + END, 'multipart/related; boundary=""'],
    ['no boundary in the body', root, type],
    ['no end: truncated', first + part('Content-ID: <x>', 'half'), type],
    ['truncated inside a part', `${first}--b=_:1\r\nContent-ID: <x>\r\n\r\nhal`, type],
    ['no part', END, type],
    [
      'two parts with the same id',
      first + part('Content-ID: <x>', '1') + part('Content-ID: x', '2') + END,
      type,
    ],
    ['headers without end', `${first}--b=_:1\r\nContent-ID: <x>\r\n${END}`, type],
    ['headers without limit', first + part(`X: ${'x'.repeat(20_000)}`, '') + END, type],
    [
      'broken base64',
      first + part('Content-ID: <x>\r\nContent-Transfer-Encoding: base64', 'QUJ*') + END,
      type,
    ],
    ['a first part that is no XML', part('Content-Type: image/png', root) + END, type],
    ['too many parts', first + part('A: b', 'x').repeat(501) + END, type],
  ])('refuses %s', (_, text, contentType) => {
    expect(code(() => split(text, contentType))).toBe('E_REPLY_INVALID');
  });

  test('a fault in parts is a fault', () => {
    const text =
      part(
        'Content-Type: text/xml',
        envelope('<s:Fault><faultcode>s:Client</faultcode></s:Fault>'),
      ) + END;
    expect(refusal(() => split(text))).toBeInstanceOf(SoapFaultError);
  });

  (hasShared() ? describe : describe.skip)('raw messages of the mailbox', () => {
    const folder = join(SHARED, 'examples/ehbox');
    const load = (name: string) => {
      const headers = Object.fromEntries(
        readFileSync(join(folder, `${name}.headers`), 'latin1')
          .split(/\r?\n/)
          .filter((line) => line !== '')
          .map((line) => [
            line.slice(0, line.indexOf(':')).toLowerCase(),
            line.slice(line.indexOf(':') + 1).trim(),
          ]),
      ) as Record<string, string>;
      return read(readFileSync(join(folder, `${name}.mime`)), headers);
    };
    const digests = hasShared()
      ? (JSON.parse(readFileSync(join(folder, 'part-digests.sha256.json'), 'utf8')) as Record<
          string,
          string
        >)
      : {};
    const digestsOf = ({ parts }: ReturnType<typeof load>): string[] =>
      [...parts.values()].map((each) => createHash('sha256').update(each.bytes).digest('hex'));

    test.each([
      ['GetFullMessage.response.mtom-xop', 'GetFullMessageResponse', /^(?!awkward)/],
      ['GetFullMessage.response.swaref', 'GetFullMessageResponse', /^annex\d$/],
      ['GetFullMessage.response.awkward', 'GetFullMessageResponse', /^awkward/],
      ['SendMessage.request.swaref', 'SendMessageRequest', /^annex1$/],
    ])('%s', (name, payload, wanted) => {
      const reply = load(name);
      expect(reply.payload.name).toBe(payload);
      const expected = Object.entries(digests)
        .filter(([key]) => wanted.test(key))
        .map(([, value]) => value);
      expect(digestsOf(reply).toSorted()).toEqual(expected.toSorted());
    });

    test('references stay in the tree, and name parts', () => {
      const { payload, parts } = load('GetFullMessage.response.mtom-xop');
      const includes = [...walk(payload)].filter(
        ({ name, namespace }) => name === 'Include' && namespace === NS_XOP,
      );
      expect(includes.length).toBeGreaterThan(0);
      expect(
        includes.filter((each) => !parts.has((attribute(each, 'href') ?? '').replace('cid:', ''))),
      ).toEqual([]);
    });
  });
});

describe('writeMultipart', () => {
  test('reads back', () => {
    const annex = {
      id: 'a1@topaz',
      contentType: 'application/pdf',
      bytes: bytes('\r\n--x\x00\xff'),
    };
    const { contentType, body } = writeMultipart(
      utf8(envelope('<a/>')),
      [annex, { ...annex, id: 'a2@topaz', bytes: bytes('') }],
      'part-1',
    );
    const { payload, parts } = read(bytesOf(body), { 'content-type': contentType });
    expect(payload.name).toBe('a');
    expect(parts.get('a1@topaz')).toMatchObject({
      contentType: 'application/pdf',
      bytes: annex.bytes,
    });
    expect(parts.get('a2@topaz')?.bytes).toEqual(bytes(''));
  });

  test.each([
    [{ id: 'a\r\nX: y', contentType: 'text/plain' }],
    [{ id: 'a>', contentType: 'text/plain' }],
    [{ id: 'a', contentType: 'text/plain\r\nX: y' }],
    [{ id: '', contentType: 'text/plain' }],
  ])('refuses %j', (part) => {
    expect(() => writeMultipart(bytes(''), [{ ...part, bytes: bytes('') }], 'b')).toThrow(
      TypeError,
    );
  });
});
