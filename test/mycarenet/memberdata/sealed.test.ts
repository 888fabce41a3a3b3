/** Questions sealed for the broker and their answers: the sandbox opens them strictly, BouncyCastle judges the wire. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { TopazError } from '../../../src/errors.js';
import type { EtkSource } from '../../../src/etk/obtain.js';
import { parseSsin } from '../../../src/ids/ssin.js';
import { createDecrypter, createSigner } from '../../../src/keys/software-keys.js';
import { obtainOwn } from '../../../src/kgss/parties.js';
import { findCareProvider } from '../../../src/mycarenet/care-provider.js';
import { consultMemberData } from '../../../src/mycarenet/memberdata/client.js';
import type { MemberDataCaller } from '../../../src/mycarenet/memberdata/client.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import { obtainBed } from '../../../src/mycarenet/memberdata/sealed.js';
import type { Opening, Sealing } from '../../../src/mycarenet/memberdata/sealed.js';
import { createReferences } from '../../../src/mycarenet/reference.js';
import { handleRequest, openRequest } from '../../../src/sandbox/handle.js';
import { sealAnswer } from '../../../src/sandbox/memberdata-sealed.js';
import { openSealed } from '../../../src/sandbox/open-sealed.js';
import { sealBytes } from '../../../src/sandbox/seal.js';
import { etkdepot } from '../../../src/sandbox/services/etkdepot.js';
import { createCall } from '../../../src/soap/call.js';
import type { Call } from '../../../src/soap/call.js';
import { readHolder } from '../../../src/x509/holder.js';
import { formatPem } from '../../../src/x509/pem.js';
import { issueHolder } from '../../sandbox/ehbox-support.js';
import type { TestHolder } from '../../sandbox/ehbox-support.js';
import { bytesOf, replyOf } from '../../soap/bodies.js';
import { hasProgram, hasShared, SHARED } from '../../support/tools.js';
import { DOCTOR, NOW, openOtherClient } from '../other-client.js';
import type { OtherClient } from '../other-client.js';
import { QUERY } from './values.js';

const run = promisify(execFile);
const MARIE = '85061199814';
const STRANGER = '99123199643';
const URL_OF = 'https://127.0.0.1/MyCareNet/MemberData/v1';
const DEPOT = 'https://127.0.0.1/EtkDepot/v1';
const HOLDER = { type: 'SSIN', id: '79021599732', quality: 'doctor' };

let world: OtherClient;
let jean: TestHolder;
let nurse: TestHolder;
let sealing: Sealing;
let opening: Opening;
let call: Call;
let folder: string;
let wire: { request: string; answer: string };
let changeAnswer: ((answer: string) => string | Promise<string>) | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-sealed-'));
  world = await openOtherClient({ strict: true });
  call = createCall({
    transport: {
      close: () => Promise.resolve(),
      post: async (url, headers, body, options) => {
        if (url === DEPOT) {
          const request = {
            headers: { soapaction: headers['SOAPAction'] },
            body: bytesOf(body),
          };
          const { answer } = await handleRequest(
            request,
            openRequest(request),
            etkdepot,
            world.sandbox,
            undefined,
          );
          const reply = { 'content-type': answer.contentType };
          return replyOf(answer.status, reply, Uint8Array.from(answer.body));
        }
        wire = { request: Buffer.from(bytesOf(body)).toString('utf8'), answer: '' };
        const reply = await world.transport.post(url, headers, body, options);
        const chunks: Uint8Array[] = [];
        for await (const chunk of reply.stream) {
          chunks.push(chunk);
        }
        const text = Buffer.concat(chunks).toString('utf8');
        wire.answer = (await changeAnswer?.(text)) ?? text;
        return replyOf(
          reply.status,
          { 'content-type': 'text/xml; charset=utf-8' },
          Uint8Array.from(Buffer.from(wire.answer)),
        );
      },
    },
    now: () => NOW,
    newId: randomUUID,
    timeoutMs: 5000,
  });
  const { sandbox } = world;
  [jean, nurse] = await Promise.all([
    issueHolder(sandbox, 'SSIN', HOLDER.id),
    issueHolder(sandbox, 'SSIN', '72090499770'),
  ]);
  await jean.publish();
  const roots = [sandbox.pki.ehealthRoot.certificate];
  const source: EtkSource = {
    call: () => Promise.resolve(call),
    url: DEPOT,
    roots,
    folder,
    now: NOW,
  };
  const decrypters = [createDecrypter(jean.encryptionKey, jean.encryption)];
  const own = await obtainOwn(source, readHolder(jean.certificate.subject)!, decrypters);
  sealing = {
    sender: createSigner(jean.privateKey, [jean.certificate, sandbox.pki.issuingCa.certificate]),
    bed: await obtainBed(source),
    replyTo: own.token,
  };
  opening = { decrypters, roots };
}, 30_000);

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  changeAnswer = undefined;
  world.sandbox.state.faults = [];
});

const newReference = createReferences(() => NOW, randomUUID);

function ask(ssin = MARIE, more: Partial<MemberDataCaller> = {}) {
  const caller: MemberDataCaller = {
    origin: {
      packageName: 'topaz',
      license: { username: 'topaz', password: Buffer.from('licence of the test') },
      careProvider: findCareProvider({}, { holder: HOLDER, attributes: DOCTOR.attributes }),
    },
    isTest: true,
    security: world.security(DOCTOR),
    roots: [world.sandbox.pki.ehealthRoot.certificate],
    sealing,
    opening,
    ...more,
  };
  const query: MemberDataQuery = { ...QUERY, patient: { kind: 'ssin', ssin: parseSsin(ssin) } };
  return consultMemberData(call, URL_OF, caller, query, {
    now: () => NOW,
    newId: randomUUID,
    newReference,
  });
}

const DETAIL = /(<mcp:Detail[^>]*>)([^<]*)(<)/;
const detailOf = (xml: string): Buffer => Buffer.from(DETAIL.exec(xml)?.[2] ?? '', 'base64');
const withDetail = (xml: string, bytes: Uint8Array): string =>
  xml.replace(DETAIL, (_, start: string, __, end: string) => `${start}${Buffer.from(bytes).toString('base64')}${end}`); // prettier-ignore
const sayEncrypted = (xml: string): string =>
  xml.replace('<mcp:Detail ', '<mcp:Detail ContentEncryption="encryptedForKnownRecipient" ');
const keyOf = ({ encryption, encryptionKey }: TestHolder) => ({
  certificate: encryption,
  privateKey: encryptionKey,
});

/** Seals anything for Jean as the broker. */
async function sealedByBroker(content: string, recipient = jean.encryption): Promise<Uint8Array> {
  const { authentication, chain } = await world.sandbox.pki.holders.of('bed');
  return sealBytes(Buffer.from(content), authentication, chain, [recipient], NOW);
}
const known = (inside: string): string =>
  `<e:EncryptedKnownContent xmlns:e="urn:be:cin:encrypted">${inside}</e:EncryptedKnownContent>`;
const openedAnswer = (answer: string): string =>
  Buffer.from(openSealed(detailOf(answer), keyOf(jean)).content).toString('utf8');
const documentOf = (content: string): Buffer =>
  Buffer.from(/BusinessContent[^>]*>([^<]+)</.exec(content)?.[1] ?? '', 'base64');

describe('a sealed question', () => {
  test('is opened, answered sealed, and the answer is read; every check of the sandbox passes', async () => {
    const { reply, reference } = await ask();
    expect(reply.insurability).toMatchObject({ status: 'insured', patient: { ssin: MARIE } });
    expect(reply.warnings).toEqual([]);
    expect(reply.references.input).toBe(reference);
    const names = world.checks().map(({ name, state, detail = '' }) => `${name} ${state}${detail.startsWith('tolerated') ? ' TOLERATED' : ''}`);
    expect(names.filter((name) => !/ (?:ok|skipped)$/.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['sealed ok', 'etk ok', 'detail ok', 'business ok']));
  }); // prettier-ignore

  test('shows nothing of the patient on the wire, in neither direction', async () => {
    await ask();
    for (const [xml, mode] of [
      [wire.request, 'encryptedForKnownBED'],
      [wire.answer, 'encryptedForKnownRecipient'],
    ] as const) {
      expect(xml).toContain(`ContentEncryption="${mode}"`);
      expect(xml).toContain('ContentEncoding="none"');
      for (const text of [xml, detailOf(xml).toString('latin1')]) {
        expect(text).not.toContain(MARIE);
        expect(text).not.toContain('AttributeQuery');
        expect(text).not.toContain('Voorbeeld');
      }
    }
  });

  test('a refusal comes under the seal too', async () => {
    await expect(ask(STRANGER)).rejects.toMatchObject({ code: 'E_PATIENT_UNKNOWN' });
    expect(wire.answer).toContain('encryptedForKnownRecipient');
  });

  test('a refusal of who could not open it comes in clear', async () => {
    world.sandbox.state.faults = [
      { target: 'memberdata', kind: 'fault:SEND_TO_IM_EXCEPTION', times: 1, after: 0 },
    ];
    await expect(ask()).rejects.toMatchObject({
      code: 'E_INSURABILITY_REFUSED',
      details: { detailCode: 'SEND_TO_IM_EXCEPTION' },
    });
  });

  test('answered in clear: used, and told', async () => {
    changeAnswer = (answer) =>
      withDetail(answer, documentOf(openedAnswer(answer))).replace(/ ContentEncryption="\w+"/, '');
    const { reply } = await ask();
    expect(reply.insurability.status).toBe('insured');
    expect(reply.warnings).toEqual([
      expect.objectContaining({ code: 'ANSWER_IN_CLEAR', source: 'TOPAZ' }),
    ]);
  });

  test('another word for the encryption does not matter, and an empty one means none', async () => {
    changeAnswer = (answer) => answer.replace('encryptedForKnownRecipient', 'encryptedForKnownHCP');
    expect((await ask()).reply.warnings).toEqual([]);
    changeAnswer = (answer) =>
      withDetail(answer, documentOf(openedAnswer(answer))).replace('encryptedForKnownRecipient', '');
    expect((await ask()).reply.warnings).toHaveLength(1);
  }); // prettier-ignore

  test('a deflated content under the seal is inflated', async () => {
    changeAnswer = async (answer) => {
      const document = deflateRawSync(documentOf(openedAnswer(answer))).toString('base64');
      return withDetail(
        answer,
        await sealedByBroker(
          known(`<e:BusinessContent ContentEncoding="deflate">${document}</e:BusinessContent>`),
        ),
      );
    };
    expect((await ask()).reply.insurability.status).toBe('insured');
  });
});

describe('a question in clear', () => {
  test('answered sealed: opened with the keys at hand', async () => {
    changeAnswer = async (answer) =>
      sayEncrypted(
        withDetail(answer, await sealAnswer(world.sandbox, detailOf(answer), '_x', jean.encryption)), // prettier-ignore
      );
    const { reply } = await ask(MARIE, { sealing: undefined });
    expect(reply.insurability.status).toBe('insured');
    expect(reply.warnings).toEqual([]);
    await expect(ask(MARIE, { sealing: undefined, opening: undefined })).rejects.toMatchObject({
      code: 'E_REPLY_INVALID',
    });
  });

  test('answered in clear, as ever', async () => {
    const { reply } = await ask(MARIE, { sealing: undefined });
    expect(reply.warnings).toEqual([]);
    expect(wire.request).not.toContain('ContentEncryption');
  });
});

describe('an answer that is not to be relied on', () => {
  const flipped = (bytes: Buffer, at: number): Buffer => {
    const bent = Buffer.from(bytes);
    bent.writeUInt8((bent.at(at) ?? 0) ^ 1, at < 0 ? bent.length + at : at);
    return bent;
  };
  test.each([
    ['sealed for another', (): Promise<Uint8Array> => sealedByBroker('x', nurse.encryption), 'E_SEAL_NOT_FOR_US'],
    ['with a bent signature', (sealed: Buffer) => flipped(sealed, -3), 'E_SEAL_INVALID'],
    ['cut', (sealed: Buffer) => sealed.subarray(0, -60), 'E_SEAL_INVALID'],
    ['no seal at all', () => Buffer.from('<a/>'), 'E_SEAL_INVALID'],
    ['sealed by an eHealth key that signs nothing', () => sealBytes(Buffer.from(known('')), keyOf(nurse), [nurse.encryption], [jean.encryption], NOW), 'E_SEAL_INVALID'],
    ['text under the seal', () => sealedByBroker('hello'), 'E_XML_MALFORMED'],
    ['a document type under the seal', () => sealedByBroker(`<!DOCTYPE a>${known('')}`), 'E_XML_MALFORMED'],
    ['the bare answer under the seal', (sealed: Buffer) => sealedByBroker(documentOf(Buffer.from(openSealed(sealed, keyOf(jean)).content).toString()).toString()), 'E_REPLY_INVALID'],
    ['the envelope of another namespace', () => sealedByBroker(known('').replace('urn:be:cin:encrypted', 'urn:x')), 'E_REPLY_INVALID'],
    ['nothing in the envelope', () => sealedByBroker(known('')), 'E_REPLY_INVALID'],
    ['no base64 in the envelope', () => sealedByBroker(known('<e:BusinessContent>!</e:BusinessContent>')), 'E_REPLY_INVALID'],
    ['an unknown encoding', () => sealedByBroker(known('<e:BusinessContent ContentEncoding="gzip">AAAA</e:BusinessContent>')), 'E_REPLY_INVALID'],
    ['a bomb in the envelope', () => sealedByBroker(known(`<e:BusinessContent ContentEncoding="deflate">${deflateRawSync(Buffer.alloc(17 * 1024 * 1024)).toString('base64')}</e:BusinessContent>`)), 'E_REPLY_TOO_LARGE'],
  ] as [string, (sealed: Buffer) => Uint8Array | Promise<Uint8Array>, string][])('%s', async (_, make, code) => {
    changeAnswer = async (answer) => withDetail(answer, await make(detailOf(answer)));
    const error: unknown = await ask().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(TopazError);
    expect([(error as TopazError).code, (error as TopazError).hint ?? '']).toEqual([code, expect.stringMatching(/.+/)]);
    expect(JSON.stringify([(error as TopazError).message, (error as TopazError).facts])).not.toContain(MARIE);
  }); // prettier-ignore

  test('the answer to another question, under a good seal', async () => {
    await ask();
    const earlier = detailOf(wire.answer);
    changeAnswer = (answer) => withDetail(answer, earlier);
    await expect(ask()).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });
});

describe('the sandbox refuses a question', () => {
  test.each([
    ['sealed for somebody else', () => ({ ...sealing, bed: { ...sealing.bed, certificate: jean.encryption } })],
    ['with the token of another', async () => ({ ...sealing, replyTo: (await world.sandbox.pki.holders.of('bed')).token })],
    ['with noise for a token', () => ({ ...sealing, replyTo: Buffer.from('noise') })],
    ['without token', () => ({ ...sealing, replyTo: new Uint8Array() })],
    ['sealed by a key that signs nothing', () => ({ ...sealing, sender: createSigner(nurse.encryptionKey, [nurse.encryption]) })],
  ] as [string, () => Sealing | Promise<Sealing>][])('%s', async (_, make) => {
    await expect(ask(MARIE, { sealing: await make() })).rejects.toMatchObject({
      faultCode: 'SOA-03007',
    });
    expect(world.checks().some(({ name, state }) => name === 'sealed' && state === 'failed')).toBe(true);
  }); // prettier-ignore
});

const judged =
  hasShared() &&
  hasProgram('javac', { required: false }) &&
  hasProgram('openssl') &&
  hasProgram('xmllint');
if (!judged) {
  process.stderr.write('skipped: the etee oracle needs TOPAZ_SHARED and a JDK with BouncyCastle\n');
}

(judged ? test : test.skip)(
  'BouncyCastle opens what is on the wire, and libxml2 finds what is in it valid',
  async () => {
    await ask();
    const { encryption } = await world.sandbox.pki.holders.of('bed');
    const file = (name: string): string => join(folder, name);
    await writeFile(file('bed.pem'), encryption.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() + formatPem('CERTIFICATE', encryption.certificate.der));
    await run('openssl', ['pkcs12', '-export', '-in', file('bed.pem'), '-out', file('bed.p12'), '-passout', 'pass:test', '-name', encryption.certificate.serial.toString()]);
    await writeFile(file('root.pem'), formatPem('CERTIFICATE', world.sandbox.pki.ehealthRoot.certificate.der));
    await writeFile(file('sealed'), detailOf(wire.request));
    const { stdout } = await run(
      join(SHARED, 'tools/etee-oracle/etee-oracle'),
      ['unseal', '--p12', file('bed.p12'), '--pass', 'test', '--trust', file('root.pem'), '--in', file('sealed'), '--out', file('known.xml')],
      { env: { ...process.env, JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC', ETEE_ORACLE_CACHE: join(tmpdir(), 'topaz-oracle-classes') } },
    ).catch((error: unknown) => error as { readonly stdout: string });
    // The clock of the test stands still; that of BouncyCastle does not.
    expect(JSON.parse(stdout)).toMatchObject({ fatal: null, errors: [], warnings: ['SIGNING_TIME_EXPIRED'] });
    await run('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/mycarenet/encrypted/businessContent.xsd'), file('known.xml')]);
    const content = await readFile(file('known.xml'), 'utf8');
    await writeFile(file('query.xml'), documentOf(content));
    await run('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/mycarenet/saml/Extensions.xsd'), file('query.xml')]);
    expect(content).toContain(`<enc:Reply-to-Etk>${Buffer.from(sealing.replyTo).toString('base64')}<`);
    const id = / Id="([^"]+)"/.exec(DETAIL.exec(wire.request)?.[1] ?? '')?.[1] ?? '?';
    expect(content).toContain(`BusinessContent id="${id}"`);
    await writeFile(file('body.xml'), /<mda:MemberDataConsultationRequest.*<\/mda:MemberDataConsultationRequest>/s.exec(wire.request)?.[0] ?? '');
    await run('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/mycarenet/memberdata/mycarenet-memberdata-protocol-1_0.xsd'), file('body.xml')]);
  },
  60_000,
); // prettier-ignore
