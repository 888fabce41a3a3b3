/**
 * What `topaz cert verify` found, for people and in JSON.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { cleanText, facts, formatDay, formatMoment, seconds } from '../../cli/text.js';
import type { CertificateFinding } from '../../revocation/verify-certificate.js';
import { fingerprint, serialDecimal } from '../../x509/certificate.js';
import { formatRfc2253 } from '../../x509/name.js';
import { describeStatus } from './open-revocation.js';
import type { Verified } from './verify.js';

/** One certificate in JSON. */
export function describeVerdict({ alias, usage, certificate, verdict }: Verified) {
  const { findings, path, purposes, revocation } = verdict;
  const about = revocation?.certificate;
  return {
    alias,
    usage,
    subject: formatRfc2253(certificate.subject),
    issuer: formatRfc2253(certificate.issuer),
    serial: serialDecimal(certificate),
    notBefore: seconds(certificate.notBefore),
    notAfter: seconds(certificate.notAfter),
    valid: findings.every(({ state }) => state !== 'failed'),
    purposes,
    checks: findings,
    chain: path.map((entry) => ({
      subject: formatRfc2253(entry.subject),
      serial: serialDecimal(entry),
      fingerprintSha256: fingerprint(entry),
    })),
    revocation: {
      ...describeStatus(revocation?.status),
      ...(about === undefined ? {} : { certificate: serialDecimal(about) }),
    },
  };
}

/** One certificate for people: whose it is, then one line per check. */
export function verdictLines(run: Run, verified: Verified): readonly string[] {
  const { success, warning, failure, skipped } = run.signs;
  const signs = { ok: success, warning, failed: failure, skipped };
  return [
    run.style.out.bold(cleanText(formatRfc2253(verified.certificate.subject))),
    ...facts(
      verified.verdict.findings.map((finding): [string, string] => [
        `${signs[finding.state]} ${run.t(`cert.verify.check.${finding.check}`)}`,
        textOf(run, finding, verified),
      ]),
    ),
  ];
}

function textOf(run: Run, { check, reason }: CertificateFinding, verified: Verified): string {
  const { certificate, verdict } = verified;
  const found = reason ?? 'ok';
  switch (check) {
    case 'chain': {
      const root = verdict.path.at(-1);
      return run.t(`cert.verify.chain.${found}`, {
        root: root === undefined ? '' : formatRfc2253(root.subject),
      });
    }
    case 'dates':
      return run.t(`cert.verify.dates.${found}`, {
        date: formatDay(
          run,
          found === 'not-yet-valid' ? certificate.notBefore : certificate.notAfter,
        ),
      });
    case 'purpose':
      return run.t(`cert.verify.purpose.${found}`, {
        purposes: verdict.purposes.map((purpose) => run.t(`cert.verify.for.${purpose}`)).join(', '),
      });
    case 'revocation':
      return revocationText(run, found, verified);
  }
}

function revocationText(run: Run, found: string, { verdict }: Verified): string {
  const status = verdict.revocation?.status;
  if (status === undefined || status.state === 'unknown') {
    return run.t(`cert.verify.revocation.${found}`, { detail: status?.detail ?? '' });
  }
  const { kind, thisUpdate, cached } = status.source;
  const source = run.t(cached ? 'cert.verify.source.copy' : 'cert.verify.source', {
    kind: kind.toUpperCase(),
    date: formatMoment(run, thisUpdate),
  });
  return status.state === 'good'
    ? run.t('cert.verify.revocation.ok', { source })
    : run.t('cert.verify.revocation.revoked', {
        date: formatMoment(run, status.revokedAt),
        reason: status.reason ?? 'unspecified',
        source,
      });
}
