/**
 * What is inside a backup: a manifest, files one after the other, an end that counts them (docs/backup-format.md).
 * Each part is a length of four bytes, JSON of that length, and for a file its bytes.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { ByteSource } from './byte-source.js';
import { checkEntryName } from './entry-name.js';
import { backupInvalid } from './invalid.js';

export interface Manifest {
  readonly schema: 'topaz.backup/1';
  /** ISO 8601. */
  readonly createdAt: string;
  /** Where the files were, so that paths in them can follow to another home. */
  readonly roots: Readonly<Record<RootName, string>>;
}

export const ROOT_NAMES = ['config', 'data', 'state'] as const;
export type RootName = (typeof ROOT_NAMES)[number];

export interface ArchivedFile {
  /** `data/cabinet/keystores/doctor.p12`. */
  readonly name: string;
  readonly size: number;
}

/** A file to be put into an archive. */
export interface SourceFile extends ArchivedFile {
  /** Exactly `size` bytes. */
  readonly content: () => AsyncIterable<Uint8Array>;
}

export interface ArchiveTotals {
  readonly files: number;
  readonly bytes: number;
}

const MAX_HEADING = 64 * 1024;
const PIECE = 64 * 1024;

/** The bytes of an archive. `totals` is told at the end. */
export async function* writeArchive(
  manifest: Manifest,
  files: AsyncIterable<SourceFile>,
  totals: (totals: ArchiveTotals) => void,
): AsyncGenerator<Uint8Array> {
  yield heading({ type: 'manifest', ...manifest });
  let count = 0;
  let bytes = 0;
  for await (const { name, size, content } of files) {
    yield heading({ type: 'file', name, size });
    let written = 0;
    for await (const piece of content()) {
      written += piece.length;
      yield piece;
    }
    if (written !== size) {
      throw new TopazError('E_LOCKED', 'a file changed while it was read', {
        facts: [name],
        hint: 'run the command again when nothing else runs',
      });
    }
    count += 1;
    bytes += size;
  }
  yield heading({ type: 'end', files: count, bytes });
  totals({ files: count, bytes });
}

export interface ArchiveVisitor {
  readonly manifest?: (manifest: Manifest) => void;
  /** Reads all of `content`. */
  readonly file: (file: ArchivedFile, content: AsyncIterable<Buffer>) => Promise<void>;
}

/**
 * Reads an archive to its end. Names are checked before anything is done with them.
 *
 * @throws TopazError `E_BACKUP_INVALID`.
 */
export async function readArchive(
  plain: AsyncIterable<Uint8Array>,
  { manifest, file }: ArchiveVisitor,
): Promise<{ readonly manifest: Manifest; readonly totals: ArchiveTotals }> {
  const source = new ByteSource(plain);
  const first = manifestOf(await readHeading(source));
  manifest?.(first);
  const names = new Set<string>();
  let bytes = 0;
  for (;;) {
    const part = await readHeading(source);
    if (part['type'] === 'end') {
      if (part['files'] !== names.size || part['bytes'] !== bytes || !(await source.isAtEnd())) {
        throw backupInvalid('its end does not fit what stands before it');
      }
      return { manifest: first, totals: { files: names.size, bytes } };
    }
    const { name, size } = fileOf(part);
    if (names.has(name)) {
      throw backupInvalid('a file stands in it twice');
    }
    names.add(name);
    let left = size;
    await file({ name, size }, pieces());
    if (left > 0) {
      throw backupInvalid('a file was not read to its end');
    }
    bytes += size;

    async function* pieces(): AsyncGenerator<Buffer> {
      while (left > 0) {
        const piece = await source.take(Math.min(left, PIECE));
        if (piece.length === 0) {
          throw backupInvalid('it ends within a file');
        }
        left -= piece.length;
        yield piece;
      }
    }
  }
}

function heading(value: Readonly<Record<string, unknown>>): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}

async function readHeading(source: ByteSource): Promise<Readonly<Record<string, unknown>>> {
  const length = await source.take(4);
  const size = length.length === 4 ? length.readUInt32BE() : 0;
  const json = size > 0 && size <= MAX_HEADING ? await source.take(size) : Buffer.alloc(0);
  try {
    const value: unknown = json.length === size ? JSON.parse(json.toString('utf8')) : undefined;
    if (typeof value === 'object' && value !== null) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Refused below.
  }
  throw backupInvalid('a heading in it cannot be read');
}

function manifestOf(part: Readonly<Record<string, unknown>>): Manifest {
  const { type, schema, createdAt, roots } = part;
  if (
    type !== 'manifest' ||
    schema !== 'topaz.backup/1' ||
    typeof createdAt !== 'string' ||
    Number.isNaN(Date.parse(createdAt)) ||
    typeof roots !== 'object' ||
    roots === null
  ) {
    throw backupInvalid('it does not say what it is');
  }
  const { config, data, state } = roots as Readonly<Record<string, unknown>>;
  if (typeof config !== 'string' || typeof data !== 'string' || typeof state !== 'string') {
    throw backupInvalid('it does not say what it is');
  }
  return { schema, createdAt, roots: { config, data, state } };
}

function fileOf({ type, name, size }: Readonly<Record<string, unknown>>): ArchivedFile {
  if (
    type !== 'file' ||
    typeof name !== 'string' ||
    typeof size !== 'number' ||
    !Number.isSafeInteger(size) ||
    size < 0
  ) {
    throw backupInvalid('a heading in it cannot be read');
  }
  return { name: checkEntryName(name), size };
}
