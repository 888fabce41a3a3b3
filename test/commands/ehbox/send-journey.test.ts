/**
 * Two persons write to each other through the built program: what is on the wire is opened by BouncyCastle, its
 * signature judged by Santuario; and a program that is killed while it sends neither loses nor doubles a message.
 */

import { execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { createHome } from '../../support/binary.js';
import type { Home } from '../../support/binary.js';
import { hasProgram, hasShared, SHARED } from '../../support/tools.js';

const run = promisify(execFile);
const judge = hasShared() && hasProgram('java') ? test : test.skip;
const DEEP = process.env['TOPAZ_DEEP'] === '1';
/** Fixed, so that a failure comes back. */
const DELAYS_MS = DEEP ? Array.from({ length: 24 }, (_, n) => (n * 37) % 240) : [0, 60, 140];

const PEOPLE = { doctor: 'SSIN=79021599732', nurse: 'SSIN=72090499770' } as const;
type Who = keyof typeof PEOPLE;

let home: Home;

async function as(who: Who): Promise<void> {
  await home.json(['keystore', 'use', who]);
  await home.json(['profile', 'set', 'ehbox.quality', who.toUpperCase()]);
  await home.json(['session', 'open', '--via', 'keystore', '--as', who, '--force', '--password-file', home.passwordFile, '--no-agent']); // prettier-ignore
}

const pass = (): readonly string[] => ['--password-file', home.passwordFile, '--no-agent'];

async function inbox(): Promise<readonly { subject: string; sealStatus: string; id: string }[]> {
  await home.run(['ehbox', 'sync', ...pass()]);
  const { messages } = (await home.json(['ehbox', 'list'])) as { messages: { subject: string; sealStatus: string; id: string }[] }; // prettier-ignore
  return messages;
}

beforeAll(async () => {
  home = await createHome();
  await home.startSandbox('--seed', 'demo', '--strict', '--record', home.path('wire'), '--schemas', join(SHARED, 'schemas'));
  for (const who of ['doctor', 'nurse'] as const) {
    await home.json(['sandbox', 'keystore', 'create', '--holder', PEOPLE[who], '--out', home.path(`${who}.p12`), '--password-file', home.passwordFile, '--data', home.path('sandbox-data')]);
    await home.json(['keystore', 'import', home.path(`${who}.p12`), '--alias', who, '--password-file', home.passwordFile]);
  }
  await writeFile(home.path('report.txt'), 'findings of the day\n');
}, 120_000); // prettier-ignore

afterAll(async () => {
  await home.close();
}, 30_000);

/** A recorded SendMessage: the envelope, and the parts beside it. */
async function wire(): Promise<{ readonly envelope: string; readonly parts: readonly Buffer[] }> {
  const folder = home.path('wire');
  const name = (await readdir(folder)).filter((one) => one.includes('ehboxPublication') && one.endsWith('.request')).sort().at(-1);
  const base = name ?? (await readdir(folder)).filter((one) => one.includes('ehboxPublication') && one.endsWith('.request.body')).sort().at(-1) ?? '';
  const body = await readFile(join(folder, base));
  const boundary = /^--[^\r\n]+/.exec(body.toString('latin1', 0, 200))?.[0] ?? '';
  const pieces = body.toString('latin1').split(`\r\n${boundary}`).map((piece) => piece.slice(piece.indexOf('\r\n\r\n') + 4));
  return {
    envelope: Buffer.from(pieces[0] ?? '', 'latin1').toString('utf8'),
    parts: pieces.slice(1, -1).map((piece) => Buffer.from(piece, 'latin1')),
  };
} // prettier-ignore

judge(
  'one writes, the other reads and answers; judges from elsewhere agree with the wire',
  async () => {
    await as('doctor');
    const sent = await home.json(['ehbox', 'send', '--to', `${PEOPLE.nurse}:NURSE`, '--subject', 'Wire', '--text', 'for your eyes é', '--attach', 'report.txt', ...pass()]);
    expect(sent).toMatchObject({ state: 'sent' });
    const { envelope, parts } = await wire();
    expect(envelope).not.toContain('for your eyes');
    await writeFile(home.path('envelope.xml'), envelope);
    const verdict = await run(join(SHARED, 'tools/verify-wss/verify-wss'), ['--expect', 'saml', '--require', 'timestamp,body', '--sts-cert', home.path('sandbox-data', stsFile()), home.path('envelope.xml')]);
    expect(verdict.stdout).toMatch(/^OK/i);
    const text = /<EncryptableTextContent>([^<]+)</.exec(envelope)?.[1] ?? '';
    const sealed = [Buffer.from(text, 'base64'), ...parts];
    const opened: string[] = [];
    for (const who of ['nurse', 'doctor'] as const) {
      // The text for the sender, the attachment for the recipient; all of it for both in the deep run.
      for (const [n, bytes] of [...sealed.entries()].filter(([at]) => DEEP || (at === 0) === (who === 'doctor'))) {
        const path = home.path(`sealed-${who}-${n}`);
        await writeFile(path, bytes);
        const { stdout } = await run(join(SHARED, 'tools/etee-oracle/etee-oracle'), ['unseal', '--p12', home.path(`${who}.p12`), '--pass', (await readFile(home.passwordFile, 'utf8')).trim(), '--trust', home.path('sandbox-data', rootFile()), '--in', path, '--out', `${path}.out`]);
        expect(JSON.parse(stdout)).toMatchObject({ errors: [] });
        opened.push(await readFile(`${path}.out`, 'utf8'));
      }
    }
    // For the recipient and for the sender, the same bytes.
    const texts = ['for your eyes é', 'findings of the day\n'];
    expect(opened).toEqual(DEEP ? [...texts, ...texts] : [texts[1], texts[0]]);
    await as('nurse');
    const received = (await inbox()).find(({ subject }) => subject === 'Wire');
    expect(received).toMatchObject({ sealStatus: 'ok' });
    expect(await home.json(['ehbox', 'send', '--to', `${PEOPLE.doctor}:DOCTOR`, '--subject', 'Re: Wire', '--text', 'thanks', ...pass()])).toMatchObject({ state: 'sent' });
    await as('doctor');
    expect((await inbox()).filter(({ subject }) => subject === 'Re: Wire')).toMatchObject([{ sealStatus: 'ok' }]);
  },
  120_000,
); // prettier-ignore

const named = (pattern: RegExp): string =>
  readdirSync(home.path('sandbox-data'), { recursive: true, encoding: 'utf8' }).find((name) => pattern.test(name)) ?? ''; // prettier-ignore
const stsFile = (): string => named(/sts[^/]*\.(?:pem|crt)$/);
const rootFile = (): string => named(/ehealth[^/]*root[^/]*\.(?:pem|crt)$/);

const outboxFolder = (): string => home.path('home', 'data', 'sandbox', 'outbox', 'sandbox', 'INSS-79021599732-DOCTOR'); // prettier-ignore

/** Sends, and kills the program so long after its message stands in the outbox. */
function sendAndKill(id: string, delayMs: number): Promise<void> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [resolve('bin/topaz.js'), 'ehbox', 'send', '--to', `${PEOPLE.nurse}:NURSE`, '--subject', id, '--text', 'x', '--id', id, ...pass()], { cwd: home.dir, env: home.env, stdio: 'ignore' }); // prettier-ignore
    const watch = setInterval(() => {
      if (names().includes(`m-${id}.json`)) {
        clearInterval(watch);
        setTimeout(() => child.kill('SIGKILL'), delayMs);
      }
    }, 1);
    child.on('close', () => {
      clearInterval(watch);
      done();
    });
  });
}

function names(): readonly string[] {
  try {
    return readdirSync(outboxFolder());
  } catch {
    return [];
  }
}

test(
  'killed between the outbox and the answer: every message arrives once',
  async () => {
    await as('doctor');
    const ids = DELAYS_MS.map((_, n) => `KILL${n}`);
    for (const [n, id] of ids.entries()) {
      await sendAndKill(id, DELAYS_MS[n] ?? 0);
    }
    await home.run(['ehbox', 'outbox', '--retry', ...pass()]);
    const { messages } = (await home.json(['ehbox', 'outbox'])) as { messages: { id: string; state: string }[] };
    const mine = messages.filter(({ id }) => id.startsWith('KILL'));
    expect(mine.map(({ id, state }) => `${id} ${state}`).sort()).toEqual(ids.map((id) => `${id} sent`).sort());
    await as('nurse');
    const arrived = (await inbox()).map(({ subject }) => subject).filter((subject) => subject.startsWith('KILL'));
    expect(arrived.sort()).toEqual([...ids].sort());
  },
  DEEP ? 300_000 : 60_000,
); // prettier-ignore
