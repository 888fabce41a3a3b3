/**
 * A home with a mirror in it, made by a synchronisation with a box in memory; commands that read it run as
 * typed. Seals and keystores are those of `fixtures/cms`.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MailboxMirror } from '../../../src/ehbox/mirror.js';
import { createOpener } from '../../../src/ehbox/opener.js';
import type { Opener } from '../../../src/ehbox/opener.js';
import { runSync } from '../../../src/ehbox/sync.js';
import type { SyncOptions, SyncResult } from '../../../src/ehbox/sync.js';
import { main } from '../../../src/main.js';
import { decrypterOf, MADE_AT, oracleMessage, pkiPath, ROOTS } from '../../etee/pki.js';
import { FakeBox } from '../../ehbox/fake-box.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';

export const MADE_ON = MADE_AT.toISOString().slice(0, 10);

export const base64 = (kind: string): string => Buffer.from(oracleMessage(kind)).toString('base64');

/** An annex of a sealed message. */
export const annex = (kind: string, name: string): string =>
  `<Annex><EncryptableTitle>${base64('none')}</EncryptableTitle><EncryptableTextContent>${base64(kind)}</EncryptableTextContent><DownloadFileName>${name}</DownloadFileName><MimeType>text/plain</MimeType></Annex>`;

/** An annex of a clear message. */
export const clearAnnex = (text: string, name: string, mimeType = 'text/plain'): string =>
  `<Annex><EncryptableTitle>${Buffer.from(name).toString('base64')}</EncryptableTitle><EncryptableTextContent>${Buffer.from(text).toString('base64')}</EncryptableTextContent><DownloadFileName>${name}</DownloadFileName><MimeType>${mimeType}</MimeType></Annex>`;

export const opener: Opener = createOpener({
  decrypters: [decrypterOf('recipient')],
  roots: ROOTS,
  now: MADE_AT,
});

export type Outcome = TestContext & { readonly status: number; readonly output: Buffer };

export interface World {
  /** The folder that commands run in. */
  readonly dir: string;
  readonly box: FakeBox;
  readonly mirror: MailboxMirror;
  sync(options?: Partial<SyncOptions>): Promise<SyncResult>;
  run(argv: readonly string[], overrides?: ContextOverrides): Promise<Outcome>;
  json(argv: readonly string[]): Promise<Record<string, unknown>>;
  /** Runs with `--json`; status, error of stderr, document of stdout. */
  failure(argv: readonly string[]): Promise<{
    status: number;
    code: string;
    document: Record<string, unknown> | undefined;
  }>;
  remove(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const home = await temporaryHome();
  const dir = join(home.dir, 'work');
  const keystores = join(home.dir, 'data', 'default', 'keystores');
  await mkdir(dir);
  await mkdir(keystores, { recursive: true, mode: 0o700 });
  await mkdir(join(home.dir, 'config', 'profiles'), { recursive: true, mode: 0o700 });
  for (const name of ['recipient', 'other', 'expired']) {
    await copyFile(pkiPath(`${name}.p12`), join(keystores, `${name}.p12`));
  }
  await writeFile(join(dir, 'password'), 'test\n', { mode: 0o600 });
  const profile = {
    schema: 'topaz.profile/1',
    environment: 'acc',
    keystore: 'recipient',
    ehbox: { quality: 'DOCTOR' },
    trust: { ehealthRoots: pkiPath('root.pem') },
  };
  await writeFile(join(home.dir, 'config', 'profiles', 'default.json'), JSON.stringify(profile), {
    mode: 0o600,
  });
  const box = new FakeBox();
  const folder = join(home.dir, 'data', 'default', 'ehbox', 'acc', 'NIHII-19547181-DOCTOR');
  const mirror = new MailboxMirror(folder, { now: () => MADE_AT, newId: randomUUID });
  const run: World['run'] = async (argv, { env = {}, ...overrides } = {}) => {
    const ctx = testContext({
      cwd: dir,
      now: () => MADE_AT,
      ...overrides,
      env: { ...home.env, TOPAZ_PROFILE: 'default', NO_COLOR: '1', ...env },
    });
    const status = await main(['ehbox', ...argv], ctx);
    return { ...ctx, status, output: Buffer.concat(ctx.bytes) };
  };
  return {
    dir,
    box,
    mirror,
    sync: async (options = {}) => {
      await mirror.create();
      const result = await runSync(mirror, {
        ...box.source,
        environment: 'acc',
        info: {
          box: { type: 'NIHII', id: '19547181', quality: 'DOCTOR' },
          standBy: 0,
          usedBytes: 0,
          maxBytes: 10_485_760,
        },
        opener,
        annexes: true,
        now: () => MADE_AT,
        pause: () => Promise.resolve(),
        ...options,
      });
      if (result.stopped !== undefined) {
        throw result.stopped;
      }
      return result;
    },
    run,
    json: async (argv) => {
      const { status, stdout, stderr } = await run([...argv, '--json']);
      if (status !== 0) {
        throw new Error(stderr.join('\n'));
      }
      return JSON.parse(stdout.join('\n')) as Record<string, unknown>;
    },
    failure: async (argv) => {
      const { status, stdout, stderr } = await run([...argv, '--json']);
      const { error } = JSON.parse(stderr.at(-1) ?? '{}') as { error: { code: string } };
      const text = stdout.join('\n');
      return {
        status,
        code: error.code,
        document: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
      };
    },
    remove: home.remove,
  };
}
