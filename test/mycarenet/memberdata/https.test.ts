/** Over TLS to the sandbox as it is started, from the client's own transport. */

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { parseSsin } from '../../../src/ids/ssin.js';
import { createSigner } from '../../../src/keys/software-keys.js';
import { findCareProvider } from '../../../src/mycarenet/care-provider.js';
import { isTestFor } from '../../../src/mycarenet/common-input.js';
import { consultMemberData } from '../../../src/mycarenet/memberdata/client.js';
import type { MemberDataCaller } from '../../../src/mycarenet/memberdata/client.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import { createReferences } from '../../../src/mycarenet/reference.js';
import { belgianDay } from '../../../src/mycarenet/belgian-day.js';
import { endpoint } from '../../../src/profile/endpoints.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { readProfile } from '../../../src/profile/profile.js';
import { tlsTrust, trustRoots } from '../../../src/profile/trust.js';
import { publicKeyInfoOf, subjectOf } from '../../../src/sandbox/citizen-pki.js';
import { askSandbox } from '../../../src/sandbox/control-socket.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import type { Sandbox } from '../../../src/sandbox/exchange.js';
import { issueCertificate, openServerPki } from '../../../src/sandbox/pki.js';
import { runSandbox } from '../../../src/sandbox/run-sandbox.js';
import type { RunningSandbox } from '../../../src/sandbox/run-sandbox.js';
import { makeAssertion } from '../../../src/sandbox/sts-assertion.js';
import { createCall } from '../../../src/soap/call.js';
import type { Call } from '../../../src/soap/call.js';
import { createTransport } from '../../../src/soap/transport.js';
import type { Transport } from '../../../src/soap/transport.js';
import { temporaryHome } from '../../support/context.js';
import { SHARED } from '../../support/tools.js';
import { DOCTOR } from '../other-client.js';
import { QUERY } from './values.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let running: RunningSandbox;
let transport: Transport;
let call: Call;
let url: string;
let caller: MemberDataCaller;
let data: string;
const now = (): Date => new Date();

beforeAll(async () => {
  home = await temporaryHome();
  data = join(home.dir, 'data');
  const paths = resolvePaths({ env: home.env, platform: 'linux', home: home.dir });
  running = await runSandbox({
    paths,
    dataFolder: data,
    port: 0,
    profile: 'sandbox',
    recordFolder: join(home.dir, 'record'),
    schemaFolders: [join(SHARED, 'schemas')],
    strict: true,
    seed: demoSeed(),
    realNow: Date.now,
    newId: randomUUID,
  });
  const profile = await readProfile(paths, 'sandbox');
  url = endpoint(profile, 'memberdata');
  transport = createTransport({ ...(await tlsTrust(profile)), userAgent: 'topaz-test' });
  call = createCall({ transport, now, newId: randomUUID, timeoutMs: 20_000 });
  const pki = await openServerPki(data);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const holder = issueCertificate(
    pki,
    subjectOf([['2.5.4.3', 'SSIN=79021599732']]),
    publicKeyInfoOf(privateKey),
    { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) },
  );
  const assertion = makeAssertion({ pki, now, newId: randomUUID } as Sandbox, {
    subjectDn: 'CN=SSIN\\=79021599732',
    issuerDn: 'CN=test',
    holder,
    notBefore: new Date(Date.now() - 60_000),
    notOnOrAfter: new Date(Date.now() + 3_600_000),
    attributes: DOCTOR.attributes,
    badSignature: false,
  }).text;
  caller = {
    origin: {
      packageName: 'topaz',
      license: { username: 'topaz', password: Buffer.from('the licence of this test') },
      careProvider: findCareProvider(
        {},
        {
          holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' },
          attributes: DOCTOR.attributes,
        },
      ),
    },
    isTest: isTestFor(profile.environment, url),
    roots: await trustRoots(profile, 'ehealthRoots'),
    security: {
      kind: 'saml',
      assertion,
      assertionId: /AssertionID="([^"]+)"/.exec(assertion)?.[1] ?? '',
      signer: createSigner(privateKey, [holder]),
    },
  };
}, 30_000);

afterAll(async () => {
  await transport.close();
  await running.close();
  await home.remove();
});

beforeEach(() => askSandbox(data, 'fail', { clear: true }));

const newReference = createReferences(now, randomUUID);
const ask = (ssin: string, more: Partial<MemberDataQuery> = {}, through = call) => {
  const today = belgianDay(now());
  const query = {
    ...QUERY,
    patient: { kind: 'ssin', ssin: parseSsin(ssin) } as const,
    from: today,
    to: today,
    ...more,
  };
  return consultMemberData(through, url, caller, query, { now, newId: randomUUID, newReference });
};

describe('the sandbox as it is started', () => {
  test('answers at the path of the real host, and was content with everything', async () => {
    expect(new URL(url).pathname).toBe('/MyCareNet/MemberData/v1');
    const { reply } = await ask('85061199814');
    expect(reply.insurability).toMatchObject({
      status: 'insured',
      patient: { lastName: 'Voorbeeld', firstName: 'Marie' },
      periods: [{ mutuality: '319', ct1: '110', ct2: '110' }],
    });
    const record = join(home.dir, 'record');
    const names = (await readdir(record)).filter((name) => name.endsWith('.json')).sort();
    expect(names).toEqual(['0001-memberdata-MemberDataConsultation.json']);
    const exchange = JSON.parse(await readFile(join(record, names.at(-1) ?? ''), 'utf8')) as {
      checks: { state: string; detail?: string }[];
    };
    expect(exchange).toMatchObject({
      service: 'memberdata',
      operation: 'MemberDataConsultation',
      status: 200,
    });
    expect(
      exchange.checks.filter(
        ({ state, detail }) => state === 'failed' || detail?.startsWith('tolerated') === true,
      ),
    ).toEqual([]);
  });

  test('the signed answer of a mutuality is verified with the roots of the profile', async () => {
    const { reply } = await ask('60031599728');
    expect(reply.insurability).toMatchObject({ thirdPartyPayer: true, periods: [{ bim: true }] });
    expect(reply.warnings).toEqual([]);
  });

  test.each([
    ['refused', 'E_NETWORK_RESET', 6],
    ['reset', 'E_NETWORK_RESET', 6],
    ['http:503', 'E_NETWORK_HTTP', 6],
    ['fault:SOA-02002', 'E_SOAP_FAULT', 7],
    ['truncated', 'E_XML_MALFORMED', 9],
    ['oversized', 'E_REPLY_TOO_LARGE', 9],
    ['xml:bomb', 'E_XML_MALFORMED', 9],
    ['bad-signature', 'E_SIGNATURE_INVALID', 9],
    ['wrong-holder', 'E_REPLY_INVALID', 9],
  ])('--with %s is %s', async (kind, code, exitCode) => {
    await askSandbox(data, 'fail', { target: 'memberdata', kind });
    await expect(ask('85061199814')).rejects.toMatchObject({ code, exitCode });
  });

  test('who does not answer in time is not waited for', async () => {
    await askSandbox(data, 'fail', { target: 'memberdata', kind: 'timeout' });
    const hasty = createCall({ transport, now, newId: randomUUID, timeoutMs: 400 });
    const started = performance.now();
    await expect(ask('85061199814', {}, hasty)).rejects.toMatchObject({ code: 'E_NETWORK_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(5000);
  }); // prettier-ignore

  test('delivered twice, it is answered once', async () => {
    await askSandbox(data, 'fail', { target: 'memberdata', kind: 'duplicate' });
    expect((await ask('85061199814')).reply.insurability.status).toBe('insured');
  });
});
