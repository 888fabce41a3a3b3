/**
 * RC2 in CBC mode, for reading alone: what the official tool and BouncyCastle still protect the certificates
 * of a keystore with, and what OpenSSL 3 no longer knows. The one use of node-forge; never written.
 *
 * @module
 */

/** @param bits Effective key bits: 40 or 128. */
export async function decryptRc2(
  ciphertext: Uint8Array,
  key: Uint8Array,
  iv: Uint8Array,
  bits: number,
): Promise<Uint8Array> {
  const { default: forge } = await import('node-forge');
  const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const cipher = forge.rc2.createDecryptionCipher(binary(key), bits);
  cipher.start(binary(iv));
  cipher.update(forge.util.createBuffer(binary(ciphertext)));
  // The padding is taken off below, strictly; forge's own way lets bad ones through.
  cipher.finish(() => true);
  const padded = Buffer.from(cipher.output.getBytes(), 'latin1');
  const padding = padded.at(-1) ?? 0;
  const tail = padded.subarray(padded.length - padding);
  if (padding < 1 || padding > 8 || tail.length !== padding || tail.some((b) => b !== padding)) {
    throw new Error('wrong padding');
  }
  return Uint8Array.from(padded.subarray(0, padded.length - padding));
}
