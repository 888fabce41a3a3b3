/**
 * A sandbox from start to stop: lock, state, trust, server, control socket, profile (sandbox sheet §1). The
 * profile is written last: who reads it finds a server that answers.
 *
 * @module
 */

import { join, resolve } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { acquireLock } from '../disk/lock.js';
import type { Lock } from '../disk/lock.js';
import { TopazError } from '../errors.js';
import type { Paths } from '../profile/paths.js';
import { applySeed } from './apply-seed.js';
import { openCitizenPki, toPem } from './citizen-pki.js';
import { controlHandler } from './control.js';
import { listenForControl } from './control-socket.js';
import type { Sandbox } from './exchange.js';
import { readCardTrust } from './card-trust.js';
import { openServerPki } from './pki.js';
import { writeSandboxProfile } from './sandbox-profile.js';
import { openRecorder } from './record.js';
import { openSchemas } from './schemas.js';
import type { Seed } from './seed.js';
import { startRevocation } from './revocation-server.js';
import { startServer } from './server.js';
import { openState } from './state.js';
import type { Approval } from './state.js';

export interface SandboxOptions {
  readonly paths: Paths;
  readonly dataFolder: string;
  readonly port: number;
  readonly profile: string;
  /** Folder of `--record`. */
  readonly recordFolder?: string | undefined;
  /** Folders in which to look for the official schemas, best first. */
  readonly schemaFolders: readonly (string | undefined)[];
  /** Refuses also what the real services tolerate from official clients. @default false */
  readonly strict?: boolean | undefined;
  /** PEM file with more roots of cards. */
  readonly trustEid?: string | undefined;
  readonly seed?: Seed | undefined;
  readonly approve?: Approval | undefined;
  /** Where the sandbox's clock starts; without it, where it stood. */
  readonly time?: Date | undefined;
  readonly realNow: () => number;
  readonly newId: () => string;
}

/** What `sandbox start` prints. */
export interface SandboxFacts {
  readonly url: string;
  readonly caFile: string;
  readonly profile: string;
  readonly pid: number;
  readonly dataDir: string;
  readonly recordDir: string | null;
}

export interface RunningSandbox {
  readonly facts: SandboxFacts;
  /** Settles when somebody asked it to stop by its control socket. */
  readonly stopped: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts.
 *
 * @throws TopazError `E_SANDBOX_RUNNING` that names the holder of the data folder, `E_FILE_NOT_FOUND`
 *   (`--trust-eid`), `E_ENVIRONMENT_MISMATCH` (the profile is one of a real environment), `E_LOCKED`.
 */
export async function runSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const dataFolder = resolve(options.dataFolder);
  await makePrivateFolder(dataFolder);
  const lock = await lockFolder(dataFolder);
  try {
    return await open(options, dataFolder, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function lockFolder(dataFolder: string): Promise<Lock> {
  try {
    return await acquireLock(join(dataFolder, 'lock'), { timeoutMs: 0 });
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_LOCKED') {
      throw new TopazError('E_SANDBOX_RUNNING', 'a sandbox uses this data folder already', {
        facts: [`data folder ${dataFolder}`, ...error.facts],
        hint: 'topaz sandbox stop, or choose another --data folder',
        details: error.details,
        cause: error,
      });
    }
    throw error;
  }
}

async function open(
  options: SandboxOptions,
  dataFolder: string,
  lock: Lock,
): Promise<RunningSandbox> {
  const sandbox = await openSandbox(options, dataFolder);
  const { state, store } = sandbox;
  state.approve = options.approve ?? state.approve;
  if (options.time !== undefined) {
    state.clockOffsetMs = options.time.getTime() - options.realNow();
  }
  if (options.seed !== undefined) {
    await applySeed(sandbox, options.seed);
  }
  await store.save();
  const eidRootsFile = join(dataFolder, 'pki', 'eid-roots.crt');
  await writeFileAtomic(eidRootsFile, sandbox.eidRoots.map(({ der }) => toPem(der)).join(''));
  const recorder = await openRecorder(dataFolder, options.recordFolder);
  const server = await startServer(sandbox, recorder, options.port);
  const revocation = await startRevocation(sandbox, recorder);
  const url = `https://127.0.0.1:${server.port}`;
  const writeProfile = (name: string): Promise<string> =>
    writeSandboxProfile(options.paths, name, { url, pki: sandbox.pki, eidRootsFile, offsetSeconds: Math.round(state.clockOffsetMs / 1000) }); // prettier-ignore
  const facts: SandboxFacts = {
    url,
    caFile: sandbox.pki.caFile,
    profile: options.profile,
    pid: process.pid,
    dataDir: dataFolder,
    recordDir: options.recordFolder === undefined ? null : resolve(options.recordFolder),
  };
  let askedToStop: () => void = () => undefined;
  const stopped = new Promise<void>((done) => {
    askedToStop = done;
  });
  const control = await listenForControl(
    dataFolder,
    controlHandler(sandbox, {
      facts: { ...facts },
      stop: () => {
        askedToStop();
      },
      moveClock: async (date) => {
        state.clockOffsetMs = date.getTime() - options.realNow();
        await store.save();
        await writeProfile(options.profile);
      },
      writeProfile: (name) => writeProfile(name ?? options.profile),
    }),
  );
  try {
    await writeProfile(options.profile);
  } catch (error) {
    await control.close();
    await server.close();
    await revocation.close();
    throw error;
  }
  return {
    facts,
    stopped,
    close: async () => {
      await server.close();
      await revocation.close();
      await control.close();
      await store.save();
      await lock.release();
    },
  };
}

async function openSandbox(options: SandboxOptions, dataFolder: string): Promise<Sandbox> {
  const [store, pki, citizenPki, added] = await Promise.all([
    openState(dataFolder),
    openServerPki(dataFolder),
    openCitizenPki(options.paths.data),
    readCardTrust(options.trustEid),
  ]);
  const { state } = store;
  return {
    store,
    state,
    pki,
    citizenPki,
    eidRoots: [citizenPki.root.certificate, ...added.roots],
    eidIssuers: added.issuers,
    schemas: openSchemas(options.schemaFolders),
    strict: options.strict === true,
    now: () => new Date(options.realNow() + state.clockOffsetMs),
    realNow: options.realNow,
    newId: options.newId,
  };
}
