/**
 * Seals a message for eHealth recipients (ETEE "triple wrapped": signed, encrypted, signed), with exactly
 * the algorithms that the official library accepts (etee §3).
 *
 * Written as DER, which it reads as well; a content whose length is not known beforehand as BER. One
 * implementation serves bytes and streams.
 *
 * @module
 */

import type { NamedSecretKey } from '../cms/recipient-info.js';
import type { CmsSignatureAlgorithm } from '../cms/sign.js';
import { OID_DATA } from '../der/oids.js';
import { pullBytes, type Pull } from '../der/pull.js';
import { TopazError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import { fingerprint, type Certificate } from '../x509/certificate.js';
import { isValidAt } from '../x509/chain.js';
import type { Etk } from './etk.js';
import { Sealer } from './sealer.js';

export interface SealOptions {
  /** The authentication key of the sender; its chain goes into the outer layer, leaf first. */
  readonly sender: Signer;
  /** At least one, verified with `verifyEtk` before. Repetitions are left out. */
  readonly recipients: readonly Etk[];
  /** Signing time, written in whole seconds. */
  readonly now: Date;
  /** @default 'der' where the length of the content is known. */
  readonly encoding?: 'der' | 'ber' | undefined;
}

/** For whoever may ask for the key (KGSS), and for named recipients beside them. */
export interface UnaddressedOptions extends Omit<SealOptions, 'recipients'> {
  readonly secretKey: NamedSecretKey;
  /** @default [] */
  readonly recipients?: readonly Etk[] | undefined;
}

/** What a stream turned out to hold. */
export interface SealedStream {
  readonly contentSizeBytes: number;
  readonly sizeBytes: number;
}

/** Largest sealed message that the eHealthBox takes (ehealthbox §10): 10 MB with all its parts. */
export const MAILBOX_MAX_BYTES = 10 * 1024 * 1024;

const SECRET_KEY_BYTES = 16;

/**
 * @param content Any bytes, none at all too.
 * @returns The outer SignedData.
 * @throws TopazError `E_USAGE` without a recipient or for a key that cannot seal (EC), `E_CERT_EXPIRED` or
 *   `E_CERT_NOT_YET_VALID` for the certificate of the sender or the ETK of a recipient.
 */
export async function seal(
  content: Uint8Array,
  options: SealOptions | UnaddressedOptions,
): Promise<Uint8Array> {
  const sealer = prepare(options, content.length);
  const parts = new Output(sealer.size);
  await run(sealer, pullBytes(content), (part) => {
    parts.add(part);
  });
  return parts.bytes();
}

/**
 * Seals for readers who are not known yet: they ask KGSS for the key of that name.
 *
 * @throws As {@link seal}; `E_USAGE` for a key that is not of 16 bytes.
 */
export const sealUnaddressed = (
  content: Uint8Array,
  options: UnaddressedOptions,
): Promise<Uint8Array> => seal(content, options);

/**
 * Seals a content of any size in constant memory.
 *
 * @param source Chunk by chunk.
 * @param write Takes the sealed message, several parts at a time.
 * @param length Bytes of the content, where they are known: written as DER then.
 * @throws As {@link seal}; `E_USAGE` when there is more or less than `length`; errors of `source` and
 *   `write` pass through.
 */
export async function sealStream(
  source: Pull,
  write: (parts: readonly Uint8Array[]) => Promise<void> | void,
  {
    length,
    ...options
  }: (SealOptions | UnaddressedOptions) & { readonly length?: number | undefined },
): Promise<SealedStream> {
  const sealer = prepare(options, length);
  let sizeBytes = 0;
  let contentSizeBytes = 0;
  const counted: Pull = async () => {
    const chunk = await source();
    contentSizeBytes += chunk?.length ?? 0;
    return chunk;
  };
  await run(sealer, counted, (parts) => {
    sizeBytes += parts.reduce((sum, part) => sum + part.length, 0);
    return write(parts);
  });
  return { contentSizeBytes, sizeBytes };
}

/**
 * Bytes of the sealed message, to the byte, for a content of that length sealed with DER: told before anything
 * is signed.
 *
 * @throws As {@link seal}.
 */
export const sealedSize = (length: number, options: SealOptions | UnaddressedOptions): number =>
  prepare({ ...options, encoding: 'der' }, length).size ?? 0;

async function run(
  sealer: Sealer,
  source: Pull,
  write: (parts: readonly Uint8Array[]) => Promise<void> | void,
): Promise<void> {
  await write(sealer.start());
  for (let chunk = await source(); chunk !== undefined; chunk = await source()) {
    await write(sealer.add(chunk));
  }
  if (!sealer.isComplete) {
    throw new TopazError('E_USAGE', 'the content changed while it was read', {
      hint: 'seal it again once nobody writes to it',
    });
  }
  await write(await sealer.end());
}

/** All that is refused is refused here, before anything is signed or written. */
function prepare(options: SealOptions | UnaddressedOptions, length: number | undefined): Sealer {
  const { sender, now, encoding } = options;
  const secretKey = 'secretKey' in options ? options.secretKey : undefined;
  const algorithm = chooseAlgorithm(sender);
  const certificates = unique((options.recipients ?? []).map(({ certificate }) => certificate));
  if (certificates.length === 0 && secretKey === undefined) {
    throw new TopazError('E_USAGE', 'there is no recipient to seal for', {
      hint: 'name one with --to TYPE=ID or --etk FILE',
    });
  }
  if (secretKey !== undefined && secretKey.key.length !== SECRET_KEY_BYTES) {
    throw new TopazError('E_USAGE', 'a secret key for sealing has 16 bytes', {
      hint: 'ask KGSS for a new key',
    });
  }
  checkValid(sender.certificate, 'your certificate has ended', 'topaz cert renew', now);
  for (const certificate of certificates) {
    checkValid(
      certificate,
      'the ETK of a recipient has ended',
      'fetch it again: topaz etk fetch --refresh',
      now,
    );
  }
  return new Sealer({
    signing: { signer: sender, algorithm, contentType: OID_DATA, now },
    recipients: certificates,
    secretKey,
    length: encoding === 'ber' ? undefined : length,
  });
}

/** Where a message in memory grows: in one piece when its size is known. */
class Output {
  readonly #whole: Uint8Array | undefined;
  readonly #parts: Uint8Array[] = [];
  #at = 0;

  constructor(size: number | undefined) {
    this.#whole = size === undefined ? undefined : Buffer.allocUnsafeSlow(size);
  }

  add(parts: readonly Uint8Array[]): void {
    if (this.#whole === undefined) {
      this.#parts.push(...parts);
      return;
    }
    for (const part of parts) {
      this.#whole.set(part, this.#at);
      this.#at += part.length;
    }
  }

  bytes(): Uint8Array {
    return this.#whole ?? Buffer.concat(this.#parts);
  }
}

/** PSS is what an eHealth certificate signs with; a token without it falls back in both layers. */
function chooseAlgorithm({ algorithms }: Signer): CmsSignatureAlgorithm {
  const found = (['rsa-pss-sha256', 'rsa-sha256'] as const).find((name) =>
    algorithms.includes(name),
  );
  if (found === undefined) {
    throw new TopazError('E_USAGE', 'this key cannot seal: eHealth accepts RSA keys alone', {
      hint: 'seal with the keystore of your eHealth certificate',
    });
  }
  return found;
}

function unique(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(certificates.map((entry) => [fingerprint(entry), entry])).values()];
}

function checkValid(certificate: Certificate, message: string, hint: string, now: Date): void {
  if (!isValidAt(certificate, now)) {
    const ended = now > certificate.notAfter;
    throw new TopazError(
      ended ? 'E_CERT_EXPIRED' : 'E_CERT_NOT_YET_VALID',
      ended ? message : message.replace('has ended', 'is not valid yet'),
      { hint, facts: [`valid until ${certificate.notAfter.toISOString().slice(0, 10)}`] },
    );
  }
}
