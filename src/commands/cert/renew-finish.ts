/**
 * The second half of `topaz cert renew --if-due`: wait for the certificate where eHealth looks at the request
 * by itself, then finalize. Where that takes longer, the next run of the same command goes on.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { parseDuration } from '../../cli/duration.js';
import type { Run } from '../../cli/run.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import { setActive } from '../keystore/use.js';
import { finalizeKeystore } from './finalize-keystore.js';
import { showFinished, showRenewal } from './renew-result.js';
import { lockOf } from './send-request.js';

/** eHealth asks for at least this between two questions. */
const EVERY_MS = 10_000;
const SANDBOX_EVERY_MS = 200;
const USUALLY_MS = 2 * 60_000;

export interface FinishOptions {
  /** Of the new keystore; UTF-8. */
  readonly password: Uint8Array;
  /** How long to wait for the certificate, in milliseconds. */
  readonly untilMs: number;
  /** Make the new keystore the active one. */
  readonly use: boolean;
}

/**
 * Time of `--until` in milliseconds.
 *
 * @throws TopazError `E_USAGE`.
 */
export const untilOf = (text: string | undefined): number =>
  text === undefined ? USUALLY_MS : parseDuration(text, '--until');

/**
 * Waits and finalizes. The caller holds no lock of the requests.
 *
 * @throws {@link PendingError} after the result was written; RaRefusedError `E_REQUEST_REFUSED`; TopazError
 *   `E_KEYSTORE_PASSWORD`, `E_INTERRUPTED`; and as `finalizeRequest`.
 */
export async function finishRenewal(
  run: Run,
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
  { password, untilMs, use }: FinishOptions,
): Promise<void> {
  const noted = await awaitCertificate(run, authority, store, record, untilMs);
  if (noted.state !== 'approved') {
    showRenewal(run, noted);
    throw new PendingError(noted.id, {
      facts: [noted.keystore],
      hint: 'run the same command again later; it goes on from here: topaz cert renew --if-due',
    });
  }
  const path = noted.keystore;
  const { finalized } = await finalizeKeystore(run, authority, store, { path, password, etk: true })
    .catch(forgetfulOf(path)); // prettier-ignore
  if (use) {
    await useRenewed(run, finalized.record);
  }
  showFinished(run, finalized, { path, use });
}

/** The renewed keystore is the active one from now on. */
export const useRenewed = (run: Run, { keystore, as }: RequestRecord): Promise<void> =>
  setActive(run, keystore, as === 'organisation');

/** Asks until there is a certificate or the time is over; a request that people look at is asked for once. */
async function awaitCertificate(
  run: Run,
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
  untilMs: number,
): Promise<RequestRecord> {
  const [{ askStanding, noteStanding }, { refusedError }, { environment }] = await Promise.all([
    import('../../lifecycle/standing.js'),
    import('../../lifecycle/finalize.js'),
    run.profile(),
  ]);
  const everyMs = environment === 'sandbox' ? SANDBOX_EVERY_MS : EVERY_MS;
  const deadline = performance.now() + (record.automaticallyValidated === false ? 0 : untilMs);
  return run.step(run.t('cert.renew.waiting'), async () => {
    for (;;) {
      const standing = await askStanding(authority, record.id);
      if (standing.state === 'unknown' || standing.state === 'refused') {
        throw refusedError(standing.error, record);
      }
      if (standing.state === 'approved' || performance.now() + everyMs > deadline) {
        // Another command may have gone on with it.
        return store.exclusively(lockOf(run), async () =>
          noteStanding(store, (await store.find(record.id)) ?? record, standing),
        );
      }
      await pause(everyMs, run.ctx.signal);
    }
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw new TopazError('E_INTERRUPTED', 'interrupted while waiting for the certificate', {
      hint: 'the renewal is sent; run the same command again',
      cause: error,
    });
  }
}

/** A renewal may have another password than the keystore that it renews. */
const forgetfulOf =
  (path: string) =>
  (error: unknown): never => {
    if (error instanceof TopazError && error.code === 'E_KEYSTORE_PASSWORD') {
      throw new TopazError(error.code, 'the new keystore has another password than the old one', {
        facts: [path],
        hint: 'add --new-password-file with the password it was given, or: topaz cert finalize',
        cause: error,
      });
    }
    throw error;
  };
