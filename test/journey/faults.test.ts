/**
 * Every kind of fault that the sandbox plays, and what a person or a script is told: code, exit status,
 * an error document, never a hang and never a stack.
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createHome, type Home } from '../support/binary.js';

const SSIN = '79021599732';
let home: Home;
let data: string[];
let password: string[];

beforeAll(async () => {
  home = await createHome();
  data = ['--data', home.path('sandbox-data')];
  password = ['--password-file', home.passwordFile];
  await home.startSandbox('--seed', 'demo');
  await home.json([
    'sandbox', 'keystore', 'create', ...data, '--holder', `SSIN=${SSIN}`, '--out', home.path('doctor.p12'), ...password,
  ]); // prettier-ignore
  await home.json(['keystore', 'import', home.path('doctor.p12'), '--use', ...password]);
}, 60_000);

afterAll(async () => {
  await home.close();
}, 30_000);

const fail = (...args: string[]) => home.json(['sandbox', 'fail', ...args, ...data]);

describe('a service that fails', () => {
  const fetch = ['etk', 'fetch', `SSIN=${SSIN}`, '--refresh'];

  test.each([
    ['refused', 6, /^E_NETWORK/],
    ['reset', 6, /^E_NETWORK/],
    ['http:503', 6, /^E_NETWORK_HTTP$/],
    ['http:404', 6, /^E_NETWORK_HTTP$/],
    ['lost', 6, /^E_NETWORK/],
    ['fault:SOA-02002', 7, /^E_SOAP_FAULT$/],
    ['fault:SOA-01002', 7, /^E_SOAP_FAULT$/],
    ['truncated', 9, /^E_(XML_MALFORMED|REPLY_INVALID)$/],
    ['oversized', 9, /^E_(REPLY_TOO_LARGE|XML_LIMIT)$/],
    ['xml:dtd', 9, /^E_XML_MALFORMED$/],
    ['xml:bomb', 9, /^E_XML_MALFORMED$/],
    ['xml:deep', 9, /^E_XML_LIMIT$/],
  ])('%s: exit status %i', async (kind, status, code) => {
    await fail('etkdepot', '--with', kind, '--times', '1');
    const failure = await home.failure(fetch);
    expect(failure).toMatchObject({ status, stdout: '' });
    expect(failure.code).toMatch(code);
    expect((await home.run(fetch)).status).toBe(0);
  });

  test('timeout: the client gives up at --timeout', async () => {
    await fail('etkdepot', '--with', 'timeout', '--times', '1');
    const failure = await home.failure([...fetch, '--timeout', '1s']);
    expect(failure).toMatchObject({ status: 6, code: 'E_NETWORK_TIMEOUT' });
  });

  test.each(['slow:20000', 'duplicate'])('%s: the call succeeds', async (kind) => {
    await fail('etkdepot', '--with', kind, '--times', '1');
    expect((await home.run(fetch)).status).toBe(0);
  });

  test('a person is told the code of the service and what to do next', async () => {
    await fail('etkdepot', '--with', 'fault:SOA-02002', '--times', '1');
    const { status, stderr } = await home.run(fetch);
    expect(status).toBe(7);
    expect(stderr).toMatch(/^topaz: .* \[E_SOAP_FAULT\]$/m);
    expect(stderr).toContain('SOA-02002');
    expect(stderr).toMatch(/^ {2}next: /m);
    expect(stderr).not.toMatch(/\bat .*\.js:\d+/);
  });
});

describe.each(['wstrust', 'saml'])('an STS that lies by %s', (protocol) => {
  const open = () => [
    'session', 'open', '--via', 'keystore', '--as', 'doctor', '--sts', protocol, '--force', ...password,
  ]; // prettier-ignore

  test.each([
    ['bad-signature', 9],
    ['expired', 9],
    ['wrong-holder', 9],
    ['xml:wrapped', 9],
    ['fault:SOA-01001', 4],
    ['fault:SOA-02002', 7],
    ['fault:ws-trust:RequestFailed', 4],
  ])('%s: exit status %i and no session', async (kind, status) => {
    await home.run(['session', 'close']);
    await fail('sts', '--with', kind, '--times', '1');
    expect(await home.failure(open())).toMatchObject({ status, stdout: '' });
    expect((await home.run(['session', 'status'])).status).toBe(10);
  });

  test('and works when the fault is gone', async () => {
    await fail('--clear');
    expect((await home.run(open())).status).toBe(0);
  });
});

describe('what is wrong on this side', () => {
  test('a wrong keystore password', async () => {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(home.path('wrong'), 'not the password\n', { mode: 0o600 });
    const failure = await home.failure([
      'session', 'open', '--via', 'keystore', '--as', 'doctor', '--force', '--password-file', home.path('wrong'),
    ]); // prettier-ignore
    expect(failure).toMatchObject({ status: 4, code: 'E_KEYSTORE_PASSWORD' });
  });

  test('a file that is no keystore', async () => {
    const failure = await home.failure(['keystore', 'import', home.passwordFile, ...password]);
    expect(failure).toMatchObject({ status: 3, code: 'E_KEYSTORE_FORMAT' });
  });

  test('an expired certificate', async () => {
    const old = home.path('old.p12');
    await home.json([
      'sandbox', 'keystore', 'create', ...data, '--holder', 'SSIN=72090499770', '--out', old,
      '--not-after', '2025-12-31', ...password,
    ]); // prettier-ignore
    await home.json(['keystore', 'import', old, '--alias', 'old', ...password]);
    const { status } = await home.run([
      'session', 'open', '--via', 'keystore', '--as', 'nurse', '--keystore', 'old', '--force', ...password,
    ]); // prettier-ignore
    expect(status).toBe(4);
  });

  test('a quality that the holder does not have', async () => {
    const failure = await home.failure([
      'session', 'open', '--via', 'keystore', '--as', 'nurse', '--force', ...password,
    ]); // prettier-ignore
    expect(failure).toMatchObject({ status: 4, code: 'E_STS_REFUSED' });
  });

  test('the sandbox is refused in another environment', async () => {
    expect((await home.run(['etk', 'fetch', `SSIN=${SSIN}`, '--env', 'acc'])).status).toBe(3);
  });
});
