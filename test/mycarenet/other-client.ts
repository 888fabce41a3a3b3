/**
 * A MemberData client that shares no code with topaz: envelopes as text, signed with xml-crypto. With it the
 * sandbox's service is asked without a socket.
 *
 * @module
 */

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { SignedXml } from 'xml-crypto';

import { openCitizenPki, publicKeyInfoOf, subjectOf } from '../../src/sandbox/citizen-pki.js';
import type { Check } from '../../src/sandbox/checks.js';
import type { Sandbox } from '../../src/sandbox/exchange.js';
import { hit, spoil } from '../../src/sandbox/faults.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { handleRequest, openRequest } from '../../src/sandbox/handle.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import { issueCertificate, openServerPki } from '../../src/sandbox/pki.js';
import { openSchemas } from '../../src/sandbox/schemas.js';
import { genasyncServices } from '../../src/sandbox/services/genasync.js';
import { genins } from '../../src/sandbox/services/genins.js';
import { memberdata } from '../../src/sandbox/services/memberdata.js';
import { openState } from '../../src/sandbox/state.js';
import { makeAssertion } from '../../src/sandbox/sts-assertion.js';
import { unpackMultipart } from '../../src/sandbox/unpack-multipart.js';
import type { Security } from '../../src/soap/call.js';
import type { Transport } from '../../src/soap/transport.js';
import { bytesOf, replyOf } from '../soap/bodies.js';
import { SHARED } from '../support/tools.js';

export const NOW = new Date('2026-02-09T08:12:31Z');
const ACTION = '"urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1:MemberDataConsultation"';
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const WSS = 'http://docs.oasis-open.org/wss';
const CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
const IDENTIFICATION = 'urn:be:fgov:identification-namespace';

export interface Caller {
  readonly attributes: readonly { namespace: string; name: string; values: readonly string[] }[];
}

const person = (ssin: string) => ({
  namespace: IDENTIFICATION,
  name: 'urn:be:fgov:person:ssin',
  values: [ssin],
});
const certified = (name: string, value: string) => ({
  namespace: CERTIFIED,
  name,
  values: [value],
});

export const DOCTOR: Caller = {
  attributes: [
    person('79021599732'),
    certified('urn:be:fgov:person:ssin:doctor:boolean', 'true'),
    certified('urn:be:fgov:person:ssin:ehealth:1.0:doctor:nihii11', '19547181004'),
  ],
};

export const PHYSIOTHERAPIST: Caller = {
  attributes: [
    person('79021599732'),
    certified('urn:be:fgov:person:ssin:ehealth:1.0:nihii:physiotherapist:nihii11', '54998154527'),
  ],
};

export const NURSE_GROUP: Caller = {
  attributes: [
    {
      namespace: IDENTIFICATION,
      name: 'urn:be:fgov:ehealth:1.0:groupofnurses:nihii-number',
      values: ['94499180'],
    },
    certified(
      'urn:be:fgov:ehealth:1.0:certificateholder:groupofnurses:nihii-number:recognisedgroupofnurses:boolean',
      'true',
    ),
  ],
};

export interface Question {
  readonly reference?: string;
  readonly id?: string;
  readonly quality?: string;
  readonly nihii?: string;
  readonly party?: string;
  readonly license?: string;
  readonly issuer?: string;
  readonly extensions?: string;
  readonly nameId?: string;
  readonly confirmation?: string;
  readonly from?: string;
  readonly until?: string;
  /** Replaces the whole query. */
  readonly query?: string;
  /** Replaces the whole Detail. */
  readonly detail?: string;
  readonly extra?: string;
  /** Replaces the whole request. */
  readonly payload?: string;
}

const FACET =
  '<ext:Facet id="urn:be:cin:nippin:insurability"><Dimension id="requestType">information</Dimension>' +
  '<Dimension id="contactType">other</Dimension></ext:Facet>';

/** A facet with dimensions, as text. */
export const facet = (
  id: string,
  dimensions: readonly (readonly [string, string])[] = [],
): string =>
  `<ext:Facet id="${id}">${dimensions.map(([name, value]) => `<Dimension id="${name}">${value}</Dimension>`).join('')}</ext:Facet>`;

export const extensions = (...facets: readonly string[]): string =>
  `<samlp:Extensions xsi:type="ext:ExtensionsType">${facets.join('')}</samlp:Extensions>`;

export const nameId = (format: string, value: string): string =>
  `<saml:NameID Format="${format}">${value}</saml:NameID>`;

export const ssin = (value: string): string => nameId('urn:be:fgov:person:ssin', value);

/** The inner query. */
export function queryXml(question: Question): string {
  const {
    reference = 'TOPZ0000000001',
    nihii = '19547181004',
    from = '2026-02-09T00:00:00.000+01:00',
    until = '2026-02-10T00:00:00.000+01:00',
  } = question;
  const confirmation =
    question.confirmation ??
    `<saml:SubjectConfirmation Method="urn:be:cin:nippin:memberIdentification"><saml:SubjectConfirmationData NotBefore="${from}" NotOnOrAfter="${until}"/></saml:SubjectConfirmation>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<samlp:AttributeQuery xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ext="urn:be:cin:nippin:memberdata:saml:extension" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
    `ID="${question.id ?? `_${reference}`}" Version="2.0" IssueInstant="2026-02-09T09:12:31.000+01:00">` +
    (question.issuer ??
      `<saml:Issuer Format="urn:be:cin:nippin:nihii11">${nihii.padEnd(11, '0')}</saml:Issuer>`) +
    (question.extensions ?? extensions(FACET)) +
    `<saml:Subject>${question.nameId ?? ssin('85061199814')}${confirmation}</saml:Subject>${question.extra ?? ''}</samlp:AttributeQuery>`
  );
}

/** The request. */
export function requestXml(question: Question): string {
  const { reference = 'TOPZ0000000001', quality = 'doctor', nihii = '19547181004' } = question;
  const party =
    question.party ??
    `<mc:PhysicalPerson><mc:Name>Jean Exemple</mc:Name><mc:Ssin>79021599732</mc:Ssin></mc:PhysicalPerson>`;
  const license =
    question.license ??
    '<mc:License><mc:Username>user</mc:Username><mc:Password>word</mc:Password></mc:License>';
  const content = Buffer.from(question.query ?? queryXml(question)).toString('base64');
  return (
    '<mda:MemberDataConsultationRequest xmlns:mda="urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1" xmlns:mcp="urn:be:fgov:ehealth:mycarenet:commons:protocol:v3" xmlns:mc="urn:be:fgov:ehealth:mycarenet:commons:core:v3" Id="ID_1" IssueInstant="2026-02-09T09:12:31.000+01:00">' +
    `<mcp:CommonInput><mc:Request><mc:IsTest>true</mc:IsTest></mc:Request><mc:Origin><mc:Package><mc:Name>topaz</mc:Name>${license}</mc:Package>` +
    `<mc:CareProvider><mc:Nihii><mc:Quality>${quality}</mc:Quality><mc:Value>${nihii}</mc:Value></mc:Nihii>${party}</mc:CareProvider></mc:Origin>` +
    `<mc:InputReference>${reference}</mc:InputReference></mcp:CommonInput>` +
    (question.detail ??
      `<mcp:Detail ContentType="text/xml" ContentEncoding="none" Id="_d1">${content}</mcp:Detail>`) +
    '</mda:MemberDataConsultationRequest>'
  );
}

export interface Asked {
  readonly status: number;
  /** The SOAP body as text. */
  readonly body: string;
  /** The inner Response as text; '' when there is none. */
  readonly inner: string;
  readonly checks: readonly Check[];
}

export interface OtherClient {
  readonly sandbox: Sandbox;
  /** For topaz itself: the way to the service without a socket. */
  readonly transport: Transport;
  /** For topaz itself: a token of the sandbox for a caller, and the key that it names. */
  security(caller?: Caller): Extract<Security, { kind: 'saml' }>;
  ask(question: Question, caller?: Caller, fault?: string): Promise<Asked>;
  /** Verdicts on the last request through {@link transport}. */
  checks(): readonly Check[];
  close(): Promise<void>;
}

/** A sandbox in a folder of its own with the people of the demo, and a client that speaks to it. */
export async function openOtherClient({
  strict = false,
  schemas = resolve(SHARED, 'schemas'),
}: { strict?: boolean; schemas?: string | undefined } = {}): Promise<OtherClient> {
  const folder = await mkdtemp(join(tmpdir(), 'topaz-memberdata-'));
  const [store, pki, citizenPki] = await Promise.all([
    openState(folder),
    openServerPki(folder),
    openCitizenPki(folder),
  ]);
  const seed = demoSeed();
  store.state.persons = [...seed.persons];
  store.state.patients = [...seed.patients];
  const sandbox: Sandbox = {
    store,
    state: store.state,
    pki,
    citizenPki,
    eidRoots: [citizenPki.root.certificate],
    eidIssuers: [],
    schemas: openSchemas([schemas]),
    strict,
    now: () => NOW,
    realNow: () => NOW.getTime(),
    newId: randomUUID,
  };
  let lastChecks: readonly Check[] = [];
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const holder = issueCertificate(
    pki,
    subjectOf([['2.5.4.3', 'SSIN=79021599732']]),
    publicKeyInfoOf(privateKey),
    { notBefore: new Date('2025-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') },
  );
  const tokenFor = (caller: Caller): string =>
    makeAssertion(sandbox, {
      subjectDn: 'CN=SSIN\\=79021599732',
      issuerDn: 'CN=test',
      holder,
      notBefore: new Date(NOW.getTime() - 60_000),
      notOnOrAfter: new Date(NOW.getTime() + 3_600_000),
      attributes: caller.attributes,
      badSignature: false,
    }).text;
  const sign = (caller: Caller, payload: string): string => {
    const assertion = tokenFor(caller);
    const assertionId = /AssertionID="([^"]+)"/.exec(assertion)?.[1] ?? '';
    const envelope =
      `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsu="${WSS}/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><soap:Header>` +
      `<wsse:Security xmlns:wsse="${WSS}/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" soap:mustUnderstand="1">` +
      `<wsu:Timestamp wsu:Id="TS-1"><wsu:Created>${NOW.toISOString()}</wsu:Created><wsu:Expires>${new Date(NOW.getTime() + 60_000).toISOString()}</wsu:Expires></wsu:Timestamp>` +
      `${assertion}</wsse:Security></soap:Header><soap:Body wsu:Id="B-1">${payload}</soap:Body></soap:Envelope>`;
    const signer = new SignedXml({
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      canonicalizationAlgorithm: EXC_C14N,
      getKeyInfoContent: () =>
        `<wsse:SecurityTokenReference><wsse:KeyIdentifier ValueType="${WSS}/oasis-wss-saml-token-profile-1.0#SAMLAssertionID">${assertionId}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`,
    });
    for (const name of ['Body', 'Timestamp']) {
      signer.addReference({
        xpath: `//*[local-name(.)='${name}']`,
        transforms: [EXC_C14N],
        digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
      });
    }
    signer.computeSignature(envelope, {
      prefix: 'ds',
      location: { reference: "//*[local-name(.)='Security']", action: 'append' },
    });
    return signer.getSignedXml();
  };
  return {
    sandbox,
    transport: {
      post: async (url, headers, body) => {
        const path = new URL(url).pathname;
        const service = [...genasyncServices, genins].find(({ paths }) => paths.includes(path)) ?? memberdata; // prettier-ignore
        const request = unpackMultipart({
          headers: { soapaction: headers['SOAPAction'], 'content-type': headers['Content-Type'] },
          body: bytesOf(body),
        });
        const opened = openRequest(request);
        const { kind, rules } = hit(sandbox.state.faults, service.name, opened.operation);
        sandbox.state.faults = rules;
        sandbox.state.exchanges += 1;
        const { answer, checks } = await handleRequest(request, opened, service, sandbox, kind);
        lastChecks = checks.list;
        return replyOf(
          answer.status,
          { 'content-type': answer.contentType },
          Uint8Array.from(kind === undefined ? answer.body : spoil(kind, answer.body)),
        );
      },
      close: () => Promise.resolve(),
    },
    security: (caller = DOCTOR) => {
      const assertion = tokenFor(caller);
      return {
        kind: 'saml',
        assertion,
        assertionId: /AssertionID="([^"]+)"/.exec(assertion)?.[1] ?? '',
        signer: createSigner(privateKey, [holder]),
      };
    },
    checks: () => lastChecks,
    ask: async (question, caller = DOCTOR, fault?: string) => {
      const request = {
        headers: { soapaction: ACTION, 'content-type': 'text/xml; charset=utf-8' },
        body: Buffer.from(sign(caller, question.payload ?? requestXml(question))),
      };
      const { answer, checks } = await handleRequest(
        request,
        openRequest(request),
        memberdata,
        sandbox,
        fault,
      );
      const body = answer.body.toString('utf8');
      const base64 = /<mcp:Detail[^>]*>([^<]+)</.exec(body)?.[1] ?? '';
      return {
        status: answer.status,
        body,
        inner: Buffer.from(base64, 'base64').toString('utf8'),
        checks: checks.list,
      };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
