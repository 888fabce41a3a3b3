/**
 * Base64 text around a sealed message, without header lines: what fits into a mail or a form.
 *
 * @module
 */

const COLUMNS = 64;
/** First letter of the base64 of any DER or BER SEQUENCE. */
const FIRST = 0x4d;

export function encodeArmor(bytes: Uint8Array): Uint8Array {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [];
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** The message under the armour; anything that is not base64 text is given back as it is. */
export function decodeArmor(bytes: Uint8Array): Uint8Array {
  if (firstLetter(bytes) !== FIRST) {
    return bytes;
  }
  const text = Buffer.from(bytes).toString('latin1').replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : bytes;
}

const firstLetter = (bytes: Uint8Array): number | undefined =>
  bytes.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
