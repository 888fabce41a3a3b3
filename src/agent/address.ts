/**
 * Where an agent listens, and whether that place may be trusted: a socket in a folder that only its owner
 * can enter. Both sides look, the agent before it listens and the client before it speaks.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

import { diskError } from '../disk/atomic.js';
import { systemCode, TopazError } from '../errors.js';

/** Systems cut the path of a socket at about this length. */
const MAX_PATH_BYTES = 100;

export interface Owner {
  readonly platform?: NodeJS.Platform;
  /** User that must own everything; nothing is checked where the system knows none (Windows). */
  readonly uid?: number | undefined;
}

export interface AddressOptions extends Owner {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The socket of a profile: in `$XDG_RUNTIME_DIR/topaz` where that folder is the user's own, else in the state
 * folder; below `/tmp` where both are too long for a socket. On Windows a named pipe.
 *
 * @param state State folder of the profile.
 */
export async function agentAddress(
  state: string,
  { env, platform = process.platform, uid = process.getuid?.() }: AddressOptions,
): Promise<string> {
  const name = createHash('sha256').update(resolve(state)).digest('hex').slice(0, 24);
  if (platform === 'win32') {
    return `\\\\.\\pipe\\topaz-agent-${name}`;
  }
  const runtime = env['XDG_RUNTIME_DIR'];
  const own =
    runtime !== undefined && isAbsolute(runtime) && (await isPrivate(runtime, uid))
      ? [join(runtime, 'topaz', `${name}.sock`)]
      : [];
  const last = join('/tmp', `topaz-${uid ?? 0}`, `${name}.sock`);
  const candidates = [...own, join(resolve(state), 'agent', 'socket'), last];
  return candidates.find((path) => Buffer.byteLength(path) <= MAX_PATH_BYTES) ?? last;
}

async function isPrivate(folder: string, uid: number | undefined): Promise<boolean> {
  try {
    const facts = await lstat(folder);
    return facts.isDirectory() && complaint(facts, uid) === undefined;
  } catch {
    return false;
  }
}

/**
 * Makes the folder of a socket where it is not there yet, and looks at it.
 *
 * @throws TopazError `E_AGENT_UNSAFE`, `E_READ_ONLY`, `E_DISK_FULL`.
 */
export async function prepareFolder(socket: string, owner: Owner = {}): Promise<void> {
  if (isPipe(socket, owner)) {
    return;
  }
  const folder = dirname(socket);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    // Something else than a folder is there: the check says what.
    if (systemCode(error) !== 'EEXIST') {
      throw diskError(error, folder);
    }
  }
  await checkFolder(socket, owner);
}

/** @throws TopazError `E_AGENT_UNSAFE`, and the error of `lstat`. */
export async function checkFolder(socket: string, owner: Owner = {}): Promise<void> {
  if (isPipe(socket, owner)) {
    return;
  }
  const folder = dirname(socket);
  const facts = await lstat(folder);
  refuse(folder, facts.isDirectory() ? complaint(facts, uidOf(owner)) : 'it is no folder');
}

/** @throws TopazError `E_AGENT_UNSAFE`, and the error of `lstat`. */
export async function checkSocket(socket: string, owner: Owner = {}): Promise<void> {
  if (isPipe(socket, owner)) {
    return;
  }
  await checkFolder(socket, owner);
  const facts = await lstat(socket);
  refuse(socket, facts.isSocket() ? complaint(facts, uidOf(owner)) : 'it is no socket');
}

const isPipe = (socket: string, { platform = process.platform }: Owner): boolean =>
  platform === 'win32' || socket.startsWith('\\\\.\\pipe\\');

const uidOf = (owner: Owner): number | undefined =>
  'uid' in owner ? owner.uid : process.getuid?.();

function complaint({ mode, uid: owner }: Stats, uid: number | undefined): string | undefined {
  if (uid !== undefined && owner !== uid) {
    return 'it belongs to another user';
  }
  return (mode & 0o077) === 0 ? undefined : 'others than its owner can reach it';
}

function refuse(path: string, why: string | undefined): void {
  if (why !== undefined) {
    throw new TopazError('E_AGENT_UNSAFE', 'the place of the session agent cannot be trusted', {
      facts: [path, why],
      hint: `look who made it, then remove it: ${path}; or use --no-agent`,
    });
  }
}
