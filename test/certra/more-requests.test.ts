/** Organisations, application ids, revocation and people without eID: what is asked, and answers not to be believed. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import {
  generateRevocationContract,
  getApplicationIds,
  getOrganisationTypes,
  submitCsrForForeigner,
} from '../../src/certra/client.js';
import {
  generateContractRequest,
  generateRevocationContractRequest,
  getExistingApplicationIdsRequest,
  getGenericOrganizationTypesRequest,
  organisationActor,
  personActor,
  revokeRequest,
  submitCsrForForeignerRequest,
} from '../../src/certra/request.js';
import { activateEtkRequest } from '../../src/etkra/request.js';
import { parseSsin } from '../../src/ids/ssin.js';
import type { Authority } from '../../src/lifecycle/authority.js';
import { chooseCertificate, fetchRevocationContract } from '../../src/lifecycle/revocation.js';
import type { Call } from '../../src/soap/call.js';
import { writeXml } from '../../src/xml/write.js';
import { hasShared, SHARED } from '../support/tools.js';
import { answer, refused, service, SUCCESS } from './answer.js';

const ID = '3a444d24252407941960192ce9abce586e15d3ee';
const URL_ = 'https://certra.test/';
const options = { now: new Date('2026-01-15T08:30:00Z'), newId: () => 'uuid' };
const person = { ssin: parseSsin('79.02.15-997.32'), firstNames: 'Jean', lastName: 'Exemple' };
const signer = personActor(person);
const contact = { emailPrivate: 'jean@exemple.test', phonePrivate: '+32 2 123 45 67' };
const group = { type: 'NIHII-GROUP', id: '94499180' };
const DN = 'CN=SSIN\\=79021599732,OU=eHealth-platform Belgium,OU=JEAN EXEMPLE,OU=SSIN\\=79021599732,O=Federal Government,C=BE'; // prettier-ignore
const contract = {
  dn: DN,
  signer,
  reason: 'superseded',
  texts: [{ language: 'fr', html: '<p>Été</p>' }],
};

describe('requests', () => {
  const all = [
    getGenericOrganizationTypesRequest(options),
    getExistingApplicationIdsRequest(group, options),
    generateContractRequest(
      { contact, signer, actor: organisationActor(group, 'Groupe'), applicationId: 'APP-1' },
      options,
    ),
    generateRevocationContractRequest({ id: ID, signer, reason: 'superseded' }, options),
    revokeRequest({ id: ID, contract }, options),
    submitCsrForForeignerRequest({ person: signer, contact, csr: Uint8Array.of(1) }, options),
    activateEtkRequest(options),
  ];

  (hasShared() ? test : test.skip)('have the order of the official schema', () => {
    const dir = mkdtempSync(join(tmpdir(), 'topaz-certra-'));
    try {
      for (const request of all) {
        const which = request.name === 'ActivateETKRequest' ? 'etkra' : 'certra';
        const skeleton = readFileSync(
          join(SHARED, `schemas/ra/skeletons/${which}-v2-${request.name}.xml`),
          'utf8',
        );
        const signature = (/<ds:Signature .*<\/ds:Signature>/s.exec(skeleton)?.[0] ?? '').replace(
          /#_[0-9a-f-]{36}/,
          '#_uuid',
        );
        const xml = writeXml(request);
        const closing = `</${xml.slice(1, xml.indexOf(' '))}>`;
        const whole = xml.endsWith('/>')
          ? `${xml.slice(0, -2)}>${signature}${closing}`
          : xml.replace(closing, `${signature}${closing}`);
        const file = join(dir, `${request.name}.xml`);
        writeFileSync(file, whole);
        const schema = `schemas/ra/ehealth-etee/XSD/ehealth-${which}-schema-protocol-2_0.xsd`;
        execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, schema), file], { stdio: 'pipe' }); // prettier-ignore
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('application ids', () => {
  const ask = (xml: string) => getApplicationIds(service(xml).call, URL_, group, options);

  test('come without status; a nil one stands for none', async () => {
    const nil = '<p:ApplicationId xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'; // prettier-ignore
    const ids = await ask(
      answer('p:GetExistingApplicationIdsResponse', `<p:ApplicationId> LABO </p:ApplicationId>${nil}`),
    );
    expect(ids).toEqual(['LABO', undefined]);
    expect(await ask(answer('p:GetExistingApplicationIdsResponse', ''))).toEqual([]);
  }); // prettier-ignore

  test('a refusal is heard all the same', async () => {
    await expect(
      ask(answer('p:GetExistingApplicationIdsResponse', refused('X'))),
    ).rejects.toMatchObject({ code: 'E_SERVICE_REFUSED' });
  });

  test('no other answer may come without status', async () => {
    await expect(
      getOrganisationTypes(
        service(answer('p:GetGenericOrganizationTypesResponse', '')).call,
        URL_,
        options,
      ),
    ).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });
});

describe('SubmitCSRForForeigner', () => {
  const submit = (content: string) =>
    submitCsrForForeigner(
      service(answer('p:SubmitCSRForForeignerResponse', SUCCESS + content)).call,
      URL_,
      submitCsrForForeignerRequest({ person: signer, contact, csr: Uint8Array.of(1) }, options),
      {},
    );

  test('gives the address and its deadline', async () => {
    expect(
      await submit(
        '<p:ValidationUrl>https://log.on.test/x</p:ValidationUrl><p:ExpirationDate>2026-02-01T00:00:00Z</p:ExpirationDate>',
      ),
    ).toEqual({ url: 'https://log.on.test/x', expiresAt: new Date('2026-02-01T00:00:00Z') });
  });

  test.each([
    'http://log.on.test/',
    'javascript:alert(1)',
    'https://a b',
    '&lt;https://x&gt;',
    'https://x/&quot;',
    '',
  ])('the address "%s" is not shown to anybody', async (url) => {
    await expect(
      submit(
        `<p:ValidationUrl>${url}</p:ValidationUrl><p:ExpirationDate>2026-02-01T00:00:00Z</p:ExpirationDate>`,
      ),
    ).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });

  test('an answer without deadline is refused', async () => {
    await expect(
      submit('<p:ValidationUrl>https://log.on.test/x</p:ValidationUrl>'),
    ).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });
});

describe('the contract of a revocation', () => {
  const info = {
    id: ID,
    requestedAt: options.now,
    holder: signer,
    applicationId: undefined,
    status: 'VALID_ACTIVE',
    etkStatus: 'VALID_ACTIVE',
    automaticallyValidated: true,
    revocable: true,
    replaceable: false,
    replaceableFrom: undefined,
    contact,
    certificate: { serial: '1', dn: DN, notBefore: options.now, notAfter: options.now },
  } as const;
  const authority = (call: Call): Authority => ({
    call,
    certra: URL_,
    etkra: URL_,
    now: () => options.now,
    newId: () => 'uuid',
  });
  const reply = ({ dn = DN, ssin = '79021599732', reason = 'superseded', html = '&lt;p>Stop&lt;/p>' } = {}) =>
    answer(
      'p:GenerateRevocationContractResponse',
      `${SUCCESS}<p:Contract><c:DN>${dn}</c:DN><c:Signer><core:Id Type="SSIN">${ssin}</core:Id>` +
        `<core:Name>Exemple</core:Name></c:Signer><c:RevocationReason>${reason}</c:RevocationReason>` +
        `<c:Text><c:Value xml:lang="fr">${html}</c:Value></c:Text></p:Contract>`,
    ); // prettier-ignore
  const fetch = (xml: string) =>
    fetchRevocationContract(authority(service(xml).call), person, info, 'superseded');

  test('is taken when it is about this certificate, this reason and this person', async () => {
    expect((await fetch(reply())).texts).toEqual([{ language: 'fr', text: 'Stop' }]);
    // Unescaped, as the service may write it.
    expect((await fetch(reply({ dn: DN.replaceAll('\\=', '=') }))).contract.reason).toBe('superseded'); // prettier-ignore
  });

  test.each([
    ['another certificate', { dn: DN.replace('JEAN EXEMPLE', 'MARIE VOORBEELD') }],
    ['another person', { ssin: '85061199814' }],
    ['another reason', { reason: 'keyCompromise' }],
    ['nothing to read', { html: '&lt;script>x&lt;/script>' }],
  ])('is refused when it is about %s', async (_, change) => {
    await expect(fetch(reply(change))).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });

  test('goes out under the exact action', async () => {
    const { call, sent } = service(reply());
    await generateRevocationContract(call, URL_, { id: ID, signer, reason: 'superseded' }, options);
    expect(sent[0]?.action).toBe(
      'urn:be:fgov:ehealth:certra:protocol:v2:generateRevocationContract',
    );
  });

  test('which certificate is meant is never guessed', () => {
    const other = { ...info, id: 'b'.repeat(40) };
    expect(chooseCertificate([info, { ...other, revocable: false }], undefined).id).toBe(ID);
    expect(chooseCertificate([info, other], ID.slice(0, 8).toUpperCase()).id).toBe(ID);
    for (const [infos, reference] of [
      [[info, other], undefined],
      [[], undefined],
      [[info], 'cccccccc'],
    ] as const) {
      expect(() => chooseCertificate(infos, reference)).toThrow(
        expect.objectContaining({ code: 'E_USAGE' }),
      );
    }
  });
});
