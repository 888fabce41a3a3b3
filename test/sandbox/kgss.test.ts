/** The KGSS of the sandbox: what it refuses, and what BouncyCastle says of the seals on the wire. */

import { execFile } from 'node:child_process';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { getKey, getNewKey } from '../../src/kgss/client.js';
import type { NewKeyOptions } from '../../src/kgss/client.js';
import { parseReader } from '../../src/kgss/readers.js';
import { KGSS } from '../../src/sandbox/names.js';
import { openSealed, SealedContentError } from '../../src/sandbox/open-sealed.js';
import { sealBytes } from '../../src/sandbox/seal.js';
import type { ServiceHolder } from '../../src/sandbox/service-holders.js';
import { readXml } from '../../src/xml/read.js';
import type { Security } from '../../src/soap/call.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { formatPem } from '../../src/x509/pem.js';
import { certificateOf, pkiPath, readBytes } from '../etee/pki.js';
import { openWorld, URL } from '../kgss/world.js';
import type { World } from '../kgss/world.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import type { TestHolder } from './ehbox-support.js';

const run = promisify(execFile);
const ORACLE = join(SHARED, 'tools/etee-oracle/etee-oracle');
const judged = hasShared() && hasProgram('javac', { required: false }) && hasProgram('openssl');
const judge = judged ? test : test.skip;
const deep = judged && process.env['TOPAZ_DEEP'] === '1' ? test : test.skip;
if (!judged) {
  process.stderr.write('skipped: the etee oracle needs TOPAZ_SHARED and a JDK with BouncyCastle\n');
}

const JEAN = '79021599732';
const SSIN = 'urn:be:fgov:person:ssin';
const IDENTIFICATION = 'urn:be:fgov:identification-namespace';

let world: World;
let jean: TestHolder;
let options: NewKeyOptions;
let service: ServiceHolder;
let folder: string;

beforeAll(async () => {
  world = await openWorld();
  jean = await world.holder(JEAN);
  options = await world.options(jean);
  service = await world.test.sandbox.pki.holders.of('kgss');
  folder = await mkdtemp(join(tmpdir(), 'topaz-kgss-judge-'));
});

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

interface SealChange {
  readonly sender?: {
    readonly certificate: Certificate;
    readonly privateKey: TestHolder['privateKey'];
  };
  readonly recipients?: readonly Certificate[];
  readonly at?: Date;
}

/** Sealed by the sandbox's own code, as another client would. */
function sealed(content: string, change: SealChange = {}): Buffer {
  const { sandbox } = world.test;
  const sender = change.sender ?? { certificate: jean.certificate, privateKey: jean.privateKey };
  return Buffer.from(
    sealBytes(
      Buffer.from(content),
      sender,
      [sender.certificate, sandbox.pki.issuingCa.certificate],
      change.recipients ?? [service.encryption.certificate],
      change.at ?? sandbox.now(),
    ),
  );
}

interface Said {
  readonly status: string;
  readonly codes: readonly string[];
  readonly sealed: Buffer | undefined;
}

/** Sends a sealed content as the request of an operation. */
async function send(
  operation: 'GetNewKey' | 'GetKey',
  content: Buffer | string,
  security: Security = operation === 'GetKey' ? world.session(jean) : { kind: 'none' },
): Promise<Said> {
  const part = operation === 'GetNewKey' ? 'SealedNewKeyRequest' : 'SealedKeyRequest';
  const base64 = typeof content === 'string' ? content : content.toString('base64');
  const body = readXml(
    `<k:${operation}Request xmlns:k="${KGSS}"><k:${part}><k:SealedContent>${base64}</k:SealedContent></k:${part}></k:${operation}Request>`,
  );
  await world.call({ service: 'kgss', operation, url: URL, body, security });
  const { answer } = world.wire();
  const inside = /<k:SealedContent>([^<]+)</.exec(answer)?.[1];
  return {
    status: /<Status><Code>(\d+)</.exec(answer)?.[1] ?? '',
    codes: [...answer.matchAll(/<Error><Code>([^<]+)</g)].map(([, code = '']) => code),
    sealed: inside === undefined ? undefined : Buffer.from(inside, 'base64'),
  };
}

const token = (): string => Buffer.from(options.own.token).toString('base64');
const reader = (value = JEAN): string =>
  `<AllowedReader><Namespace>${IDENTIFICATION}</Namespace><Name>${SSIN}</Name><Value>${value}</Value></AllowedReader>`;
const newKey = (inside = `${reader()}<ETK>${token()}</ETK>`): string =>
  `<GetNewKeyRequestContent xmlns="${KGSS}">${inside}</GetNewKeyRequestContent>`;
const keyOf = (id: Uint8Array, inside = `<ETK>${token()}</ETK>`): string =>
  `<GetKeyRequestContent xmlns="${KGSS}"><KeyIdentifier>${Buffer.from(id).toString('base64')}</KeyIdentifier>${inside}</GetKeyRequestContent>`;

describe('a request', () => {
  test('of another client is answered, by the schemas', async () => {
    expect(await send('GetNewKey', sealed(newKey()))).toMatchObject({ status: '200', codes: [] });
    const names = world.checks().map(({ name, state }) => `${name} ${state}`);
    expect(names).toEqual(
      ['soapAction ok', 'schema ok', 'sealed ok', 'sealedSchema ok', 'etk ok', 'answerSealedSchema ok', 'business ok', 'answerSchema ok'].map((name) => hasShared() ? name : name.replace(/(Schema|schema) ok/, '$1 skipped')),
    ); // prettier-ignore
  });

  test.each([
    ['that is not base64', () => '!!!!', 'SEALED_CONTENT_INVALID'],
    ['of nothing', () => Buffer.alloc(0), 'SEALED_CONTENT_INVALID'],
    ['of noise', () => randomBytes(500), 'SEALED_CONTENT_INVALID'],
    ['that is cut', () => sealed(newKey()).subarray(0, -40), 'SEALED_CONTENT_INVALID'],
    ['with a flipped bit', () => flip(sealed(newKey()), 700), 'SEALED_CONTENT_INVALID'],
    ['sealed for another', () => sealed(newKey(), { recipients: [jean.encryption] }), 'SEALED_CONTENT_INVALID'],
    ['sealed an hour ago', () => sealed(newKey(), { at: hoursFromNow(-1) }), 'SEALED_CONTENT_STALE'],
    ['sealed in an hour', () => sealed(newKey(), { at: hoursFromNow(1) }), 'SEALED_CONTENT_STALE'],
    ['sealed by a stranger', () => sealed(newKey(), { sender: stranger() }), 'SIGNER_NOT_TRUSTED'],
    ['sealed with the encryption key', () => sealed(newKey(), { sender: encryptionAsSender() }), 'SIGNER_NOT_TRUSTED'],
    ['with text for XML', () => sealed('hello'), undefined],
    ['with a document type', () => sealed(`<!DOCTYPE a>${newKey()}`), undefined],
    ['for the other operation', () => sealed(keyOf(randomBytes(16))), 'CONTENT_INVALID'],
    ['without token', () => sealed(newKey(reader())), 'CONTENT_INVALID'],
    ['without reader', () => sealed(newKey(`<ETK>${token()}</ETK>`)), 'CONTENT_INVALID'],
    ['with an empty reader', () => sealed(newKey(`<AllowedReader><Namespace/><Name/></AllowedReader><ETK>${token()}</ETK>`)), 'READERS_INVALID'],
    ['with 101 readers', () => sealed(newKey(`${reader().repeat(101)}<ETK>${token()}</ETK>`)), 'READERS_INVALID'],
    ['with a wrong token', () => sealed(newKey(`${reader()}<ETK>AAAA</ETK>`)), 'ETK_INVALID'],
    ['with the token of another', () => sealed(newKey(`${reader()}<ETK>${Buffer.from(service.token).toString('base64')}</ETK>`)), 'ETK_INVALID'],
  ])('%s is refused', async (_, make, code) => {
    const before = world.test.sandbox.state.keys.length;
    const sent = send('GetNewKey', make());
    if (code === undefined) {
      await expect(sent).rejects.toMatchObject({ code: 'E_SOAP_FAULT' });
    } else if (code === 'CONTENT_INVALID' && !hasShared()) {
      await sent;
      return;
    } else {
      expect(await sent).toEqual({ status: '400', codes: [code], sealed: undefined });
    }
    expect(world.test.sandbox.state.keys).toHaveLength(before);
    expect(world.checks().some(({ state }) => state === 'failed')).toBe(true);
  }); // prettier-ignore

  test('of GetKey without a session is refused', async () => {
    await expect(
      send('GetKey', sealed(keyOf(randomBytes(16))), { kind: 'none' }),
    ).rejects.toMatchObject({ code: 'E_SOAP_FAULT', details: { faultCode: 'SOA-01001' } });
  });

  test('with a key for the answer is answered under that key', async () => {
    const { id, key } = await getNewKey(options, { allowed: parseReader(`SSIN=${JEAN}`) });
    const kek = randomBytes(16);
    const inside = `<KeyEncryptionKey>${kek.toString('base64')}</KeyEncryptionKey>`;
    const { status, sealed: answer } = await send('GetKey', sealed(keyOf(id, inside)));
    expect(status).toBe('200');
    if (judged) {
      const opened = await unseal(answer!, ['--kek', kek.toString('base64')]);
      expect(opened).toContain(Buffer.from(key).toString('base64'));
    }
  }, 30_000);

  test.each([
    ['of 15 bytes', `<KeyEncryptionKey>${Buffer.alloc(15).toString('base64')}</KeyEncryptionKey>`, 'KEY_INVALID'],
    ['that is missing', '', 'ETK_INVALID'],
  ])('with a key for the answer %s is refused', async (_, inside, code) => {
    const { id } = await getNewKey(options, { allowed: parseReader(`SSIN=${JEAN}`) });
    expect(await send('GetKey', sealed(keyOf(id, inside)))).toMatchObject({ codes: [code] });
  }); // prettier-ignore

  test('for an operation that is not there is a fault', async () => {
    const body = readXml(`<k:GetAllKeysRequest xmlns:k="${KGSS}"/>`);
    await expect(
      world.call({ service: 'kgss', operation: 'GetAllKeys', url: URL, body, security: { kind: 'none' } }),
    ).rejects.toMatchObject({ code: 'E_SOAP_FAULT' });
  }); // prettier-ignore

  test('with an attribute whose value is false is not one of its readers', async () => {
    const { id } = await getNewKey(options, {
      allowed: [{ namespace: 'urn:be:fgov:certified-namespace:ehealth', name: `${SSIN}:nurse:boolean`, values: [] }],
    }); // prettier-ignore
    await expect(getKey(options, id, world.session(jean))).rejects.toMatchObject({
      code: 'E_KEY_REFUSED',
    });
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
}

const hoursFromNow = (hours: number): Date =>
  new Date(world.test.sandbox.now().getTime() + hours * 3_600_000);

/** Of a CA that nobody here trusts. */
const stranger = () => ({
  certificate: certificateOf('stranger-auth'),
  privateKey: createPrivateKey(Buffer.from(readBytes(pkiPath('stranger-auth.key')))),
});

const encryptionAsSender = () => ({
  certificate: jean.encryption,
  privateKey: jean.encryptionKey,
});

/** What BouncyCastle finds in a sealed content; it must be clean. */
async function unseal(bytes: Uint8Array, how: readonly string[]): Promise<string> {
  const file = join(folder, 'sealed');
  const trust = join(folder, 'root.pem');
  await writeFile(file, bytes);
  await writeFile(trust, await readFile(world.test.sandbox.pki.ehealthRootsFile));
  const p12 = how.includes('--p12') ? [] : ['--p12', await p12Of('jean', jean.encryption, jean.encryptionKey), '--pass', 'test']; // prettier-ignore
  const { stdout } = await run(
    ORACLE,
    ['unseal', ...p12, ...how, '--trust', trust, '--in', file, '--out', `${file}.out`],
    { env: ORACLE_ENV },
  );
  expect(JSON.parse(stdout)).toMatchObject({ fatal: null, errors: [], warnings: [] });
  return readFile(`${file}.out`, 'utf8');
}

const ORACLE_ENV = {
  ...process.env,
  JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  ETEE_ORACLE_CACHE: join(tmpdir(), 'topaz-oracle-classes'),
};

async function p12Of(
  name: string,
  certificate: Certificate,
  key: TestHolder['privateKey'],
  alias = certificate.serial.toString(),
  chain: readonly Certificate[] = [],
): Promise<string> {
  const pem = join(folder, `${name}.pem`);
  await writeFile(
    pem,
    [
      key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      ...[certificate, ...chain].map(({ der }) => formatPem('CERTIFICATE', der)),
    ].join(''),
  );
  const p12 = join(folder, `${name}.p12`);
  await run('openssl', ['pkcs12', '-export', '-in', pem, '-out', p12, '-passout', 'pass:test', '-name', alias]); // prettier-ignore
  return p12;
}

describe('on the wire', () => {
  judge(
    'BouncyCastle opens what the client and the KGSS seal',
    async () => {
      const { id, key } = await getNewKey(options, { allowed: parseReader(`SSIN=${JEAN}`) });
      const made = world.wire();
      await getKey(options, id, world.session(jean));
      const fetched = world.wire();
      const ours = ['--p12', await p12Of('kgss', service.encryption.certificate, service.encryption.privateKey), '--pass', 'test']; // prettier-ignore
      const inside = (text: string): Buffer =>
        Buffer.from(/SealedContent>([^<]+)</.exec(text)?.[1] ?? '', 'base64');
      expect(await unseal(inside(made.request), ours)).toContain(`<Value>${JEAN}</Value>`);
      const asked = await unseal(inside(fetched.request), ours);
      expect(asked).toContain(
        `<KeyIdentifier>${Buffer.from(id).toString('base64')}</KeyIdentifier>`,
      );
      const kek = /<KeyEncryptionKey>([^<]+)</.exec(asked)?.[1] ?? '';
      const secret = Buffer.from(key).toString('base64');
      expect(await unseal(inside(made.answer), [])).toContain(secret);
      expect(await unseal(inside(fetched.answer), ['--kek', kek])).toContain(secret);
    },
    30_000,
  );

  /** An official sender writes these too, or leaves them out: nothing is wrong with them here. */
  const FINE = ['none', 'pkcs1-signature', 'der', 'shuffled-chain'];

  judge.each(['weak-digest', 'oaep'])(
    'a request with %s is refused',
    async (kind) => {
      expect(await answerTo(kind)).toEqual(['SEALED_CONTENT_INVALID']);
    },
    30_000,
  );

  deep(
    'of the messages of BouncyCastle with one thing wrong, only the harmless are answered',
    async () => {
      const { stdout } = await run(ORACLE, ['kinds'], { env: ORACLE_ENV });
      const kinds = stdout
        .split(/\s+/)
        .filter((kind) => !['', 'encryption-key-as-signer'].includes(kind));
      expect(kinds.length).toBeGreaterThan(30);
      const answered: string[] = [];
      for (const kind of kinds) {
        if ((await answerTo(kind)).length === 0) {
          answered.push(kind);
        }
      }
      expect(answered).toEqual(FINE);
    },
    90_000,
  );
});

/** Codes with which BouncyCastle's message of a kind is refused. */
async function answerTo(kind: string): Promise<readonly string[]> {
  const { sandbox } = world.test;
  const { certificate, privateKey } = jean;
  const p12 = await p12Of('sender', certificate, privateKey, 'authentication', [
    sandbox.pki.issuingCa.certificate,
    sandbox.pki.ehealthRoot.certificate,
  ]);
  const other = ['--other-p12', pkiPath('other.p12')];
  const content = join(folder, 'content');
  await writeFile(content, newKey());
  await writeFile(join(folder, 'kgss.etk'), service.token);
  await writeFile(join(folder, 'jean.etk'), options.own.token);
  const out = join(folder, 'negative');
  await run(
    ORACLE,
    ['negative', '--kind', kind, '--p12', p12, '--pass', 'test', ...other, '--to', join(folder, 'kgss.etk'), '--not-to', join(folder, 'jean.etk'), '--in', content, '--out', out],
    { env: ORACLE_ENV },
  ); // prettier-ignore
  return (await send('GetNewKey', await readFile(out))).codes;
}

test('the sandbox opens its own seal only with its own key', () => {
  const message = sealed(newKey());
  expect(Buffer.from(openSealed(message, service.encryption).content).toString()).toBe(newKey());
  expect(() => openSealed(message, service.authentication)).toThrow('not sealed for this service');
});

test('a changed byte is refused, or is one that says nothing', () => {
  const whole = sealed(newKey());
  let refused = 0;
  for (let index = 0; index < 150; index += 1) {
    const bent = flip(Buffer.from(whole), Math.floor((index * whole.length) / 150));
    try {
      expect(Buffer.from(openSealed(bent, service.encryption).content).toString()).toBe(newKey());
    } catch (error) {
      expect(error).toBeInstanceOf(SealedContentError);
      refused += 1;
    }
  }
  // What is not signed: the certificates beside the signer's.
  expect(refused).toBeGreaterThan(100);
});
