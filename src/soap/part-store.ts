/**
 * Where the parts of an answer go while they arrive: small ones stay in memory, large ones pass to files with
 * their SHA-256 computed on the way. However large a part is, memory holds two buffers of it.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError } from '../disk/atomic.js';
import type { MimePart, PartInfo } from './multipart.js';

/** What the caller decides about parts on disk. */
export interface PartStore {
  /** An existing folder that only this user can read. Files are made with mode 0600. */
  readonly folder: string;
  /** Parts of more bytes go to a file. @default 256 KiB */
  readonly thresholdBytes?: number | undefined;
  /** Whether large base64 within an envelope goes to files too, as if it were a part. @default false */
  readonly inline?: boolean | undefined;
  /**
   * Told the path before the file is made, so that whoever sweeps after a crash knows of it. Files of an answer
   * that is refused are removed here; of one that is accepted, they are the caller's.
   */
  readonly created?: ((path: string) => void | Promise<void>) | undefined;
}

/** A part in a file, complete but not forced to the disk. */
export interface FilePart extends PartInfo {
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the bytes in the file, lower-case hex. */
  readonly sha256: string;
}

export type StoredPart =
  ({ readonly kind: 'memory' } & MimePart) | ({ readonly kind: 'file' } & FilePart);

export const THRESHOLD_BYTES = 256 * 1024;
/** One is filled while the other one is written. */
const BUFFER_BYTES = 512 * 1024;

/** One answer's parts. */
export class PartWriter {
  readonly #store: PartStore;
  readonly #newId: () => string;
  readonly #paths: string[] = [];
  readonly #buffers = new SpareBuffers();

  constructor(store: PartStore, newId: () => string) {
    this.#store = store;
    this.#newId = newId;
  }

  begin(info: PartInfo): PartSink {
    const { folder, thresholdBytes = THRESHOLD_BYTES, created } = this.#store;
    return new PartSink(info, thresholdBytes, this.#buffers, async () => {
      const path = join(folder, `part-${this.#newId()}`);
      await created?.(path);
      this.#paths.push(path);
      try {
        return { path, handle: await open(path, 'wx', 0o600) };
      } catch (error) {
        throw diskError(error, path);
      }
    });
  }

  /** Removes every file that was made. */
  async discard(): Promise<void> {
    await Promise.all(this.#paths.splice(0).map((path) => rm(path, { force: true })));
  }
}

/** Buffers of one answer: its parts come one after the other. */
class SpareBuffers {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}

/** One part on its way. After an error, `abort` closes what is open. */
export class PartSink {
  readonly #info: PartInfo;
  readonly #threshold: number;
  readonly #buffers: SpareBuffers;
  readonly #newFile: () => Promise<{ path: string; handle: FileHandle }>;
  readonly #pieces: Uint8Array[] = [];
  #size = 0;
  #file: { readonly path: string; readonly handle: FileHandle; readonly hash: Hash } | undefined;
  #buffer: Buffer | undefined;
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    info: PartInfo,
    threshold: number,
    buffers: SpareBuffers,
    newFile: () => Promise<{ path: string; handle: FileHandle }>,
  ) {
    this.#info = info;
    this.#threshold = threshold;
    this.#buffers = buffers;
    this.#newFile = newFile;
  }

  /** @returns A promise only when there is something to wait for: most pieces are just copied. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#size += bytes.length;
    if (this.#file !== undefined) {
      return this.#append(bytes);
    }
    // Copied: the piece is a view of a chunk that may be much larger, and would keep all of it.
    this.#pieces.push(Uint8Array.from(bytes));
    return this.#size > this.#threshold ? this.#spill() : undefined;
  }

  async end(): Promise<StoredPart> {
    if (this.#file === undefined) {
      const { buffer, byteOffset, length } = Buffer.concat(this.#pieces);
      return { kind: 'memory', ...this.#info, bytes: new Uint8Array(buffer, byteOffset, length) };
    }
    const { path, handle, hash } = this.#file;
    await this.#flush();
    await this.#writing;
    this.#giveBack();
    this.#file = undefined;
    await handle.close();
    const sha256 = hash.digest('hex');
    return { kind: 'file', ...this.#info, path, sizeBytes: this.#size, sha256 };
  }

  async abort(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await this.#writing.catch(() => undefined);
    await file?.handle.close();
  }

  async #spill(): Promise<void> {
    const { path, handle } = await this.#newFile();
    this.#file = { path, handle, hash: createHash('sha256') };
    for (const piece of this.#pieces.splice(0)) {
      await this.#append(piece);
    }
  }

  #append(bytes: Uint8Array): Promise<void> | undefined {
    const buffer = (this.#buffer ??= this.#buffers.take());
    if (this.#filled + bytes.length > buffer.length) {
      return this.#appendSlowly(bytes);
    }
    buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return undefined;
  }

  async #appendSlowly(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const buffer = (this.#buffer ??= this.#buffers.take());
      const count = Math.min(bytes.length - at, buffer.length - this.#filled);
      buffer.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === buffer.length) {
        await this.#flush();
      }
    }
  }

  /** Starts writing what is filled, once the write before it has ended. */
  async #flush(): Promise<void> {
    const [file, buffer, length] = [this.#file, this.#buffer, this.#filled];
    await this.#writing;
    if (file !== undefined && buffer !== undefined && length > 0) {
      this.#buffer = undefined;
      this.#filled = 0;
      const bytes = buffer.subarray(0, length);
      this.#writing = writeAll(file.handle, bytes, file.path).then(() => {
        this.#buffers.give(buffer);
      });
      // Whoever waits for it learns of a failure; until then it must not count as unheard.
      this.#writing.catch(() => undefined);
      // While the bytes go to the file.
      file.hash.update(bytes);
    }
  }

  #giveBack(): void {
    if (this.#buffer !== undefined) {
      this.#buffers.give(this.#buffer);
      this.#buffer = undefined;
    }
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
  } catch (error) {
    throw diskError(error, path);
  }
}
