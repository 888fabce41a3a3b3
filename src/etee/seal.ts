/**
 * Seals a message for eHealth recipients (ETEE "triple wrapped": signed, encrypted, signed), with exactly
 * the algorithms that the official library accepts (etee §3). Written as DER, which it reads as well.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { encodeEnvelopedData } from '../cms/enveloped-data.js';
import { encodeSignedData } from '../cms/signed-data.js';
import { signContent, type CmsSignatureAlgorithm } from '../cms/sign.js';
import { OID_DATA } from '../der/oids.js';
import { TopazError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import { fingerprint, type Certificate } from '../x509/certificate.js';
import { isValidAt } from '../x509/chain.js';
import type { Etk } from './etk.js';

export interface SealOptions {
  /** The authentication key of the sender; its chain goes into the outer layer, leaf first. */
  readonly sender: Signer;
  /** At least one, verified with `verifyEtk` before. Repetitions are left out. */
  readonly recipients: readonly Etk[];
  /** Signing time, written in whole seconds. */
  readonly now: Date;
}

/**
 * @param content Any bytes, none at all too; held in memory several times.
 * @returns DER of the outer SignedData.
 * @throws TopazError `E_USAGE` without a recipient or for a key that cannot seal (EC), `E_CERT_EXPIRED` when
 *   the certificate of the sender or the ETK of a recipient has ended.
 */
export async function seal(
  content: Uint8Array,
  { sender, recipients, now }: SealOptions,
): Promise<Uint8Array> {
  const algorithm = chooseAlgorithm(sender);
  const certificates = unique(recipients.map(({ certificate }) => certificate));
  if (certificates.length === 0) {
    throw new TopazError('E_USAGE', 'there is no recipient to seal for', {
      hint: 'name one with --to TYPE=ID or --etk FILE',
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
  const sign = async (bytes: Uint8Array, chain: readonly Certificate[]): Promise<Uint8Array> =>
    encodeSignedData({
      contentType: OID_DATA,
      content: bytes,
      certificates: chain.map(({ der }) => der),
      signerInfos: [
        await signContent(createHash('sha256').update(bytes).digest(), {
          signer: sender,
          algorithm,
          contentType: OID_DATA,
          now,
        }),
      ],
    });
  // Quirk: the certificates stand in the outer layer alone; the receiver checks both with them.
  const inner = await sign(content, []);
  return sign(encodeEnvelopedData(inner, certificates), sender.chain);
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
