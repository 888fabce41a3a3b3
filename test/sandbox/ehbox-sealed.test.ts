/** Sealed messages of the sandbox, judged by BouncyCastle. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { addMessages } from '../../src/sandbox/ehbox-delivery.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import { ask, DOCTOR, issueHolder, openTestSandbox, request, texts } from './ehbox-support.js';
import type { TestHolder, TestSandbox } from './ehbox-support.js';

const run = promisify(execFile);
const oracle = join(SHARED, 'tools/etee-oracle/etee-oracle');
const judge = hasShared() && hasProgram('java') && hasProgram('openssl') ? test : test.skip;

let test$: TestSandbox;
let doctor: TestHolder;
let folder: string;

beforeAll(async () => {
  test$ = await openTestSandbox();
  // The judge takes the real clock; the sandbox seals by its own.
  test$.setTime(new Date());
  doctor = await issueHolder(test$.sandbox);
  await doctor.publish();
  folder = await mkdtemp(join(tmpdir(), 'topaz-sealed-'));
});

afterAll(async () => {
  await test$.close();
  await rm(folder, { recursive: true, force: true });
});

judge(
  'every field is sealed on its own, by the sender that is named',
  async () => {
    const [id = ''] = await addMessages(test$.sandbox, [
      {
        to: `SSIN=${DOCTOR}`,
        quality: 'DOCTOR',
        from: 'NIHII-LABO=71234523',
        subject: 'clear',
        text: 'body é',
        sealed: true,
        important: false,
        patient: '85061199814',
        table: [['left', '']],
        attachments: [{ name: 'a.txt', text: 'annex', form: 'inline' }],
        unsealable: 'lost.txt',
      },
    ]);
    const { text } = await ask(
      test$.sandbox,
      doctor,
      request('GetFullMessage', `<Source>INBOX</Source><MessageId>${id}</MessageId>`),
    );
    const trust = join(folder, 'root.pem');
    await writeFile(trust, await readFile(test$.sandbox.pki.ehealthRootsFile));
    const p12 = await makeP12();
    const sealed = [
      ...texts(text, 'EncryptableTextContent'),
      ...texts(text, 'EncryptableTitle'),
      ...texts(text, 'EncryptableINSSPatient'),
      ...texts(text, 'EncryptableLeftCell'),
    ];
    const opened: string[] = [];
    for (const [n, base64] of sealed.entries()) {
      const path = join(folder, `part${n}`);
      await writeFile(path, Buffer.from(base64, 'base64'));
      const { stdout } = await run(oracle, ['unseal', '--p12', p12, '--pass', 'test', '--trust', trust, '--in', path, '--out', `${path}.out`]); // prettier-ignore
      expect(JSON.parse(stdout)).toMatchObject({ errors: [] });
      expect(stdout).toMatch(/CN=NIHII-LABO\\+=71234523/);
      opened.push(await readFile(`${path}.out`, 'utf8'));
    }
    expect(opened).toEqual(['body é', 'annex', 'a.txt', 'lost.txt', '85061199814', 'left']);
    // An empty cell is not sealed.
    expect(text).toContain('<EncryptableRightCell/>');
  },
  60_000,
);

/** Both keys of the doctor, made by openssl and keytool-readable. */
async function makeP12(): Promise<string> {
  const pem = join(folder, 'doctor.pem');
  const { encryption, encryptionKey } = doctor;
  const certificate = Buffer.from(encryption.der).toString('base64').replace(/.{64}/g, '$&\n');
  await writeFile(
    pem,
    `${encryptionKey.export({ type: 'pkcs8', format: 'pem' }).toString()}-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  );
  const p12 = join(folder, 'doctor.p12');
  await run('openssl', ['pkcs12', '-export', '-in', pem, '-out', p12, '-passout', 'pass:test', '-name', encryption.serial.toString()]); // prettier-ignore
  return p12;
}
