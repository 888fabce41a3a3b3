/** CertRA as a client sees it: what is asked, what is read, and every answer that must not be believed. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import {
  generateContract,
  getCertificate,
  isUnknownRequest,
  sendGenerateCertificate,
} from '../../src/certra/client.js';
import { ACTIONS, NS_CERTRA } from '../../src/certra/names.js';
import { checkReply } from '../../src/certra/ra-frame.js';
import { RaRefusedError } from '../../src/certra/ra-refusal.js';
import {
  readActorQualities,
  readCertificateInfos,
  readContract,
  readOwnCertificateInfo,
  readSubmission,
} from '../../src/certra/reply.js';
import {
  generateCertificateRequest,
  generateContractRequest,
  getActorQualitiesRequest,
  getCertificateInfoForCitizenRequest,
  getCertificateRequest,
  personActor,
} from '../../src/certra/request.js';
import { parseSsin } from '../../src/ids/ssin.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';
import { hasShared, SHARED } from '../support/tools.js';
import { answer, refused, service, SUCCESS } from './answer.js';

const ID = '3a444d24252407941960192ce9abce586e15d3ee';
const URL_ = 'https://certra.test/';
const options = { now: new Date('2026-01-15T08:30:00Z'), newId: () => 'uuid' };
const ssin = parseSsin('79.02.15-997.32');
const actor = personActor({ ssin, firstNames: 'Jean', lastName: 'Exemple' });
const contact = { emailPrivate: 'jean@exemple.test', phonePrivate: '+32 2 123 45 67' };
const contract = {
  dn: 'CN=SSIN\\=79021599732,C=BE',
  signer: actor,
  texts: [
    { language: 'fr', html: '<!DOCTYPE html><p>Été & <b>«1»</b>\r\n</p>' },
    { language: 'nl', html: '<p>Zomer</p>' },
  ],
};

describe('requests', () => {
  const all = [
    getActorQualitiesRequest(ssin, options),
    generateContractRequest({ contact, signer: actor, actor }, options),
    generateContractRequest(
      {
        contact: { ...contact, emailGeneral: 'a@b.test', phoneGeneral: '02' },
        signer: actor,
        actor,
      },
      options,
    ),
    generateCertificateRequest({ contact, csr: Uint8Array.of(1, 2, 3), contract }, options),
    getCertificateRequest(ID, options),
    getCertificateInfoForCitizenRequest(options),
  ];

  test('carry Id and IssueInstant, the unsigned ones too', () => {
    for (const request of all) {
      expect(
        Object.fromEntries(request.attributes.map(({ name, value }) => [name, value])),
      ).toEqual({ Id: '_uuid', IssueInstant: '2026-01-15T08:30:00.000Z' });
    }
  });

  (hasShared() ? test : test.skip)('have the order of the official schema', () => {
    const dir = mkdtempSync(join(tmpdir(), 'topaz-certra-'));
    try {
      for (const request of all) {
        // Where the schema wants a signature, that of the skeleton stands in.
        const skeleton = readFileSync(
          join(SHARED, `schemas/ra/skeletons/certra-v2-${request.name}.xml`),
          'utf8',
        );
        const signature = /<ds:Signature .*<\/ds:Signature>/s
          .exec(skeleton)?.[0]
          .replace('#_00000000-0000-4000-8000-000000000001', '#_uuid');
        const xml = writeXml(request);
        const closing = `</p:${request.name}>`;
        const whole =
          signature === undefined
            ? xml
            : xml.endsWith('/>')
              ? `${xml.slice(0, -2)}>${signature}${closing}`
              : xml.replace(closing, `${signature}${closing}`);
        const file = join(dir, `${request.name}.xml`);
        writeFileSync(file, whole);
        execFileSync(
          'xmllint',
          [
            '--nonet',
            '--noout',
            '--schema',
            join(SHARED, 'schemas/ra/ehealth-etee/XSD/ehealth-certra-schema-protocol-2_0.xsd'),
            file,
          ],
          { stdio: 'pipe' },
        );
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('give the contract back as it came, markup and line ends included', () => {
    const [request] = all.slice(3, 4);
    const again = readXml(writeXml(request!));
    const content = JSON.stringify(again);
    for (const { html } of contract.texts) {
      expect(content).toContain(JSON.stringify(html).slice(1, -1));
    }
    expect(content).toContain(JSON.stringify(contract.dn).slice(1, -1));
  });

  test('go out under the exact action, without WS-Security', async () => {
    const { call, sent } = service(answer('p:GetCertificateResponse', refused('X')));
    await expect(getCertificate(call, URL_, ID, options)).rejects.toThrow();
    expect(sent).toEqual([
      expect.objectContaining({
        service: 'certra',
        operation: 'GetCertificate',
        url: URL_,
        action: 'urn:be:fgov:ehealth:etee:certra:protocol:v2:getcertificate',
        security: { kind: 'none' },
      }),
    ]);
    expect(ACTIONS.GetActorQualities).toBe(
      'urn:be:fgov:ehealth:certra:protocol:v2:getActorQualities',
    );
  });
});

describe('the frame of an answer', () => {
  const expected = {
    service: 'certra',
    namespace: NS_CERTRA,
    operation: 'GetCertificate',
    requestId: '_1',
  };
  const check = (xml: string) => checkReply(readXml(xml), expected);

  test('is accepted with and without InResponseTo', () => {
    expect(check(answer('p:GetCertificateResponse', SUCCESS)).name).toBe('GetCertificateResponse');
    expect(check(answer('p:GetCertificateResponse', SUCCESS, '_1')).namespace).toBe(NS_CERTRA);
  });

  test.each([
    ['another operation', answer('p:GenerateContractResponse', SUCCESS)],
    ['another namespace', answer('k:GetCertificateResponse', SUCCESS)],
    ['the request itself', answer('p:GetCertificateRequest', SUCCESS)],
    ["another request's answer", answer('p:GetCertificateResponse', SUCCESS, '_other')],
    ['no status', answer('p:GetCertificateResponse', '')],
    ['two statuses', answer('p:GetCertificateResponse', SUCCESS + SUCCESS)],
    [
      'a status of another namespace',
      answer('p:GetCertificateResponse', SUCCESS.replaceAll('core:', 'c:')),
    ],
    ['no status code', answer('p:GetCertificateResponse', '<core:Status/>')],
    [
      'a status code without value',
      answer('p:GetCertificateResponse', '<core:Status><core:StatusCode/></core:Status>'),
    ],
  ])('is refused: %s', (_, xml) => {
    expect(() => check(xml)).toThrow(expect.objectContaining({ code: 'E_REPLY_INVALID' }));
  });

  test('any status but success is a refusal, whatever it is called', () => {
    for (const uri of ['', 'urn:be:fgov:ehealth:2.0:status:success', 'urn:x:Success']) {
      const xml = answer('p:GetCertificateResponse', `<core:Status><core:StatusCode Value="${uri}"/></core:Status>`); // prettier-ignore
      expect(() => check(xml)).toThrow(expect.objectContaining({ code: 'E_SERVICE_REFUSED' }));
    }
  });

  test('a refusal keeps codes and texts of the service, and masks the number of the person', () => {
    const thrown = (() => {
      try {
        return check(answer('p:GetCertificateResponse', refused('CONTRACT_UNKNOWN', 'OTHER')));
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(RaRefusedError);
    const { facts, details, refusal } = thrown as RaRefusedError;
    expect(refusal.errors.map(({ code }) => code)).toEqual(['CONTRACT_UNKNOWN', 'OTHER']);
    expect(facts[0]).toBe(
      'eHealth: CONTRACT_UNKNOWN about 79.02.15-***.**, dn=SSIN=79.02.15-***.**',
    );
    expect(JSON.stringify([facts, details])).not.toContain('79021599732');
  });

  test('errors that are qualified by mistake are not taken for the service’s codes', () => {
    const xml = answer('p:GetCertificateResponse', refused('X').replaceAll(/<(\/?)(Errors|Code|Message)>/g, '<$1core:$2>')); // prettier-ignore
    expect(() => check(xml)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ errors: [] }) as unknown }),
    );
  });
});

describe('GetCertificate', () => {
  const ask = (content: string) =>
    getCertificate(service(answer('p:GetCertificateResponse', content)).call, URL_, ID, options);

  test('not yet delivered is no error of its own: it is pending', async () => {
    await expect(ask(refused('CERT_NOT_YET_DELIVERED'))).rejects.toMatchObject({
      code: 'E_REQUEST_PENDING',
      requestId: ID,
    });
  });

  test.each([['REFUSED_BY_SUPPORT'], ['UNKNOWN_REQUEST'], ['']])(
    'any other code (%s) is shown as refused',
    async (code) => {
      const error = await ask(refused(code)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'E_REQUEST_REFUSED', exitCode: 7 });
      expect(isUnknownRequest(error)).toBe(code === 'UNKNOWN_REQUEST');
    },
  );

  test.each([
    ['nothing', '', 'E_REPLY_INVALID'],
    ['an empty element', '<p:X509Certificate/>', 'E_REPLY_INVALID'],
    ['no base64', '<p:X509Certificate>%%%%</p:X509Certificate>', 'E_REPLY_INVALID'],
    ['no certificate', '<p:X509Certificate>AAAA</p:X509Certificate>', 'E_ASN1_MALFORMED'],
    ['elements inside', '<p:X509Certificate><p:X/></p:X509Certificate>', 'E_REPLY_INVALID'],
    ['a stranger namespace', '<c:X509Certificate>AAAA</c:X509Certificate>', 'E_REPLY_INVALID'],
  ])('a delivery of %s is refused', async (_, content, code) => {
    await expect(ask(SUCCESS + content)).rejects.toMatchObject({ code });
  });
});

describe('values', () => {
  const read = (content: string) => readXml(answer('p:X', content));

  test('a submission', () => {
    expect(
      readSubmission(
        read(
          `<p:PublicKeyIdentifier>${ID.toUpperCase()}</p:PublicKeyIdentifier>` +
            '<p:AutomaticallyValidated>1</p:AutomaticallyValidated>' +
            `<p:ReplacesCertificate>${ID}</p:ReplacesCertificate>`,
        ),
      ),
    ).toEqual({ id: ID, automaticallyValidated: true, replaces: ID });
  });

  test.each([
    ['without identifier', '<p:AutomaticallyValidated>true</p:AutomaticallyValidated>'],
    [
      'with a short identifier',
      '<p:PublicKeyIdentifier>3a44</p:PublicKeyIdentifier><p:AutomaticallyValidated>true</p:AutomaticallyValidated>',
    ],
    [
      'with yes for true',
      `<p:PublicKeyIdentifier>${ID}</p:PublicKeyIdentifier><p:AutomaticallyValidated>yes</p:AutomaticallyValidated>`,
    ],
    [
      'with two identifiers',
      `<p:PublicKeyIdentifier>${ID}</p:PublicKeyIdentifier><p:PublicKeyIdentifier>${ID}</p:PublicKeyIdentifier><p:AutomaticallyValidated>true</p:AutomaticallyValidated>`,
    ],
  ])('a submission %s is refused', async (_, content) => {
    expect(() => readSubmission(read(content))).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
    await expect(
      sendGenerateCertificate(
        service(answer('p:GenerateCertificateResponse', SUCCESS + content)).call,
        URL_,
        getCertificateRequest(ID, options),
        {},
      ),
    ).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });

  test('a contract without text, language or signer is refused', async () => {
    const dn = '<c:DN>C=BE</c:DN>';
    const signer = '<c:Signer><core:Id Type="SSIN">1</core:Id><core:Name>X</core:Name></c:Signer>';
    for (const content of [
      '',
      `<p:Contract>${dn}${signer}</p:Contract>`,
      `<p:Contract>${dn}${signer}<c:Text/></p:Contract>`,
      `<p:Contract>${dn}${signer}<c:Text><c:Value>x</c:Value></c:Text></p:Contract>`,
      `<p:Contract>${dn}<c:Text><c:Value xml:lang="fr">x</c:Value></c:Text></p:Contract>`,
      `<p:Contract>${signer}<c:Text><c:Value xml:lang="fr">x</c:Value></c:Text></p:Contract>`,
    ]) {
      await expect(
        generateContract(
          service(answer('p:GenerateContractResponse', SUCCESS + content)).call,
          URL_,
          { contact, signer: actor, actor },
          options,
        ),
      ).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
    }
  });
});

(hasShared() ? describe : describe.skip)('the skeletons of the official answers', () => {
  const folder = join(SHARED, 'schemas/ra/skeletons');
  const skeleton = (name: string) =>
    readXml(readFileSync(join(folder, `certra-v2-${name}Response.xml`)));

  test('are all there', () => {
    expect(readdirSync(folder)).toContain('certra-v2-GenerateContractResponse.xml');
  });

  test('qualities', () => {
    const { person, organisations } = readActorQualities(skeleton('GetActorQualities'));
    expect(typeof person).toBe('boolean');
    expect(organisations[0]).toMatchObject({ type: expect.any(String) as unknown });
    expect(organisations[0]!.names[0]).toEqual({
      language: expect.any(String) as unknown,
      name: expect.any(String) as unknown,
    });
  });

  test('a contract', () => {
    const { dn, signer, texts } = readContract(skeleton('GenerateContract'));
    expect(dn).toContain('OU=eHealth-platform Belgium');
    expect(signer.ids[0]?.type).toBe('SSIN');
    expect(texts.map(({ language }) => language)).toEqual(['fr', 'nl']);
  });

  test('a submission', () => {
    expect(readSubmission(skeleton('GenerateCertificate')).id).toMatch(/^[0-9a-f]{40}$/);
  });

  test('certificate infos', () => {
    const infos = readCertificateInfos(skeleton('GetCertificateInfoForCitizen'));
    expect(infos.length).toBeGreaterThan(0);
    expect(infos[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
      contact: { emailPrivate: expect.stringContaining('@') as unknown },
    });
    expect(infos[0]!.requestedAt.getTime()).not.toBeNaN();
    expect(
      readOwnCertificateInfo(skeleton('GetCertificateInfoForAuthenticationCertificate')).status,
    ).toBeDefined();
  });

  test('a status that the schema does not know is refused', () => {
    const text = readFileSync(
      join(folder, 'certra-v2-GetCertificateInfoForCitizenResponse.xml'),
      'utf8',
    ).replace(/(<c:AuthenticationCertificateStatus>)[^<]+/, '$1APPROVED_MAYBE');
    expect(() => readCertificateInfos(readXml(text))).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  });
});
