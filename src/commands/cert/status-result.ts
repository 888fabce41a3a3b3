/**
 * The result of `topaz cert status`: a table, records, JSON, or metrics.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatDay, seconds, table } from '../../cli/text.js';
import type { TopazError } from '../../errors.js';
import type { Described } from './status-describe.js';
import { metricsLines } from './status-metrics.js';

/** A keystore or a profile that could not be looked into. */
export interface Failure {
  readonly profile: string;
  readonly keystore?: string;
  readonly error: TopazError;
}

/** Writes it; what could not be looked into is a warning each. */
export function showStatus(
  run: Run,
  { allProfiles, format }: { readonly allProfiles?: boolean; readonly format?: string },
  certificates: readonly Described[],
  failed: readonly Failure[],
): void {
  const document = {
    schema: 'topaz.cert.status/1',
    certificates: certificates.map((entry) => entry.document),
    ...(allProfiles === true ? { failed: failed.map(failureDocument) } : {}),
  };
  if (format === 'prometheus') {
    run.result(document, () => metricsLines(certificates, failed));
    return;
  }
  run.result(
    document,
    () =>
      table(
        run,
        certificates.map(({ profile, usage, state, notAfter, daysLeft, subject }) => [
          ...(allProfiles === true ? [profile] : []),
          run.t(`cert.usage.${usage}`),
          run.t(`cert.status.${state}`),
          formatDay(run, notAfter),
          run.t('cert.status.days', { count: Math.max(0, daysLeft) }),
          subject,
        ]),
        [
          ...(allProfiles === true ? ['profile'] : []),
          'usage',
          'state',
          'until',
          'left',
          'subject',
        ].map((name) => run.t(`cert.status.${name}`)),
      ),
    () =>
      certificates.map((entry) => [
        entry.alias,
        entry.usage,
        entry.state,
        seconds(entry.notBefore),
        seconds(entry.notAfter),
        String(entry.daysLeft),
        entry.subject,
        entry.profile,
        entry.keystore,
        seconds(entry.renewableFrom),
      ]),
  );
  for (const { profile, keystore, error } of failed) {
    run.warn(
      run.t('cert.status.failed', { profile, keystore: keystore ?? '', error: error.message }),
    );
  }
}

const failureDocument = ({ profile, keystore, error }: Failure) => ({
  profile,
  ...(keystore === undefined ? {} : { keystore }),
  error: { code: error.code, message: error.message },
});
