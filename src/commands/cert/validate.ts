/**
 * `topaz cert validate`: has eHealth approved the request? Without the card a delivery and "not yet" are sure;
 * `--detail` asks with the card, where a refusal shows for sure.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { parseDuration } from '../../cli/duration.js';
import { withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { formatMoment } from '../../cli/text.js';
import type { CertificateInfo } from '../../certra/reply.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import { withReader } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';
import { openAuthority, requestsOf } from './authority.js';
import { CardPin } from './card-pin.js';
import { shortId } from './documents.js';
import { lockOf } from './send-request.js';
import { showAnswer } from './validate-result.js';
import type { Answer } from './validate-result.js';
import { withCard } from './with-card.js';

export interface ValidateOptions extends SecretFlags, CardFlags {
  watch?: boolean;
  every?: string;
  until?: string;
  detail?: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The service asks for at least this between two questions. */
const MIN_EVERY_MS = 10_000;

/** `topaz cert validate`. */
export function validateCommand(ctx: Context, run = runValidate): Command {
  const command = withReader(
    withPinFile(
      new Command('validate')
        .summary('has eHealth approved the request?')
        .argument('[request]', 'reference, 8 digits or more; without it the only one in progress')
        .option('--watch', 'ask again until there is an answer')
        .option('--every <duration>', 'with --watch: how often, 1h without it')
        .option('--until <duration>', 'with --watch: for how long, 10d without it')
        .option('--detail', 'ask with the card: the sure way to see a refusal'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # is there an answer?
  $ topaz cert validate
  # wait for it
  $ topaz cert validate --watch --every 30m
  # what does eHealth have on its books?
  $ topaz cert validate --detail

Asks for the PIN with --detail only (--pin-file, --pin-fd).
Exit status 8: not yet approved; 7: refused. See also: cert finalize`,
  );
  return command.action((request: string | undefined, options: ValidateOptions) =>
    action(ctx, command, (session) => run(session, request, options)),
  );
}

export async function runValidate(
  run: Run,
  request: string | undefined,
  options: ValidateOptions,
): Promise<void> {
  const watch = watchOf(options, (await run.profile()).environment === 'sandbox');
  const store = await requestsOf(run);
  const { chooseRequest } = await import('../../lifecycle/request-store.js');
  const record = chooseRequest(await store.list(), request);
  const authority = await openAuthority(run);
  const ask = (): Promise<Answer> =>
    options.detail === true
      ? askWithCard(run, authority, store, record, options)
      : askWithout(run, authority, store, record);
  const end = run.now().getTime() + watch.untilMs;
  let answer = await run.step(run.t('cert.validate.asking'), ask);
  while (answer.problem instanceof PendingError && run.now().getTime() + watch.everyMs <= end) {
    run.remark(
      run.t('cert.validate.again', {
        time: formatMoment(run, new Date(run.now().getTime() + watch.everyMs)),
      }),
    );
    await pause(watch.everyMs, run.ctx.signal);
    answer = await run.step(run.t('cert.validate.asking'), ask);
  }
  showAnswer(run, answer);
  if (answer.problem !== undefined) {
    throw answer.problem;
  }
}

/** How often, and for how long; not at all without `--watch`. */
function watchOf(
  { watch, every, until, detail }: ValidateOptions,
  sandbox: boolean,
): { readonly everyMs: number; readonly untilMs: number } {
  if (watch !== true) {
    if (every !== undefined || until !== undefined) {
      throw new TopazError('E_USAGE', '--every and --until belong to --watch', {
        hint: 'add --watch',
      });
    }
    return { everyMs: HOUR_MS, untilMs: 0 };
  }
  if (detail === true) {
    throw new TopazError('E_USAGE', '--detail needs the card each time and cannot be watched', {
      hint: 'leave out --watch or --detail',
    });
  }
  const everyMs = every === undefined ? HOUR_MS : parseDuration(every, '--every');
  if (everyMs < MIN_EVERY_MS && !sandbox) {
    throw new TopazError('E_USAGE', '--every is at least 10s', { hint: '--every 1h' });
  }
  return {
    everyMs,
    untilMs: until === undefined ? 10 * DAY_MS : parseDuration(until, '--until'),
  };
}

/** Longer than a timer of Node can wait is waited for in pieces. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0; left -= DAY_MS) {
    await sleep(Math.min(left, DAY_MS), undefined, { signal });
  }
}

/** Writes down what is sure, about the record as it is now: another command may have gone on with it. */
const note = (
  run: Run,
  store: RequestStore,
  record: RequestRecord,
  work: (record: RequestRecord) => Promise<RequestRecord>,
): Promise<RequestRecord> =>
  store.exclusively(lockOf(run), async () => work((await store.find(record.id)) ?? record));

async function askWithout(
  run: Run,
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
): Promise<Answer> {
  if (record.state === 'issued') {
    return { record };
  }
  const [{ askStanding, noteStanding }, { refusedError }] = await Promise.all([
    import('../../lifecycle/standing.js'),
    import('../../lifecycle/finalize.js'),
  ]);
  const standing = await askStanding(authority, record.id);
  const noted = await note(run, store, record, (now) => noteStanding(store, now, standing));
  switch (standing.state) {
    case 'approved':
      return { record: noted };
    case 'pending':
      return { record: noted, problem: pending(noted) };
    case 'unknown':
    case 'refused':
      return {
        record: { ...noted, state: noted.state === 'new' ? 'new' : 'refused' },
        problem: refusedError(standing.error, noted),
      };
  }
}

const pending = ({ id, submittedAt, logOn }: RequestRecord): PendingError =>
  new PendingError(id, {
    facts: [
      ...(submittedAt === undefined ? [] : [`sent ${submittedAt}`]),
      ...(logOn === undefined ? [] : [`log on at ${logOn.url} before ${logOn.expiresAt}`]),
      'nothing was changed',
    ],
  });

async function askWithCard(
  run: Run,
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
  options: ValidateOptions,
): Promise<Answer> {
  const { askWithCard: fetchInfo, noteInfo } = await import('../../lifecycle/standing.js');
  const pin = new CardPin(run, options);
  try {
    if (!run.settings.canAskSecret) {
      await pin.read(run.t('cert.pin'));
    }
    return await withCard(run, options, async (card) => {
      const signer = await card.authenticationSigner(pin.for(card), pin.options);
      const info = await fetchInfo(authority, record.id, signer);
      if (info === undefined) {
        return { record, problem: notOnBooks(record) };
      }
      const noted = await note(run, store, record, (now) => noteInfo(store, now, info, run.now()));
      return { record: noted, info, ...problemOf(noted, info) };
    });
  } finally {
    pin.wipe();
  }
}

function problemOf(record: RequestRecord, { status }: CertificateInfo): { problem?: TopazError } {
  switch (status) {
    case 'IN_PROGRESS':
      return { problem: pending(record) };
    case 'REFUSED':
      return {
        problem: new TopazError(
          'E_REQUEST_REFUSED',
          `eHealth refused request ${shortId(record.id)}`,
          {
            facts: ['eHealth: REFUSED; the service gives no reason'],
            hint: 'read the e-mail of eHealth or ask its support, then: topaz cert request',
            details: { requestId: record.id, status },
          },
        ),
      };
    case 'REVOKED':
      return {
        problem: new TopazError('E_CERT_REVOKED', `certificate ${shortId(record.id)} is revoked`, {
          facts: ['eHealth: REVOKED'],
          hint: 'topaz cert request',
          details: { requestId: record.id, status },
        }),
      };
    case 'EXPIRED':
      return {
        problem: new TopazError('E_CERT_EXPIRED', `certificate ${shortId(record.id)} has expired`, {
          facts: ['eHealth: EXPIRED'],
          hint: 'topaz cert request; keep the old keystore for old messages',
          details: { requestId: record.id, status },
        }),
      };
    case 'VALID_ACTIVE':
      return {};
  }
}

const notOnBooks = ({ id }: RequestRecord): TopazError =>
  new TopazError('E_REQUEST_REFUSED', `eHealth has no request ${shortId(id)} of this person`, {
    facts: ['asked with the card'],
    hint: 'is it the card of the person who made the request?',
    details: { requestId: id },
  });
