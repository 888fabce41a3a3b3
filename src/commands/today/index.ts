/**
 * `topaz today`: the day at a glance, from the files of this machine alone.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { shortDuration } from '../../cli/counter.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts, formatDay, formatMoment, seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { CertificateDay, Day, DomainDay, KeyDay, MailboxDay } from './read-day.js';

export interface TodayOptions {
  allProfiles?: boolean;
}

/** `topaz today`. */
export function todayCommand(ctx: Context, run = runToday): Command {
  const command = new Command('today')
    .summary('the day at a glance, offline')
    .option('--all-profiles', 'every profile of this machine, not this one alone')
    .addHelpText(
      'after',
      `
Examples:
  # what waits for me?
  $ topaz today
  # for the shell prompt or a status bar
  $ topaz today --all-profiles --json

Reads the files of this machine: no network, no card, no password.
Exit status 11 with --all-profiles when a profile could not be read.`,
    );
  return command.action((options: TodayOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

interface Failure {
  readonly profile: string;
  readonly error: TopazError;
}

export async function runToday(run: Run, { allProfiles = false }: TodayOptions): Promise<void> {
  const [{ readDay }, { lastBackup }] = await Promise.all([
    import('./read-day.js'),
    import('../backup/last-backup.js'),
  ]);
  const days: Day[] = [];
  const failed: Failure[] = [];
  if (allProfiles) {
    const { listProfiles, readProfile } = await import('../../profile/profile.js');
    for (const name of await listProfiles(run.paths)) {
      try {
        days.push(await readDay(run, await readProfile(run.paths, name)));
      } catch (error) {
        if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
          throw error;
        }
        failed.push({ profile: name, error });
      }
    }
  } else {
    days.push(await readDay(run, await run.profile()));
  }
  const backup = backupDay(await lastBackup(run.paths), run.now());
  run.result(
    {
      schema: 'topaz.today/1',
      profiles: days,
      backup,
      ...(allProfiles ? { failed: failed.map(failureDocument) } : {}),
    },
    () => [
      ...days.flatMap((day) => [...dayLines(run, day), '']),
      ...facts([[run.t('today.home'), backupText(run, backup)]]),
    ],
    () => [
      ...days.flatMap(dayRecords),
      ...(backup === null ? [] : [['', 'backup', '', String(backup.daysAgo), '', backup.at]]),
    ],
  );
  for (const { profile, error } of failed) {
    run.warn(run.t('today.failed', { profile, error: error.message }));
  }
  const [first] = failed;
  if (first !== undefined) {
    throw days.length === 0
      ? first.error
      : new TopazError('E_PARTIAL', 'some profiles could not be looked at', {
          facts: failed.map(({ profile, error }) => `${profile}: ${error.message}`),
          hint: `topaz doctor --profile ${first.profile}`,
        });
  }
}

/** The last backup of the whole home; `null` = none was made here. */
interface BackupDay {
  readonly at: string;
  readonly daysAgo: number;
}

const DAY_MS = 86_400_000;

const backupDay = (last: Date | undefined, now: Date): BackupDay | null =>
  last === undefined
    ? null
    : {
        at: seconds(last),
        daysAgo: Math.max(0, Math.floor((now.getTime() - last.getTime()) / DAY_MS)),
      };

const backupText = ({ t }: Run, backup: BackupDay | null): string =>
  backup === null ? t('today.home.none') : t('today.home.made', { count: backup.daysAgo });

const failureDocument = ({ profile, error }: Failure): object => ({
  profile,
  error: { code: error.code, message: error.message },
});

function dayLines(run: Run, day: Day): readonly string[] {
  const { t, style } = run;
  const { profile, environment, mailboxes, mycarenet, session, certificates, keys } = day;
  return [
    style.out.bold(t('today.profile', { profile, environment })),
    ...facts([
      ...(mailboxes.length === 0
        ? [[t('today.mailbox'), t('today.nomailbox')] as const]
        : mailboxes.map((box) => [t('today.mailbox'), mailboxText(run, box)] as const)),
      ...mycarenet.map((box) => [t('today.mycarenet'), domainText(run, box)] as const),
      [
        t('today.session'),
        session === null
          ? t('today.closed')
          : t('today.open', { quality: session.quality, time: shortDuration(session.secondsLeft) }),
      ],
      ...(certificates.length === 0
        ? [[t('today.certificate'), t('today.nokeystore')] as const]
        : certificates.map((entry) => [t('today.certificate'), certificateText(run, entry)] as const)), // prettier-ignore
      ...keys.map((key) => [t('today.backup'), keyText(run, key)] as const),
    ]),
  ];
}

const mailboxText = (run: Run, { box, unread, lastSync }: MailboxDay): string => {
  const text =
    lastSync === undefined
      ? run.t('today.unfinished', { count: unread })
      : run.t('today.unread', { count: unread, time: formatMoment(run, new Date(lastSync)) });
  return `${text} (${box.quality})`;
};

const domainText = (run: Run, { domain, unconfirmed, lastSync }: DomainDay): string => {
  const time = lastSync === undefined ? run.signs.skipped : formatMoment(run, new Date(lastSync));
  return `${run.t('today.waiting', { count: unconfirmed, time })} (${domain})`;
};

function certificateText(
  run: Run,
  { keystore, state, notAfter, daysLeft = 0 }: CertificateDay,
): string {
  switch (state) {
    case 'unknown':
      return run.t('today.locked', { keystore });
    case 'revoked':
      return run.t('today.revoked', { keystore });
    case 'expired':
      return run.t('today.expired', { keystore, date: formatDay(run, new Date(notAfter ?? '')) });
    case 'valid':
    case 'expiring':
      return run.t('today.days', { keystore, count: daysLeft });
  }
}

const ID_START = 8;

const keyText = ({ t }: Run, { id, daysSinceCopy }: KeyDay): string => {
  const key = id.slice(0, ID_START);
  return daysSinceCopy === undefined
    ? t('today.uncopied', { key })
    : t('today.copied', { key, count: daysSinceCopy });
};

/** Profile, what, which, then what there is to say of it; empty cells for what is not known. */
const dayRecords = ({ profile, mailboxes, mycarenet, session, certificates, keys }: Day): readonly (readonly string[])[] => [
  ...mailboxes.map(({ box, unread, messages, lastSync = '' }) => [profile, 'mailbox', `${box.type}=${box.id}:${box.quality}`, String(unread), String(messages), lastSync]),
  ...mycarenet.map(({ domain, unconfirmed, messages, lastSync = '' }) => [profile, 'mycarenet', domain, String(unconfirmed), String(messages), lastSync]),
  ...(session === null ? [] : [[profile, 'session', session.quality, String(session.secondsLeft), session.via, session.notOnOrAfter]]),
  ...certificates.map(({ keystore, state, notAfter = '', daysLeft }) => [profile, 'certificate', keystore, daysLeft === undefined ? '' : String(daysLeft), state, notAfter]),
  ...keys.map(({ id, copies, lastCopy = '', daysSinceCopy }) => [profile, 'key', id, daysSinceCopy === undefined ? '' : String(daysSinceCopy), String(copies), lastCopy]),
]; // prettier-ignore
