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

export interface Base64Decoder extends TransferDecoder {
  /** Digits that wait for the rest of their group. */
  held(): string;
}

/**
 * Damage is refused: a buffer would skip over it and hold other bytes. So what it took is counted, which costs a
 * fifth of a look at each digit. A `push` that throws has taken nothing.
 *
 * @param options.reuse Whether what `push` gives is good only until the next one.
 */
export function base64Decoder({ reuse = false } = {}): Base64Decoder {
  let held = '';
  let padded = false;
  let spare = NO_BYTES;
  const room = (size: number): Buffer => {
    if (!reuse) {
      return Buffer.allocUnsafeSlow(size);
    }
    spare = spare.length < size ? Buffer.allocUnsafeSlow(size) : spare;
    return spare.subarray(0, size);
  };
  return {
    push: (chunk) => {
      const text = withoutSpace(latin1(chunk));
      if (text === '') {
        return NOTHING;
      }
      const all = held + text;
      const whole = all.length - (all.length % 4);
      const digits = whole === all.length ? all : all.slice(0, whole);
      const rest = all.slice(whole);
      const padding = digits.endsWith('==') ? 2 : digits.endsWith('=') ? 1 : 0;
      const bytes = room((whole / 4) * 3 - padding);
      const isWhole = bytes.write(digits, 'base64') === bytes.length;
      // Padding may be cut in two, but nothing else follows it.
      if (padded || !isWhole || isOfUrls(digits) || !GROUP.test(rest) || (padding > 0 && rest !== '')) {
        throw new TransferError('a part is not base64 as it says');
      }
      padded = padding > 0;
      held = rest;
      return plain(bytes);
    },
    end: () => {
      if (held !== '') {
        throw new TransferError('a part is not base64 as it says');
      }
      return NOTHING;
    },
    held: () => held,
  };
} // prettier-ignore

const NO_BYTES = Buffer.alloc(0);
/** The beginning of a group of four. */
const GROUP = /^[A-Za-z0-9+/]*={0,2}$/;

/** `Buffer.from` takes the alphabet of URLs too. */
const isOfUrls = (digits: string): boolean => digits.includes('-') || digits.includes('_');

const SPACES = ['\n', ' ', '\r', '\t'];
const withoutSpace = (text: string): string =>
  SPACES.some((space) => text.includes(space)) ? text.replace(/[\t\n\r ]+/g, '') : text;

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
