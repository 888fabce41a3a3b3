/**
 * `topaz mycarenet insurability --file LIST`: a whole list of patients, at a bounded pace, through a journal that
 * lets an interrupted batch go on.
 *
 * @module
 */

import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Run } from '../../cli/run.js';
import { systemCode, TopazError } from '../../errors.js';
import { addDays, belgianDay } from '../../mycarenet/belgian-day.js';
import { lastStandings } from '../../mycarenet/batch/changes.js';
import type { Standing } from '../../mycarenet/batch/changes.js';
import { AnswerJournal, sweepJournals } from '../../mycarenet/batch/journal.js';
import { createPace } from '../../mycarenet/batch/pace.js';
import { readPatientList } from '../../mycarenet/batch/patient-list.js';
import type { ListedPatient } from '../../mycarenet/batch/patient-list.js';
import { patientKey } from '../../mycarenet/batch/question-key.js';
import type { Asker } from '../../mycarenet/batch/question-key.js';
import { runBatch } from '../../mycarenet/batch/run-batch.js';
import type { MemberDataQuery, PatientId } from '../../mycarenet/memberdata/query.js';
import { profileFolders } from '../../profile/paths.js';
import type { Profile } from '../../profile/profile.js';
import { parseBatchFlags } from './batch-flags.js';
import type { BatchFlags, BatchSettings } from './batch-flags.js';
import { openSink } from './batch-sink.js';
import { showBatch } from './batch-show.js';
import { withCaller } from './caller.js';
import type { OpenCaller } from './caller.js';
import { checkListService, parseQuestion } from './insurability-flags.js';
import type { InsurabilityOptions } from './insurability-flags.js';

/** Answers about patients are kept so long, for the comparison with the last month. */
const JOURNAL_DAYS = 35;
const MAX_LIST_BYTES = 64 * 1024 * 1024;

export interface AskedList {
  readonly profile: Profile;
  readonly listed: readonly ListedPatient[];
  readonly question: Omit<MemberDataQuery, 'patient'>;
  readonly settings: BatchSettings;
}

/**
 * Runs it.
 *
 * @throws TopazError `E_LIST_INVALID`, `E_FILE_NOT_FOUND`, `E_LOCKED` when another batch of the profile runs, and
 *   as a single question.
 */
export async function runList(run: Run, file: string, options: InsurabilityOptions): Promise<void> {
  const settings = parseBatchFlags(options, run.now());
  checkForm(run, options);
  const question = parseQuestion(options, run.now());
  const profile = await run.profile();
  checkListService(options, profile, question);
  const listed = readPatientList(await readList(run, file));
  sayUnusable(run, listed);
  const isAsync = options.async === true || options.collect === true;
  if (options.dryRun === true && isAsync) {
    const { showPosts } = await import('./async-dry-run.js');
    showPosts(run, profile, { profile, listed, question, settings }, options);
    return;
  }
  if (options.dryRun === true) {
    const { showRequests } = await import('./insurability-dry-run.js');
    const patients = listed.flatMap(({ patient }) => patient ?? []);
    const queries = patients.map((patient) => ({ ...question, patient }));
    showRequests(run, profile, queries, options);
    return;
  }
  const sink = await openSink(run, options);
  try {
    const asked = { profile, listed, question, settings };
    const tally = await withAsking(run, profile, options, isAsync, (nihii, ask) =>
      withJournal(run, profile, async (journal, folder) => {
        const asker: Asker = { environment: profile.environment, nihii, service: options.service };
        const before = await standingsBefore(folder, asker, listed, settings);
        const results = await ask(journal, asker, asked);
        return showBatch(
          run,
          sink,
          { listed, question, asker, journal, results },
          {
            environment: profile.environment,
            raw: options.raw === true,
            format: options.format ?? (isForPeople(run, options) ? 'table' : undefined),
            before,
          },
        );
      }),
    );
    await sink.end();
    if (options.out !== undefined && options.out !== '-') {
      run.done(run.t('mycarenet.batch.written', { file: options.out }));
    }
    tally.end(options);
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

type AskList = (
  journal: AnswerJournal,
  asker: Asker,
  asked: AskedList,
) => ReturnType<typeof runBatch>;

/** Opens what is needed to ask, one after the other or through the mailbox. */
async function withAsking<T>(
  run: Run,
  profile: Profile,
  options: InsurabilityOptions,
  isAsync: boolean,
  work: (nihii: string, ask: AskList) => Promise<T>,
): Promise<T> {
  const raw = options.raw === true;
  if (!isAsync) {
    return withCaller(
      run,
      profile,
      options,
      (caller) =>
        work(caller.nihii, (journal, asker, asked) =>
          askAbout(run, caller, journal, asker, asked, raw),
        ),
      { batch: true },
    );
  }
  const [{ withMailboxes }, { askByPost }] = await Promise.all([
    import('./mailbox/connect.js'),
    import('./async.js'),
  ]);
  return withMailboxes(run, profile, options, (connected) =>
    work(connected.nihii, (journal, asker, asked) =>
      askByPost(run, connected, { journal, asker, asked, options }),
    ),
  );
}

/** A table on the screen; elsewhere one record a line. */
const isForPeople = (run: Run, { out }: BatchFlags): boolean =>
  out === undefined && run.ctx.io.tty.stdout;

function checkForm({ settings }: Run, { format }: BatchFlags): void {
  if (settings.json && format !== undefined) {
    throw new TopazError('E_USAGE', '--json is a form of its own', {
      hint: 'leave out --format, or --json; --format jsonl gives one document a line',
    });
  }
}

async function readList(run: Run, file: string): Promise<Uint8Array> {
  if (file === '-') {
    return run.ctx.io.readStdin();
  }
  const path = resolve(run.ctx.cwd, file);
  try {
    if ((await stat(path)).size > MAX_LIST_BYTES) {
      throw new TopazError('E_LIST_INVALID', 'the list is too long', {
        hint: 'divide it into several files',
      });
    }
    return await readFile(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(systemCode(error) ?? '')) {
      throw new TopazError('E_FILE_NOT_FOUND', `${file} cannot be read`, {
        hint: 'check the path; - reads the list from stdin',
        cause: error,
      });
    }
    throw error;
  }
}

/** Said before anything is asked: a list from a wrong column is seen at once. */
function sayUnusable(run: Run, listed: readonly ListedPatient[]): void {
  const bad = listed.filter(({ error }) => error !== undefined);
  const [first] = bad;
  if (first?.error !== undefined) {
    run.warn(
      run.t('mycarenet.batch.unusable', {
        count: bad.length,
        line: first.line,
        problem: first.error.message,
      }),
    );
  }
}

async function withJournal<T>(
  run: Run,
  profile: Profile,
  work: (journal: AnswerJournal, folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(profileFolders(run.paths, profile.name).state, 'insurability');
  const today = belgianDay(run.now());
  const journal = await AnswerJournal.open(folder, today, { signal: run.ctx.signal });
  try {
    await sweepJournals(folder, addDays(today, -(profile.mycarenet.journalDays ?? JOURNAL_DAYS)));
    return await work(journal, folder);
  } finally {
    await journal.close();
  }
}

function standingsBefore(
  folder: string,
  asker: Asker,
  listed: readonly ListedPatient[],
  { changesSince }: BatchSettings,
): Promise<ReadonlyMap<string, Standing>> | undefined {
  if (changesSince === undefined) {
    return undefined;
  }
  const wanted = new Set(
    listed.flatMap(({ patient }) => (patient === undefined ? [] : [patientKey(asker, patient)])),
  );
  return lastStandings(folder, wanted, changesSince === 'last' ? undefined : changesSince);
}

async function askAbout(
  run: Run,
  { consult, until }: OpenCaller,
  journal: AnswerJournal,
  asker: Asker,
  { listed, question, settings }: AskedList,
  raw: boolean,
): ReturnType<typeof runBatch> {
  const { signal } = run.ctx;
  const patients = distinct(listed);
  const pace = createPace({
    rate: settings.rate,
    elapsed: () => performance.now(),
    sleep: (ms) => sleep(ms, undefined, { signal }),
  });
  const counts = { answered: 0, reused: 0, failed: 0 };
  try {
    return await run.count(run.t('mycarenet.batch.asking'), patients.length, (advance) =>
      runBatch(queriesOf(patients, question), {
        asker,
        journal,
        ask: (query, sent) => consult(query, { sent, pace }),
        now: run.now,
        maxAgeMs: settings.maxAgeMs,
        concurrency: settings.concurrency,
        raw,
        until,
        signal,
        onEnd: (end) => {
          counts[end] += 1;
          advance();
        },
      }),
    );
  } finally {
    const { answered, reused, failed } = counts;
    const total = patients.length;
    run.done(
      answered + reused + failed < total
        ? run.t('mycarenet.batch.interrupted', { count: answered + reused, total })
        : run.t('mycarenet.batch.summary', { answered, reused, failed }),
    );
  }
}

/** Each patient once. */
export function distinct(listed: readonly ListedPatient[]): readonly PatientId[] {
  const patients = new Map<string, PatientId>();
  for (const { patient } of listed) {
    if (patient !== undefined) {
      patients.set(JSON.stringify(patient), patient);
    }
  }
  return [...patients.values()];
}

function* queriesOf(
  patients: Iterable<PatientId>,
  question: Omit<MemberDataQuery, 'patient'>,
): Generator<MemberDataQuery> {
  for (const patient of patients) {
    yield { ...question, patient };
  }
}
