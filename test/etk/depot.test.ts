/** The ETK depot: exact requests, judged by the official schema, and every kind of answer. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { fetchEtk } from '../../src/etk/depot.js';
import { readGetEtkReply } from '../../src/etk/reply.js';
import { getEtkRequest } from '../../src/etk/request.js';
import type { Call, SoapRequest } from '../../src/soap/call.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import { tokenOf, type HolderName } from '../etee/pki.js';

const NS = 'urn:be:fgov:ehealth:etkdepot:1_0:protocol';
const URL = 'https://depot.test/EtkDepot/v1';
const MARIE = { type: 'SSIN', id: '85061199814' };
const LABO = { type: 'NIHII-LABO', id: '71234523' };

const answer = (body: string, code = '200'): string =>
  `<p:GetEtkResponse xmlns:p="${NS}" Id="_1"><c:Status xmlns:c="urn:be:fgov:ehealth:commons:1_0:core"><Code>${code}</Code><Message Lang="EN">text of the depot</Message></c:Status>${body}</p:GetEtkResponse>`;
const token = (name: HolderName): string =>
  answer(`<p:ETK>${Buffer.from(tokenOf(name)).toString('base64')}</p:ETK>`);
const match = (application: string, { type, id } = LABO): string =>
  `<p:MatchingEtk><p:Identifier><p:Type>${type}</p:Type><p:Value>${id}</p:Value><p:ApplicationID>${application}</p:ApplicationID></p:Identifier></p:MatchingEtk>`;

/** A depot that answers each request by the next text, and keeps what it was asked. */
function depot(...answers: readonly string[]): { call: Call; requests: SoapRequest[] } {
  const requests: SoapRequest[] = [];
  return {
    requests,
    call: (request) => {
      const text = answers[requests.length];
      requests.push(request);
      if (text === undefined) {
        return Promise.reject(new Error('one request too many'));
      }
      const payload = readXml(text);
      return Promise.resolve({
        status: 200,
        payload,
        envelope: payload,
        headers: {},
        raw: Buffer.from(text),
        parts: new Map(),
      });
    },
  };
}

const asked = ({ body }: SoapRequest): string => writeXml(body);

describe('requests', () => {
  test('one, without security or action', async () => {
    const { call, requests } = depot(token('recipient'));
    const etk = await fetchEtk(call, URL, MARIE);
    expect(etk.holder.identifier).toEqual(MARIE);
    expect(requests).toEqual([
      expect.objectContaining({
        service: 'etkdepot',
        operation: 'GetEtk',
        url: URL,
        security: { kind: 'none' },
      }),
    ]);
    expect(requests[0]).not.toHaveProperty('action');
    expect(asked(requests[0]!)).toBe(
      `<e:GetEtkRequest xmlns:e="${NS}"><e:SearchCriteria><e:Identifier><e:Type>SSIN</e:Type><e:Value>85061199814</e:Value></e:Identifier></e:SearchCriteria></e:GetEtkRequest>`,
    );
  });

  test.each([
    [undefined, ''],
    ['', '<e:ApplicationID/>'],
    ['LABO', '<e:ApplicationID>LABO</e:ApplicationID>'],
  ])('application %p is not the same as another', async (applicationId, written) => {
    const { call, requests } = depot(token('other'));
    await fetchEtk(call, URL, LABO, { applicationId });
    expect(asked(requests[0]!).replace('></e:ApplicationID>', '/>')).toContain(
      `</e:Value>${written}</e:Identifier>`,
    );
  });

  test('numbers are padded to the length of their type', async () => {
    const { call, requests } = depot(answer('', '404'));
    await expect(fetchEtk(call, URL, { type: 'CBE', id: '123456749' })).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
    });
    expect(asked(requests[0]!)).toContain('<e:Value>0123456749</e:Value>');
  });

  const judged = hasShared() && hasProgram('xmllint', { required: false });
  (judged ? test : test.skip)(
    'the official schema accepts them, and the answers of these tests',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'topaz-etk-'));
      try {
        for (const text of [
          writeXml(getEtkRequest(MARIE, undefined)),
          writeXml(getEtkRequest(LABO, '')),
          writeXml(getEtkRequest(LABO, 'A & B')),
          token('recipient').replace(
            '<p:ETK>',
            `<p:GivenSearchCriteria><p:Identifier><p:Type>SSIN</p:Type><p:Value>1</p:Value></p:Identifier></p:GivenSearchCriteria><p:ETK>`,
          ),
        ]) {
          writeFileSync(join(folder, 'message.xml'), text);
          execFileSync(
            'xmllint',
            ['--noout', '--nonet', '--schema', resolve(SHARED, 'schemas/etee/ehealth-etkdepot-schema-protocol-1_0.xsd'), join(folder, 'message.xml')], // prettier-ignore
            { stdio: 'pipe' },
          );
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

describe('answers', () => {
  test('none', async () => {
    const { call } = depot(
      answer('<p:Error><p:Code>404</p:Code><p:Message>no ETK found</p:Message></p:Error>', '404'),
    );
    await expect(fetchEtk(call, URL, MARIE)).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
      facts: ['eHealth: 404 text of the depot', 'eHealth: 404 no ETK found'],
      details: { service: 'etkdepot', serviceCode: '404' },
    });
  });

  test('an unknown type is named', async () => {
    await expect(
      fetchEtk(depot(answer('', '400')).call, URL, { type: 'NIHII-NOWHERE', id: '1' }),
    ).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
      message: 'the depot does not know the type NIHII-NOWHERE',
    });
  });

  test('an error of the depot', async () => {
    await expect(fetchEtk(depot(answer('', '500')).call, URL, MARIE)).rejects.toMatchObject({
      code: 'E_SERVICE_REFUSED',
      facts: ['eHealth: 500 text of the depot'],
    });
  });

  test('found, and yet nothing', async () => {
    await expect(fetchEtk(depot(answer('')).call, URL, MARIE)).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
    });
  });

  test('no message shows the number of a person', async () => {
    const error: unknown = await fetchEtk(depot(answer('', '404')).call, URL, MARIE).catch(
      (caught: unknown) => caught,
    );
    expect(JSON.stringify(error)).not.toContain(MARIE.id);
  });

  test('the token of someone else is refused', async () => {
    await expect(fetchEtk(depot(token('other')).call, URL, MARIE)).rejects.toMatchObject({
      code: 'E_ETK_INVALID',
      message: 'the depot answered with the ETK of someone else',
    });
  });

  test('asked by the NIHII of a person, the SSIN will do', async () => {
    const nihii = { type: 'NIHII', id: '19547181' };
    const etk = await fetchEtk(depot(token('recipient')).call, URL, nihii);
    expect(etk.holder.identifier).toEqual(MARIE);
    await expect(fetchEtk(depot(token('other')).call, URL, nihii)).rejects.toMatchObject({
      code: 'E_ETK_INVALID',
    });
  });

  test.each([
    ['another element', `<p:Other xmlns:p="${NS}"/>`],
    ['another namespace', answer('').replaceAll(NS, 'urn:other')],
    ['no status', `<p:GetEtkResponse xmlns:p="${NS}"/>`],
    ['no code', answer('', '')],
    ['a code that is text', answer('', 'OK')],
    ['two tokens', token('recipient').replace('<p:ETK>', '<p:ETK>AAAA</p:ETK><p:ETK>')],
    ['an empty token', answer('<p:ETK/>')],
    ['a token that is not base64', answer('<p:ETK>not base64!</p:ETK>')],
    ['a match of nobody', answer('<p:MatchingEtk/>')],
  ])('refuses %s', async (_, text) => {
    await expect(fetchEtk(depot(text).call, URL, MARIE)).rejects.toMatchObject({
      code: 'E_REPLY_INVALID',
    });
  });

  test('base64 that is no token', async () => {
    await expect(
      fetchEtk(depot(answer('<p:ETK>AAAA</p:ETK>')).call, URL, MARIE),
    ).rejects.toMatchObject({ code: 'E_ETK_INVALID' });
  });

  test('white space in the base64 is no part of it', () => {
    const { token: bytes } = readGetEtkReply(readXml(answer('<p:ETK>\n  AAEC\n  Aw==\n</p:ETK>')));
    expect(bytes).toEqual(Uint8Array.of(0, 1, 2, 3));
  });
});

describe('several matches', () => {
  test('each is asked for; the only one that is the holder’s is taken', async () => {
    const { call, requests } = depot(
      answer(match('LABO') + match('OTHER') + match('')),
      answer('', '404'),
      token('recipient'),
      token('other'),
    );
    const etk = await fetchEtk(call, URL, LABO);
    expect(etk.holder.identifier).toEqual(LABO);
    expect(requests.slice(1).map(asked)).toEqual([
      expect.stringContaining('<e:ApplicationID>LABO</e:ApplicationID>'),
      expect.stringContaining('<e:ApplicationID>OTHER</e:ApplicationID>'),
      expect.stringMatching(/<e:ApplicationID(?:\/>|><\/e:ApplicationID>)/),
    ]);
  });

  test('two are one too many, and named', async () => {
    const { call } = depot(answer(match('LABO') + match('')), token('other'), token('other'));
    await expect(fetchEtk(call, URL, LABO)).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
      facts: ['applications: LABO, (none)'],
      details: { applications: ['LABO', ''] },
    });
  });

  test('none of them', async () => {
    const { call } = depot(answer(match('LABO')), token('recipient'));
    await expect(fetchEtk(call, URL, LABO)).rejects.toMatchObject({ code: 'E_ETK_NOT_FOUND' });
  });

  test('are not followed when an application was named', async () => {
    const { call, requests } = depot(answer(match('LABO')));
    await expect(fetchEtk(call, URL, LABO, { applicationId: '' })).rejects.toMatchObject({
      code: 'E_ETK_NOT_FOUND',
    });
    expect(requests).toHaveLength(1);
  });

  test('a pile of them is not worked through', async () => {
    const { call, requests } = depot(answer(match('LABO').repeat(21)));
    await expect(fetchEtk(call, URL, LABO)).rejects.toMatchObject({ code: 'E_ETK_NOT_FOUND' });
    expect(requests).toHaveLength(1);
  });
});
