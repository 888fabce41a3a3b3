/**
 * A sandbox in this process, and requests to its eHealthBox that are signed by xml-crypto with a token of its
 * STS: nothing of the client takes part.
 *
 * @module
 */

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SignedXml } from 'xml-crypto';

import { openCitizenPki, publicKeyInfoOf } from '../../src/sandbox/citizen-pki.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import type { Sandbox, Service } from '../../src/sandbox/exchange.js';
import { handleRequest, openRequest } from '../../src/sandbox/handle.js';
import { issueFor, publishEtk } from '../../src/sandbox/keystores.js';
import {
  CERTIFIED,
  EHBOX,
  EXC_C14N,
  IDENTIFICATION,
  RSA_SHA256,
  SAML_ASSERTION_ID,
  SHA256,
  SOAP,
  WSSE,
  WSU,
} from '../../src/sandbox/names.js';
import { openServerPki } from '../../src/sandbox/pki.js';
import { openSchemas } from '../../src/sandbox/schemas.js';
import { ehboxConsultation } from '../../src/sandbox/services/ehbox-consultation.js';
import { openState } from '../../src/sandbox/state.js';
import { makeAssertion } from '../../src/sandbox/sts-assertion.js';
import type { Attribute } from '../../src/sandbox/sts-directory.js';
import type { Check } from '../../src/sandbox/checks.js';
import {
  basicConstraintsExtension,
  buildCertificate,
  keyUsageExtension,
} from '../../src/x509/build.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { SHARED } from '../support/tools.js';

export const DOCTOR = '79021599732';
const PERSON = 'urn:be:fgov:person:ssin';

export interface TestSandbox {
  readonly sandbox: Sandbox;
  /** Moves the clock. */
  setTime(date: Date): void;
  close(): Promise<void>;
}

/** Opens a sandbox with the people of the demo and no messages. */
export async function openTestSandbox(): Promise<TestSandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'topaz-ehbox-'));
  const [store, pki, citizenPki] = await Promise.all([
    openState(folder),
    openServerPki(folder),
    openCitizenPki(folder),
  ]);
  const { state } = store;
  const { persons, organisations } = demoSeed();
  state.persons = [...persons];
  state.organisations = [...organisations];
  let time = new Date('2026-03-01T09:00:00Z');
  const sandbox: Sandbox = {
    store,
    state,
    pki,
    citizenPki,
    eidRoots: [citizenPki.root.certificate],
    eidIssuers: [],
    schemas: openSchemas([join(SHARED, 'schemas')]),
    strict: false,
    now: () => time,
    realNow: () => Date.now(),
    newId: randomUUID,
  };
  return {
    sandbox,
    setTime: (date) => {
      time = date;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface TestHolder {
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
  readonly encryptionKey: KeyObject;
  readonly encryption: Certificate;
  /** Publishes the ETK. */
  publish(): Promise<void>;
}

const rsa = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** An eHealth certificate of the sandbox and an encryption certificate beside it. */
export async function issueHolder(
  sandbox: Sandbox,
  type = 'SSIN',
  id = DOCTOR,
): Promise<TestHolder> {
  const privateKey = rsa();
  const encryptionKey = rsa();
  const issued = await issueFor(sandbox, { type, id }, publicKeyInfoOf(privateKey));
  const certificate = parseCertificate(issued.chain[0]!);
  const encryption = parseCertificate(
    buildCertificate(
      {
        serial: BigInt(`0x${issued.encryptionSerialHex}`),
        issuer: certificate.subject.der,
        subject: certificate.subject.der,
        notBefore: certificate.notBefore,
        notAfter: certificate.notAfter,
        publicKeyInfo: publicKeyInfoOf(encryptionKey),
        extensions: [basicConstraintsExtension(false), keyUsageExtension(0x30)],
      },
      privateKey,
    ),
  );
  return {
    privateKey,
    certificate,
    encryptionKey,
    encryption,
    publish: () => publishEtk(sandbox, issued.id, encryption.der),
  };
}

/** What the STS certifies for a doctor. */
export const doctorAttributes = (ssin = DOCTOR): readonly Attribute[] => [
  { namespace: IDENTIFICATION, name: 'urn:be:fgov:ehealth:1.0:certificateholder:person:ssin', values: [ssin] },
  { namespace: IDENTIFICATION, name: PERSON, values: [ssin] },
  { namespace: CERTIFIED, name: `${PERSON}:doctor:boolean`, values: ['true'] },
  { namespace: CERTIFIED, name: `${PERSON}:nurse:boolean`, values: ['false'] },
  { namespace: CERTIFIED, name: `${PERSON}:ehealth:1.0:doctor:nihii11`, values: ['19547181004'] },
]; // prettier-ignore

/** What the STS certifies for a group of nurses. */
export const groupAttributes = (id: string): readonly Attribute[] => {
  const kind = 'urn:be:fgov:ehealth:1.0:groupofnurses:nihii-number';
  const holder = 'urn:be:fgov:ehealth:1.0:certificateholder:groupofnurses:nihii-number';
  return [
    { namespace: IDENTIFICATION, name: kind, values: [id] },
    { namespace: IDENTIFICATION, name: holder, values: [id] },
    { namespace: CERTIFIED, name: `${holder}:recognisedgroupofnurses:boolean`, values: ['true'] },
  ];
};

export interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly text: string;
  readonly checks: readonly Check[];
}

export interface AskOptions {
  readonly attributes?: readonly Attribute[];
  /** Plays a fault. */
  readonly kind?: string;
  readonly notOnOrAfter?: Date;
  /** @default the consultation service */
  readonly service?: Service;
  /** MIME parts beside the envelope. */
  readonly parts?: ReadonlyMap<string, Uint8Array>;
  /** Changes the signed envelope. */
  readonly tamper?: (xml: string) => string;
}

/** Sends a payload to the service as a holder with a token. */
export async function ask(
  sandbox: Sandbox,
  holder: Pick<TestHolder, 'privateKey' | 'certificate'>,
  payload: string,
  options: AskOptions = {},
): Promise<Answered> {
  const { service = ehboxConsultation, parts = new Map<string, Uint8Array>() } = options;
  const operation = /<con:(\w+)Request/.exec(payload)?.[1] ?? '';
  const xml = sign(sandbox, holder, payload, options);
  const body = Buffer.from(options.tamper?.(xml) ?? xml, 'utf8');
  // The one action that is not the operation with a small first letter.
  const name = operation === 'GetHistory' ? 'getMessageHistory' : `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`; // prettier-ignore
  const action = `"${service.namespace}:${name}"`;
  const request = { headers: { soapaction: action }, body, parts };
  const { answer, checks } = await handleRequest(
    request,
    openRequest(request),
    service,
    sandbox,
    options.kind,
  );
  return { ...answer, text: answer.body.toString('utf8'), checks: checks.list };
}

/** An assertion of the sandbox's STS, valid for an hour. */
export function assertionFor(
  sandbox: Sandbox,
  { certificate }: Pick<TestHolder, 'certificate'>,
  { attributes = doctorAttributes(), notOnOrAfter }: AskOptions = {},
): string {
  const now = sandbox.now().getTime();
  const hour = 3_600_000;
  return makeAssertion(sandbox, {
    subjectDn: 'CN=test',
    issuerDn: 'CN=test',
    holder: certificate,
    notBefore: new Date(now - hour),
    notOnOrAfter: notOnOrAfter ?? new Date(now + hour),
    attributes,
    badSignature: false,
  }).text;
}

function sign(
  sandbox: Sandbox,
  holder: Pick<TestHolder, 'privateKey' | 'certificate'>,
  payload: string,
  options: AskOptions,
): string {
  const now = sandbox.now();
  const { privateKey } = holder;
  const assertion = assertionFor(sandbox, holder, options);
  const assertionId = /AssertionID="([^"]+)"/.exec(assertion)?.[1] ?? '';
  const created = now.toISOString();
  const expires = new Date(now.getTime() + 60_000).toISOString();
  const envelope =
    `<soapenv:Envelope xmlns:soapenv="${SOAP}" xmlns:wsu="${WSU}" xmlns:wsse="${WSSE}"><soapenv:Header>` +
    `<wsse:Security>${assertion}<wsu:Timestamp wsu:Id="TS"><wsu:Created>${created}</wsu:Created>` +
    `<wsu:Expires>${expires}</wsu:Expires></wsu:Timestamp></wsse:Security></soapenv:Header>` +
    `<soapenv:Body wsu:Id="BODY">${payload}</soapenv:Body></soapenv:Envelope>`;
  const signer = new SignedXml({
    privateKey,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXC_C14N,
    getKeyInfoContent: () =>
      `<wsse:SecurityTokenReference xmlns:wsse="${WSSE}"><wsse:KeyIdentifier ValueType="${SAML_ASSERTION_ID}">${assertionId}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`,
  });
  for (const id of ['TS', 'BODY']) {
    signer.addReference({
      xpath: `//*[@*[local-name()='Id']='${id}']`,
      transforms: [EXC_C14N],
      digestAlgorithm: SHA256,
    });
  }
  signer.computeSignature(envelope, {
    prefix: 'ds',
    location: { reference: "//*[local-name()='Security']", action: 'append' },
  });
  return signer.getSignedXml();
}

/** A request of the service; children are in no namespace. */
export const request = (operation: string, inside = ''): string =>
  `<con:${operation}Request xmlns:con="${EHBOX}">${inside}</con:${operation}Request>`;

/** Texts of all elements of that local name. */
export const texts = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);
