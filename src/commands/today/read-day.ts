/**
 * What one profile has to say today, from its own files alone: no network, no card, no password.
 *
 * @module
 */

import { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { listBoxes } from '../../ehbox/boxes.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import { profileFolders } from '../../profile/paths.js';
import type { ProfileFolders } from '../../profile/paths.js';
import type { Profile } from '../../profile/profile.js';
import { readSession } from '../../sts/session-store.js';
import { secondsLeft } from '../../sts/session.js';
import type { Session } from '../../sts/session.js';
import { countUnconfirmed, countUnread } from './unread.js';

const DAY_MS = 86_400_000;

export interface MailboxDay {
  readonly box: { readonly type: string; readonly id: string; readonly quality: string };
  readonly unread: number;
  readonly messages: number;
  readonly lastSync?: string;
}

/** A mailbox of MyCareNet. */
export interface DomainDay {
  readonly domain: string;
  readonly unconfirmed: number;
  readonly messages: number;
  readonly lastSync?: string;
}

export interface SessionDay {
  readonly quality: string;
  readonly via: Session['via'];
  readonly notOnOrAfter: string;
  readonly secondsLeft: number;
}

export interface CertificateDay {
  readonly keystore: string;
  /** `unknown`: only the password of the keystore would tell. */
  readonly state: 'valid' | 'expiring' | 'expired' | 'revoked' | 'unknown';
  readonly notAfter?: string;
  readonly daysLeft?: number;
}

export interface KeyDay {
  readonly id: string;
  readonly copies: number;
  readonly lastCopy?: string;
  readonly daysSinceCopy?: number;
}

export interface Day {
  readonly profile: string;
  readonly environment: string;
  readonly mailboxes: readonly MailboxDay[];
  readonly mycarenet: readonly DomainDay[];
  /** `null` = none is open. */
  readonly session: SessionDay | null;
  readonly certificates: readonly CertificateDay[];
  readonly keys: readonly KeyDay[];
}

/** @throws TopazError `E_KEYSTORE_UNKNOWN`. */
export async function readDay(run: Run, profile: Profile): Promise<Day> {
  const { name, environment, clock } = profile;
  const folders = profileFolders(run.paths, name);
  const offset = environment === 'sandbox' ? clock.offsetSeconds * 1000 : 0;
  const now = new Date(run.ctx.now().getTime() + offset);
  const [mailboxes, mycarenet, session, certificates, keys] = await Promise.all([
    readMailboxes(folders, environment),
    readDomains(join(run.paths.data, name, 'mycarenet')),
    readSession(folders.state, environment),
    readCertificates(run, profile, now),
    readKeys(folders, now),
  ]);
  return {
    profile: name,
    environment,
    mailboxes,
    mycarenet,
    session: session === undefined || session.notOnOrAfter <= now ? null : sessionDay(session, now),
    certificates,
    keys,
  };
}

async function readMailboxes(
  { ehbox }: ProfileFolders,
  environment: string,
): Promise<readonly MailboxDay[]> {
  const boxes = await listBoxes(ehbox, environment);
  return Promise.all(
    boxes.map(async ({ folder, record: { box, lastSync } }) => ({
      box: { type: box.type, id: box.id, quality: box.quality },
      ...(await countUnread(folder)),
      ...(lastSync === undefined ? {} : { lastSync: seconds(new Date(lastSync)) }),
    })),
  );
}

async function readDomains(folder: string): Promise<readonly DomainDay[]> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const days = await Promise.all(
    names.map(async (domain): Promise<readonly DomainDay[]> => {
      const counted = await countUnconfirmed(join(folder, domain));
      return counted === undefined ? [] : [{ domain, ...counted }];
    }),
  );
  return days.flat();
}

const sessionDay = (session: Session, now: Date): SessionDay => ({
  quality: session.holder.quality,
  via: session.via,
  notOnOrAfter: seconds(session.notOnOrAfter),
  secondsLeft: secondsLeft(session, now),
});

/** Dates as `cert finalize` wrote them down, or as the session agent knows them. */
async function readCertificates(
  run: Run,
  profile: Profile,
  now: Date,
): Promise<readonly CertificateDay[]> {
  const { keystore, organisationKeystore } = profile;
  const named = [...new Set([keystore, organisationKeystore])].filter((entry) => entry !== undefined); // prettier-ignore
  if (named.length === 0) {
    return [];
  }
  const [{ aliasOf, findKeystore }, { renewableFrom }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../../lifecycle/replacement.js'),
  ]);
  const folder = profileFolders(run.paths, profile.name).keystores;
  return Promise.all(
    named.map(async (given): Promise<CertificateDay> => {
      const path = await findKeystore(folder, given, { cwd: run.ctx.cwd });
      const alias = aliasOf(path);
      const found = await findDates(run, profile, path);
      if (found === undefined) {
        return { keystore: alias, state: 'unknown' };
      }
      const { notAfter } = found;
      const left = notAfter.getTime() - now.getTime();
      const dates = { notAfter: seconds(notAfter), daysLeft: Math.floor(left / DAY_MS) };
      const state =
        found.record?.revocation !== undefined
          ? 'revoked'
          : left <= 0
            ? 'expired'
            : now >= renewableFrom(notAfter, found.record)
              ? 'expiring'
              : 'valid';
      return { keystore: alias, state, ...dates };
    }),
  );
}

interface Dates {
  readonly notAfter: Date;
  readonly record: RequestRecord | undefined;
}

/** Only the end of the certificate is read: taking it apart is most of the time that this command has. */
async function findDates(run: Run, profile: Profile, path: string): Promise<Dates | undefined> {
  const [{ openRequestStore }, { keystoreDigest }] = await Promise.all([
    import('../../lifecycle/request-store.js'),
    import('../../lifecycle/keystore-digest.js'),
  ]);
  const records = await openRequestStore(profileFolders(run.paths, profile.name).state).list();
  const digest = await keystoreDigest(path);
  const record = records.find(({ fileDigest }) => fileDigest === digest);
  const [base64] = record?.certificates ?? [];
  if (base64 !== undefined) {
    const { validTo } = new X509Certificate(Buffer.from(base64, 'base64'));
    return { notAfter: new Date(validTo), record };
  }
  const [{ aliasOf }, { knownCertificates }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../cert/status-source.js'),
  ]);
  const found = (await knownCertificates(run, { profile, path, alias: aliasOf(path) }))?.find(
    ({ usage }) => usage === 'authentication',
  );
  return found === undefined
    ? undefined
    : { notAfter: found.certificate.notAfter, record: found.record };
}

async function readKeys({ keys }: ProfileFolders, now: Date): Promise<readonly KeyDay[]> {
  // What reads keys is loaded only where there are some.
  if ((await readdir(keys).catch(() => [])).length === 0) {
    return [];
  }
  const { listCopies, listKeys } = await import('../../userkey/key-store.js');
  return Promise.all(
    (await listKeys(keys)).map(async (id): Promise<KeyDay> => {
      const copies = await listCopies(keys, id);
      const times = copies.map(({ at }) => Date.parse(at)).filter((time) => !Number.isNaN(time));
      if (times.length === 0) {
        return { id, copies: copies.length };
      }
      const last = new Date(Math.max(...times));
      return {
        id,
        copies: copies.length,
        lastCopy: seconds(last),
        daysSinceCopy: Math.max(0, Math.floor((now.getTime() - last.getTime()) / DAY_MS)),
      };
    }),
  );
}
