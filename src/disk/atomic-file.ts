/**
 * A file that is written piece by piece and appears under its name only when it is complete: as
 * `writeFileAtomic`, for what does not fit in memory.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { link, open, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { diskError, syncFolder } from './atomic.js';

export interface AtomicFileOptions {
  /** Permission bits. @default 0o600 */
  readonly mode?: number | undefined;
  /** `false` refuses an existing file when it is completed, without a race. @default true */
  readonly overwrite?: boolean | undefined;
}

/** End it with {@link AtomicFile.commit} or {@link AtomicFile.abandon}. */
export class AtomicFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #overwrite: boolean;
  #settled = false;

  private constructor(path: string, temporary: string, file: FileHandle, overwrite: boolean) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
    this.#overwrite = overwrite;
  }

  /**
   * Begins a file, under a hidden name in the same folder.
   *
   * @throws TopazError `E_FILE_NOT_FOUND` (no such folder), `E_DISK_FULL`, `E_READ_ONLY`.
   */
  static async begin(
    path: string,
    { mode = 0o600, overwrite = true }: AtomicFileOptions = {},
  ): Promise<AtomicFile> {
    const name = `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`;
    const temporary = join(dirname(path), name);
    try {
      return new AtomicFile(path, temporary, await open(temporary, 'wx', mode), overwrite);
    } catch (error) {
      throw diskError(error, path);
    }
  }

  /** @throws TopazError `E_DISK_FULL`. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      // FileHandle.writeFile goes on where the last one ended, and writes all of it.
      await this.#file.writeFile(bytes);
    } catch (error) {
      throw diskError(error, this.#path);
    }
  }

  /**
   * Makes what was written durable, and gives the path where it can be read before it has its name. Nothing can be
   * written any more.
   *
   * @throws TopazError `E_DISK_FULL`.
   */
  async settle(): Promise<string> {
    try {
      if (!this.#settled) {
        await this.#file.sync();
        await this.#file.close();
        this.#settled = true;
      }
      return this.#temporary;
    } catch (error) {
      throw diskError(error, this.#path);
    }
  }

  /**
   * Makes it durable and gives it its name. When that fails nothing is left.
   *
   * @throws TopazError `E_FILE_EXISTS` (with `overwrite: false`), `E_DISK_FULL`, `E_READ_ONLY`.
   */
  async commit(): Promise<void> {
    try {
      await this.settle();
      if (this.#overwrite) {
        await rename(this.#temporary, this.#path);
      } else {
        // link() fails when the name exists, rename() would replace it silently.
        await link(this.#temporary, this.#path);
        await unlink(this.#temporary);
      }
      await syncFolder(dirname(this.#path));
    } catch (error) {
      await this.abandon();
      throw diskError(error, this.#path);
    }
  }

  /** Removes what was written. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await unlink(this.#temporary).catch(() => undefined);
  }
}
