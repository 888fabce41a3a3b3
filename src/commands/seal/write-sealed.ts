/**
 * Seals a source into a target: in constant memory, whole or not at all.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatSize } from '../../cli/text.js';
import type { SealOptions, UnaddressedOptions } from '../../etee/seal.js';
import { countBytes, type Output, type Source, type Target } from './payload.js';

export interface Written {
  readonly contentSizeBytes: number;
  /** Of what was written, armour included. */
  readonly sizeBytes: number;
  /** Whether the eHealthBox takes it. */
  readonly fitsMailbox: boolean;
}

/** @throws TopazError as `sealStream` and the target. */
export async function writeSealed(
  run: Run,
  source: Source,
  target: Target,
  options: (SealOptions | UnaddressedOptions) & { readonly armor: boolean },
): Promise<Written> {
  const { MAILBOX_MAX_BYTES, sealedSize, sealStream } = await import('../../etee/seal.js');
  const warn = (size: number): void => {
    if (size > MAILBOX_MAX_BYTES) {
      run.warn(run.t('seal.mailbox', { size: formatSize(run, size) }));
    }
  };
  // Known before the work begins, where the length is: there may be a smaller way to say it.
  if (source.length !== undefined) {
    warn(sealedSize(source.length, options));
  }
  const output = await target.open();
  try {
    const encoder = await textEncoder(options.armor);
    let sizeBytes = 0;
    const write = async (bytes: Uint8Array): Promise<void> => {
      sizeBytes += bytes.length;
      await output.write(bytes);
    };
    const sealed = await countBytes(run, run.t('seal.step'), source, (pull) =>
      sealStream(pull, (parts) => writeParts(parts, encoder, write), {
        ...options,
        length: source.length,
      }),
    );
    if (encoder !== undefined) {
      await write(encoder.end());
    }
    if (source.length === undefined) {
      warn(sealed.sizeBytes);
    }
    await output.commit();
    const fitsMailbox = sealed.sizeBytes <= MAILBOX_MAX_BYTES;
    return { contentSizeBytes: sealed.contentSizeBytes, sizeBytes, fitsMailbox };
  } catch (error) {
    await output.discard();
    throw error;
  }
}

interface TextEncoder {
  add(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

async function textEncoder(armor: boolean): Promise<TextEncoder | undefined> {
  if (!armor) {
    return undefined;
  }
  const { ArmorEncoder } = await import('./armor.js');
  return new ArmorEncoder();
}

async function writeParts(
  parts: readonly Uint8Array[],
  encoder: TextEncoder | undefined,
  write: Output['write'],
): Promise<void> {
  for (const part of parts) {
    await write(encoder === undefined ? part : encoder.add(part));
  }
}
