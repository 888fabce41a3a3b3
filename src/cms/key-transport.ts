/**
 * How a content key stands under an RSA key: PKCS#1 v1.5 in sealed messages; OAEP (RFC 4055 §4.1) is known
 * so that a message of someone else can be opened and named for what it is.
 *
 * @module
 */

import { OID_MGF1, OID_RSA, OID_RSA_OAEP } from '../der/oids.js';
import { isContext, readSequence } from '../der/values.js';
import type { KeyPadding } from '../keys/keys.js';
import { digestName, readAlgorithm, type AlgorithmIdentifier } from './algorithms.js';
import { unwrapExplicit } from './content-info.js';

/** `undefined` for what cannot be opened here. */
export function keyTransport(algorithm: AlgorithmIdentifier): KeyPadding | undefined {
  switch (algorithm.oid) {
    case OID_RSA:
      return 'pkcs1';
    case OID_RSA_OAEP:
      return oaepPadding(algorithm);
    default:
      return undefined;
  }
}

function oaepPadding({ parameters }: AlgorithmIdentifier): KeyPadding | undefined {
  try {
    const fields = parameters === undefined ? [] : readSequence(parameters);
    const [hash, mask] = [0, 1].map((n) => fields.find((field) => isContext(field, n)));
    const digest = hash === undefined ? 'sha1' : digestOf(unwrapExplicit(hash, 0));
    const mgf = mask === undefined ? undefined : readAlgorithm(unwrapExplicit(mask, 1));
    const maskDigest = mgf === undefined ? 'sha1' : digestOf(mgf.parameters);
    const isPlain = mgf === undefined || mgf.oid === OID_MGF1;
    const isLabelled = fields.some((field) => isContext(field, 2));
    if (!isPlain || isLabelled || digest !== maskDigest) {
      return undefined;
    }
    return digest === 'sha1' ? 'oaep-sha1' : digest === 'sha256' ? 'oaep-sha256' : undefined;
  } catch {
    return undefined;
  }
}

const digestOf = (node: Parameters<typeof readAlgorithm>[0]): string | undefined =>
  digestName(readAlgorithm(node).oid);
