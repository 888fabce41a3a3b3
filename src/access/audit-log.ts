/**
 * The log of uses: append only, one line a use, with a head (count and hash of the last line) in another folder
 * that tells when lines at the end are gone.
 *
 * @module
 */

import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import { diskError, makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { withLock } from '../disk/lock.js';
import type { LockOptions } from '../disk/lock.js';
import { systemCode } from '../errors.js';
import { formatLine, headOf, parseLine, START } from './audit-line.js';
import type { AuditEntry, AuditHead, AuditRecord } from './audit-line.js';

export interface AuditFiles {
  readonly log: string;
  readonly head: string;
}

export interface AuditProblem {
  /** From 1; 0 for the log as a whole. */
  readonly line: number;
  /**
   * `line` = changed or no line of ours; `chain` = one before it is missing, moved or changed; `cut` = lines at
   * the end are gone; `head` = the head is gone or another one's.
   */
  readonly problem: 'line' | 'chain' | 'cut' | 'head';
}

export interface AuditReport {
  readonly head: AuditHead;
  readonly problems: readonly AuditProblem[];
  /** The last line is not complete: a crash, repaired at the next use. */
  readonly torn: boolean;
  readonly records: readonly AuditRecord[];
}

const TAIL_BYTES = 64 * 1024;
const MAX_PROBLEMS = 100;
const HEAD_SCHEMA = 'topaz.access.head/1';

/**
 * Adds one line. A torn last line is taken away first, and that is a line of its own; so is the loss of lines
 * that the head knew.
 *
 * @throws TopazError `E_LOCKED`, `E_DISK_FULL`, `E_READ_ONLY`: then nothing may be used.
 */
export async function appendEntry(
  files: AuditFiles,
  entry: AuditEntry,
  lock: LockOptions,
): Promise<AuditHead> {
  await makePrivateFolder(dirname(files.log));
  await makePrivateFolder(dirname(files.head));
  return withLock(`${files.log}.lock`, lock, async () => {
    try {
      const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
      const file = await open(files.log, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
      try {
        const head = await append(file, entry, await readHead(files.head));
        await writeFileAtomic(files.head, `${JSON.stringify({ schema: HEAD_SCHEMA, ...head })}\n`);
        return head;
      } finally {
        await file.close();
      }
    } catch (error) {
      throw diskError(error, files.log);
    }
  });
}

async function append(
  file: FileHandle,
  entry: AuditEntry,
  known: AuditHead | undefined,
): Promise<AuditHead> {
  const { end, last, torn, empty } = await readTail(file);
  const entries: AuditEntry[] = [];
  if (torn > 0) {
    entries.push({ event: 'repaired', at: entry.at, lost: torn });
  }
  if (isCut(last, known, empty)) {
    entries.push({ event: 'cut', at: entry.at, lost: Math.max(0, (known?.count ?? 0) - last.count) }); // prettier-ignore
  }
  entries.push(entry);
  let head = last;
  let text = '';
  for (const each of entries) {
    const made = formatLine(each, head);
    head = made.head;
    text += `${made.line}\n`;
  }
  if (torn > 0) {
    await file.truncate(end);
  }
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, end + done)).bytesWritten;
  }
  await file.sync();
  return head;
}

/** Fewer lines than the head counted, another last one, or no head where there are lines. */
const isCut = (last: AuditHead, known: AuditHead | undefined, empty: boolean): boolean =>
  known === undefined
    ? !empty
    : last.count < known.count || (last.count === known.count && last.hash !== known.hash);

interface Tail {
  /** Where the next line begins. */
  readonly end: number;
  readonly last: AuditHead;
  /** Bytes after the last line break. */
  readonly torn: number;
  readonly empty: boolean;
}

async function readTail(file: FileHandle): Promise<Tail> {
  const { size } = await file.stat();
  let from = size;
  let bytes: Buffer = Buffer.alloc(0);
  let end = 0;
  // Farther back when there is no line break: what was torn can be longer than any line.
  for (let length = TAIL_BYTES; end === 0 && from > 0; length *= 16) {
    from = Math.max(0, size - length);
    bytes = await readRange(file, from, size);
    end = bytes.lastIndexOf(0x0a) + 1;
  }
  const torn = bytes.length - end;
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  const record = parseLine(lines.at(-1) ?? '');
  // A last line that was changed is told by `verify`; what follows must not lean on it.
  const last = record === undefined ? { ...START, count: await countLines(file, from + end) } : headOf(record); // prettier-ignore
  return { end: from + end, last, torn, empty: from + end === 0 };
}

async function countLines(file: FileHandle, end: number): Promise<number> {
  return (await readRange(file, 0, end)).filter((byte) => byte === 0x0a).length;
}

async function readRange(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) {
      return bytes.subarray(0, done);
    }
    done += bytesRead;
  }
  return bytes;
}

/** The head beside the data; `undefined` where there is none, or none that can be read. */
export async function readHead(file: string): Promise<AuditHead | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof value === 'object' && value !== null && 'count' in value && 'hash' in value &&
      Number.isSafeInteger(value.count) && typeof value.hash === 'string'
      ? { count: Number(value.count), hash: value.hash }
      : undefined; // prettier-ignore
  } catch {
    return undefined;
  }
}

/**
 * Reads the log and holds it against its chain and heads.
 *
 * @param heads The head beside the data, and any other that somebody kept.
 */
export async function readLog(
  files: AuditFiles,
  heads: readonly AuditHead[] = [],
): Promise<AuditReport> {
  const text = await readFile(files.log, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') {
      return '';
    }
    throw error;
  });
  const known = await readHead(files.head);
  const end = text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  const report = follow(lines);
  const problems = [...report.problems];
  if (known === undefined && lines.length > 0) {
    problems.push({ line: 0, problem: 'head' });
  }
  for (const head of known === undefined ? heads : [known, ...heads]) {
    const problem = against(lines, head);
    if (problem !== undefined) {
      problems.push(problem);
    }
  }
  return {
    head: report.head,
    problems: problems.slice(0, MAX_PROBLEMS),
    torn: end < text.length,
    records: report.records,
  };
}

function follow(lines: readonly string[]): Omit<AuditReport, 'torn'> {
  const problems: AuditProblem[] = [];
  const records: AuditRecord[] = [];
  let head = START;
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    const record = parseLine(line);
    if (record === undefined) {
      problems.push({ line: number, problem: 'line' });
      // What follows is held against what it names itself: one change is one problem.
      head = { count: number, hash: '' };
      continue;
    }
    if (record.number !== head.count + 1 || (head.hash !== '' && record.previous !== head.hash)) {
      problems.push({ line: number, problem: 'chain' });
    }
    if (record.event === 'cut') {
      problems.push({ line: number, problem: 'cut' });
    }
    records.push(record);
    head = headOf(record);
  }
  return { head, problems, records };
}

/** A head was the last line once: that line must still stand in its place. */
function against(lines: readonly string[], head: AuditHead): AuditProblem | undefined {
  if (head.count === 0) {
    return undefined;
  }
  const line = lines[head.count - 1];
  if (line === undefined) {
    return { line: lines.length, problem: 'cut' };
  }
  return parseLine(line)?.hash === head.hash ? undefined : { line: head.count, problem: 'head' };
}
