/**
 * Base64 text around a sealed message, without header lines: what fits into a mail or a form.
 *
 * @module
 */

import { malformed } from '../../der/malformed.js';
import type { Pull } from '../../der/pull.js';

const COLUMNS = 64;
/** Bytes of a line. */
const LINE_BYTES = 48;
/** First letter of the base64 of any DER or BER SEQUENCE. */
const FIRST = 0x4d;

/** Writes bytes as lines of base64. */
export class ArmorEncoder {
  #left = Buffer.alloc(0);

  /** The lines that are full. */
  add(bytes: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.#left, bytes]);
    const end = all.length - (all.length % LINE_BYTES);
    this.#left = all.subarray(end);
    return linesOf(all.subarray(0, end));
  }

  /** The last line. */
  end(): Uint8Array {
    return linesOf(this.#left);
  }
}

function linesOf(bytes: Buffer): Uint8Array {
  const text = bytes.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += COLUMNS) {
    lines.push(`${text.slice(at, at + COLUMNS)}\n`);
  }
  return Buffer.from(lines.join(''), 'latin1');
}

/** Bytes of a message of that size under the armour. */
export const armoredSize = (bytes: number): number => {
  const letters = Math.ceil(bytes / 3) * 4;
  return letters + Math.ceil(letters / COLUMNS);
};

/**
 * The message under the armour; what does not begin like base64 text is given on as it is.
 *
 * The source throws `E_ASN1_MALFORMED` for text that is no base64 after all.
 */
export function decodeArmor(source: Pull): Pull {
  let armored: boolean | undefined;
  let letters = '';
  let isOver = false;
  let isPadded = false;
  return async () => {
    for (;;) {
      const chunk = isOver ? undefined : await source();
      if (armored === undefined && chunk !== undefined) {
        const first = chunk.find((byte) => !isSpace(byte));
        if (first === undefined) {
          continue;
        }
        armored = first === FIRST;
      }
      if (armored !== true) {
        return chunk;
      }
      if (isOver) {
        return undefined;
      }
      isOver = chunk === undefined;
      letters += Buffer.from(chunk ?? [])
        .toString('latin1')
        .replace(/\s+/g, '');
      const end = isOver ? letters.length : letters.length - (letters.length % 4);
      const text = letters.slice(0, end);
      const bytes = decode(text, isPadded ? 'over' : isOver ? 'last' : 'inside');
      isPadded ||= text.endsWith('=');
      letters = letters.slice(end);
      if (bytes.length > 0 || isOver) {
        return bytes;
      }
    }
  };
}

/** Nothing follows the padding. */
function decode(text: string, place: 'inside' | 'last' | 'over'): Uint8Array {
  const isWrong =
    !/^[A-Za-z0-9+/]*={0,2}$/.test(text) ||
    (place === 'last' && text.length % 4 === 1) ||
    (place === 'over' && text !== '');
  if (isWrong) {
    throw malformed('text that is not base64');
  }
  return Buffer.from(text, 'base64');
}

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
