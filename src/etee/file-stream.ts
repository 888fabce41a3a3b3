/**
 * Files as streams: the next chunk is read, and the last ones are written, while a chunk is worked on. Memory
 * is the same for any size.
 *
 * @module
 */

import type { FileHandle } from 'node:fs/promises';

import type { Pull } from '../der/pull.js';

/** Small: what a cipher gives for a chunk is garbage that the collector sees late. */
const READ_BYTES = 64 * 1024;
const WRITE_BYTES = 256 * 1024;

/** The bytes of a file from where it stands; the caller closes it. */
export function pullFile(file: FileHandle): Pull {
  const buffers = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)];
  let turn = 0;
  const read = async (): Promise<Uint8Array | undefined> => {
    const buffer = buffers[turn] ?? Buffer.alloc(READ_BYTES);
    turn = 1 - turn;
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  };
  let next: Promise<Uint8Array | undefined> | undefined;
  return async () => {
    const chunk = await (next ?? read());
    next = chunk === undefined ? Promise.resolve(undefined) : read();
    // Whoever asks next is told; nobody may ask.
    next.catch(() => undefined);
    return chunk;
  };
}

/** Gathers small parts, and writes while more come. */
export class FileWriter {
  readonly #file: FileHandle;
  #buffer = Buffer.allocUnsafeSlow(WRITE_BYTES);
  #spare = Buffer.allocUnsafeSlow(WRITE_BYTES);
  #used = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The bytes may be overwritten afterwards. @throws the error of an earlier write too. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + WRITE_BYTES - this.#used);
      this.#buffer.set(part, this.#used);
      this.#used += part.length;
      at += part.length;
      if (this.#used === WRITE_BYTES) {
        await this.#flush();
      }
    }
  }

  /** Writes what is left and waits until all is written. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  /** Hands the buffer over and goes on with the other one, once that is free. */
  async #flush(): Promise<void> {
    await this.#writing;
    const full = this.#buffer.subarray(0, this.#used);
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
    this.#used = 0;
    this.#writing = this.#writeAll(full);
    this.#writing.catch(() => undefined);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, null);
      at += bytesWritten;
    }
  }
}
