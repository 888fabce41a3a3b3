/**
 * One line of the log of uses: JSON that ends with the hash of what stands before it, and names the hash of the
 * line before. Whoever changes, removes or moves a line breaks the chain.
 *
 * @module
 */

import { createHash } from 'node:crypto';

export interface AuditEntry {
  /** `cut`: lines that a head knew were gone. `repaired`: a torn last line was taken away. */
  readonly event: 'use' | 'grant' | 'revoke' | 'repaired' | 'cut';
  /** ISO 8601. */
  readonly at: string;
  /** SSIN of the person, where it is known. */
  readonly who?: string;
  readonly profile?: string;
  /** `ehbox sync`. */
  readonly command?: string;
  /** Alias. */
  readonly keystore?: string;
  readonly outcome?: 'allowed' | 'denied';
  readonly reason?: string;
  /** SSIN of whom a grant is for. */
  readonly person?: string;
  /** Id of the grant. */
  readonly grant?: string;
  /** Bytes of a torn line; lines that are missing. */
  readonly lost?: number;
}

/** An entry with its place in the chain. */
export interface AuditRecord extends AuditEntry {
  /** From 1. */
  readonly number: number;
  readonly previous: string;
  readonly hash: string;
}

/** How many lines there are, and the hash of the last. */
export interface AuditHead {
  readonly count: number;
  readonly hash: string;
}

/** What stands before the first line. */
export const START: AuditHead = { count: 0, hash: '0'.repeat(64) };

const LINE = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/s;
const EVENTS: ReadonlySet<unknown> = new Set(['use', 'grant', 'revoke', 'repaired', 'cut']);

/** The next line, without line break, and the head after it. */
export function formatLine(
  entry: AuditEntry,
  before: AuditHead,
): { readonly line: string; readonly head: AuditHead } {
  const count = before.count + 1;
  const { event, at, ...facts } = entry;
  const open = JSON.stringify({ number: count, at, event, ...facts, previous: before.hash }).slice(0, -1); // prettier-ignore
  const hash = sha256(open);
  return { line: `${open},"hash":"${hash}"}`, head: { count, hash } };
}

/** A line whose own hash fits, or `undefined`. */
export function parseLine(line: string): AuditRecord | undefined {
  const [, open, hash] = LINE.exec(line) ?? [];
  if (open === undefined || hash === undefined || sha256(open) !== hash) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const headOf = ({ number, hash }: AuditRecord): AuditHead => ({ count: number, hash });

const isRecord = (value: unknown): value is AuditRecord =>
  typeof value === 'object' &&
  value !== null &&
  'number' in value &&
  Number.isSafeInteger(value.number) &&
  'previous' in value &&
  typeof value.previous === 'string' &&
  'at' in value &&
  typeof value.at === 'string' &&
  'event' in value &&
  EVENTS.has(value.event);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
