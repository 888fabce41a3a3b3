/**
 * Takes the transfer encoding off a part while its bytes pass. `7bit`, `8bit`, `binary` and names that
 * nobody knows leave the bytes as they are (ehealthbox §5).
 *
 * @module
 */

/** Decodes one part; `end` gives what was held back. Both throw {@link TransferError}. */
export interface TransferDecoder {
  push(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/** The bytes are not in the encoding that the part names. */
export class TransferError extends Error {}

/** @returns `undefined` where the bytes stay as they are. */
export function transferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return base64Decoder();
    case 'quoted-printable':
      return quotedPrintableDecoder();
    default:
      return undefined;
  }
}

const NOTHING = new Uint8Array();

/** Damage is refused: `Buffer.from` alone would skip over it and give other bytes. */
function base64Decoder(): TransferDecoder {
  let held = '';
  let padded = false;
  return {
    push: (chunk) => {
      const text = latin1(chunk).replace(/[\t\n\r ]+/g, '');
      if (text === '') {
        return NOTHING;
      }
      const all = held + text;
      if (padded || !/^[A-Za-z0-9+/]*={0,2}$/.test(all)) {
        // Padding may be cut in two, but nothing else follows it.
        if (!(padded && /^=$/.test(text) && held.endsWith('='))) {
          throw new TransferError('a part is not base64 as it says');
        }
      }
      padded = all.endsWith('=');
      const whole = all.length - (all.length % 4);
      held = all.slice(whole);
      return plain(Buffer.from(all.slice(0, whole), 'base64'));
    },
    end: () => {
      if (held !== '') {
        throw new TransferError('a part is not base64 as it says');
      }
      return NOTHING;
    },
  };
}

/** What may go on in the next chunk: an escape, or the white space of a soft line break. */
const UNDECIDED = /=(?:[0-9A-Fa-f]?|[\t ]{0,80}\r?)$/;

function quotedPrintableDecoder(): TransferDecoder {
  let held = '';
  return {
    push: (chunk) => {
      const all = held + latin1(chunk);
      // Only the last escape can be open: the search does not begin before it.
      const from = all.lastIndexOf('=');
      const open =
        from >= 0 && UNDECIDED.test(all.slice(from, from + 90)) && all.length - from < 90;
      held = open ? all.slice(from) : '';
      return unescaped(open ? all.slice(0, from) : all);
    },
    end: () => {
      const rest = held;
      held = '';
      return unescaped(rest);
    },
  };
}

const unescaped = (text: string): Uint8Array =>
  plain(
    Buffer.from(
      text
        .replace(/=[\t ]{0,80}\r?\n/g, '')
        .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        ),
      'latin1',
    ),
  );

const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

/** The same bytes, not a copy. */
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);
