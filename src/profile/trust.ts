/**
 * Whom a profile trusts: the files of its `trust` keys. The sandbox trusts only its own files; every other
 * environment refuses a certificate that carries the sandbox's policy, so that a test can never be taken for
 * the real thing (design §8).
 *
 * @module
 */

import { readFile } from 'node:fs/promises';

import { systemCode, TopazError } from '../errors.js';
import { formatPem, parsePemCertificates } from '../x509/pem.js';
import type { Certificate } from '../x509/certificate.js';
import type { Profile } from './profile.js';

/** Certificate policy of everything that a sandbox issues (an OID made from a random UUID). */
export const OID_SANDBOX_POLICY = '2.25.61789501858954320804452632149854162969';

export type TrustKey = 'stsSigner' | 'eidRoots' | 'ehealthRoots';

const WHAT: Readonly<Record<TrustKey, string>> = {
  stsSigner: 'signs sessions',
  eidRoots: 'issues identity cards',
  ehealthRoots: 'issues eHealth certificates',
};

/**
 * The certificates that a profile trusts for one purpose.
 *
 * No eID root outside the sandbox is no error: the Belgian roots are recognised by their fingerprints
 * (`src/eid/belgian-roots.ts`), and the profile's are added to them.
 *
 * @throws TopazError `E_TRUST_MISSING` when none is configured or the file cannot be read;
 *   `E_ENVIRONMENT_MISMATCH` for a certificate of a sandbox in another environment.
 */
export async function trustRoots(profile: Profile, key: TrustKey): Promise<readonly Certificate[]> {
  const file = profile.trust[key];
  if (file === undefined) {
    if (key === 'eidRoots' && profile.environment !== 'sandbox') {
      return [];
    }
    throw new TopazError(
      'E_TRUST_MISSING',
      `profile "${profile.name}" does not say who ${WHAT[key]}`,
      {
        hint:
          profile.environment === 'sandbox'
            ? 'topaz sandbox start writes it'
            : `topaz profile set trust.${key} FILE (PEM)`,
        details: { key: `trust.${key}` },
      },
    );
  }
  return readRoots(profile, `trust.${key}`, file);
}

/**
 * Roots for TLS. The sandbox trusts only its own file, other environments the system's and theirs.
 *
 * @throws TopazError as {@link trustRoots}.
 */
export async function tlsTrust(
  profile: Profile,
): Promise<{ readonly caPem: readonly string[]; readonly systemRoots: boolean }> {
  const { tls, caFile } = profile.trust;
  const files = [
    ...(tls === undefined ? [] : [['trust.tls', tls] as const]),
    ...(caFile === undefined ? [] : [['trust.caFile', caFile] as const]),
  ];
  const sandbox = profile.environment === 'sandbox';
  if (sandbox && files.length === 0) {
    throw new TopazError(
      'E_TRUST_MISSING',
      `profile "${profile.name}" does not say which TLS certificate its sandbox has`,
      { hint: 'topaz sandbox start writes it', details: { key: 'trust.tls' } },
    );
  }
  const roots = await Promise.all(files.map(([key, file]) => readRoots(profile, key, file)));
  return {
    caPem: roots.flat().map(({ der }) => formatPem('CERTIFICATE', der)),
    systemRoots: !sandbox,
  };
}

async function readRoots(
  profile: Profile,
  key: string,
  file: string,
): Promise<readonly Certificate[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new TopazError('E_TRUST_MISSING', `${file} cannot be read`, {
      facts: [
        `${key} of profile "${profile.name}"${systemCode(error) === 'ENOENT' ? ': no such file' : ''}`,
      ],
      hint:
        profile.environment === 'sandbox'
          ? 'topaz sandbox start writes it'
          : `topaz profile set ${key} FILE (PEM)`,
      cause: error,
    });
  }
  const certificates = parsePemCertificates(text);
  if (
    profile.environment !== 'sandbox' &&
    certificates.some(({ policies }) => policies.includes(OID_SANDBOX_POLICY))
  ) {
    throw new TopazError('E_ENVIRONMENT_MISMATCH', `${key} holds a certificate of a sandbox`, {
      facts: [`${file}, in a profile of the environment ${profile.environment}`],
      hint: `topaz profile unset ${key}`,
    });
  }
  return certificates;
}
