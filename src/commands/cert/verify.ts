/**
 * `topaz cert verify`: chain, dates, purpose and revocation of the certificates of a keystore or a file.
 *
 * @module
 */

import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { day, seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { RevocationPolicy } from '../../revocation/path-status.js';
import type { CertificateVerdict, Purpose } from '../../revocation/verify-certificate.js';
import type { Certificate } from '../../x509/certificate.js';
import { parseDay } from '../ehbox/days.js';
import { profileOrNone } from '../eid/open-card.js';
import { activeKeystore, loadKeystore } from '../keystore/open-keystore.js';
import { certificatesIn } from './certificate-file.js';
import { openRevocation, revocationPolicy } from './open-revocation.js';
import { describeVerdict, verdictLines } from './verify-result.js';

export interface VerifyOptions extends SecretFlags {
  offline?: boolean;
  at?: string;
}

/** A certificate to verify, and what is known about it. */
export interface Verified {
  readonly alias: string;
  readonly usage: 'authentication' | 'encryption' | 'file';
  readonly certificate: Certificate;
  readonly verdict: CertificateVerdict;
}

/** `topaz cert verify`. */
export function verifyCommand(ctx: Context, run = runVerify): Command {
  const command = withPasswordFile(
    new Command('verify')
      .summary('check chain, dates, purpose and revocation')
      .argument('[alias|file]', 'keystore, or certificates (PEM, DER); else the active one')
      .option('--offline', 'ask nobody: only recent answers at hand count')
      .option('--at <date>', 'at another moment: 2026-03-01 (noon) or 2026-03-01T09:00:00Z'),
  ).addHelpText(
    'after',
    `
Examples:
  # can one rely on the active certificate today?
  $ topaz cert verify
  # a certificate that somebody sent, for a script
  $ topaz cert verify colleague.pem --json
  # was it good when the message was signed?
  $ topaz cert verify colleague.pem --at 2026-03-01

Asks for the password of a keystore (--password-file, --password-fd). Of the encryption
certificates only the newest is judged. Whether one was revoked is asked at the place
that it names, by OCSP or from its list; without an answer that is a warning, or a
refusal with: topaz profile set revocation mandatory. Exit status 9: do not rely on it.`,
  );
  return command.action((what: string | undefined, options: VerifyOptions) =>
    action(ctx, command, (session) => run(session, what, options)),
  );
}

interface Subject {
  readonly alias: string;
  readonly usage: Verified['usage'];
  readonly purpose?: Purpose;
  readonly certificate: Certificate;
}

interface Subjects {
  readonly name: string;
  readonly list: readonly Subject[];
  readonly candidates: readonly Certificate[];
}

export async function runVerify(
  run: Run,
  what: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const at = options.at === undefined ? run.now() : momentOf(options.at, run.now());
  const policy = await revocationPolicy(run, 'optional');
  const subjects = await subjectsOf(run, what, options);
  const roots = await rootsFor(run, subjects);
  const verified = await run.step(run.t('cert.verify.step'), () =>
    verifyAll(run, subjects, { roots, at, policy, offline: options.offline === true }),
  );
  const wrong = verified.flatMap(({ alias, verdict }) =>
    verdict.findings
      .filter(({ state }) => state === 'failed')
      .map(({ check, reason = '' }) => ({ alias, check, reason })),
  );
  const certificates = verified.map((entry) => describeVerdict(entry));
  run.result(
    {
      schema: 'topaz.cert.verify/1',
      of: subjects.name,
      at: seconds(at),
      valid: wrong.length === 0,
      policy,
      certificates,
    },
    () =>
      verified.flatMap((entry, index) => [
        ...(index === 0 ? [] : ['']),
        ...verdictLines(run, entry),
      ]),
    () =>
      verified.flatMap(({ alias, usage, verdict }) =>
        verdict.findings.map(({ check, state, reason = '' }) => [
          alias,
          usage,
          check,
          state,
          reason,
        ]),
      ),
  );
  if (wrong.length > 0) {
    throw new TopazError(
      'E_CERT_UNTRUSTED',
      `do not rely on the certificates of ${subjects.name}`,
      {
        facts: wrong.slice(0, 5).map(({ alias, check, reason }) => `${alias}: ${check}: ${reason}`),
        hint: hintFor(wrong.map(({ reason }) => reason)),
        details: { failed: wrong, at: day(at) },
      },
    );
  }
}

/** The reason that a person can do something about comes first. */
function hintFor(reasons: readonly string[]): string {
  if (reasons.includes('revoked')) {
    return 'it was withdrawn: ask its holder for the new one, or make your own: topaz cert request';
  }
  if (reasons.includes('expired')) {
    return 'it has ended: topaz cert request, or ask its holder for the new one';
  }
  return reasons.includes('untrusted')
    ? 'it ends in no root of this profile: topaz profile show'
    : 'the facts say what does not fit: topaz cert show';
}

/** A moment, or the noon of a day: in UTC. */
function momentOf(text: string, now: Date): Date {
  const isMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (isMoment && !Number.isNaN(Date.parse(text))) {
    return new Date(text);
  }
  return new Date(`${parseDay(text, '--at', now)}T12:00:00Z`);
}

async function subjectsOf(
  run: Run,
  what: string | undefined,
  options: VerifyOptions,
): Promise<Subjects> {
  const found = what === undefined ? undefined : await certificatesIn(resolve(run.ctx.cwd, what));
  return found === undefined
    ? ofKeystore(run, what, options)
    : { name: what ?? '', list: subjectsIn(found), candidates: found };
}

/** A chain is one certificate with its issuers; a file without a leaf is about the issuers themselves. */
function subjectsIn(found: readonly Certificate[]): readonly Subject[] {
  const leaves = found.filter(({ isCa }) => !isCa);
  return (leaves.length > 0 ? leaves : found).map((certificate, index) => ({
    alias: `certificate-${index + 1}`,
    usage: 'file',
    certificate,
  }));
}

async function ofKeystore(
  run: Run,
  named: string | undefined,
  options: VerifyOptions,
): Promise<Subjects> {
  const { keystore, alias } = await loadKeystore(run, await activeKeystore(run, named), options);
  if (keystore.state === 'pending') {
    throw new TopazError('E_REQUEST_PENDING', `keystore "${alias}" has no certificate yet`, {
      hint: 'topaz cert validate',
    });
  }
  const { chain } = keystore.authentication;
  const newest = keystore.encryption.at(-1);
  return {
    name: alias,
    list: [
      {
        alias: 'authentication',
        usage: 'authentication',
        purpose: 'authentication',
        certificate: chain[0],
      },
      ...(newest === undefined
        ? []
        : [
            {
              alias: newest.alias,
              usage: 'encryption',
              purpose: 'encryption',
              certificate: newest.certificate,
            } as const,
          ]),
    ],
    candidates: chain,
  };
}

/**
 * The roots of eHealth and of identity cards that the profile trusts, and the pinned Belgian ones that are
 * among the certificates.
 */
async function rootsFor(run: Run, { candidates }: Subjects): Promise<readonly Certificate[]> {
  const [{ trustRoots }, { isBelgianRoot }, profile] = await Promise.all([
    import('../../profile/trust.js'),
    import('../../eid/belgian-roots.js'),
    profileOrNone(run),
  ]);
  const pinned =
    profile?.environment === 'sandbox' ? [] : candidates.filter((one) => isBelgianRoot(one));
  const configured = await Promise.all(
    (['ehealthRoots', 'eidRoots'] as const)
      .filter((key) => profile?.trust[key] !== undefined)
      .map(async (key) => (profile === undefined ? [] : trustRoots(profile, key))),
  );
  const roots = [...pinned, ...configured.flat()];
  if (roots.length === 0) {
    // Says which key to set.
    return trustRoots(await run.profile(), 'ehealthRoots');
  }
  return roots;
}

async function verifyAll(
  run: Run,
  { list, candidates }: Subjects,
  options: {
    readonly roots: readonly Certificate[];
    readonly at: Date;
    readonly policy: RevocationPolicy;
    readonly offline: boolean;
  },
): Promise<readonly Verified[]> {
  const { roots, at, policy, offline } = options;
  const [{ verifyCertificate }, checker] = await Promise.all([
    import('../../revocation/verify-certificate.js'),
    openRevocation(run, { offline, fresh: true }),
  ]);
  const verified: Verified[] = [];
  for (const { alias, usage, purpose, certificate } of list) {
    const verdict = await verifyCertificate(certificate, {
      candidates,
      roots,
      at,
      policy,
      checker,
      purpose,
    });
    verified.push({ alias, usage, certificate, verdict });
  }
  return verified;
}
