/**
 * A request whose answer was lost (design §8): before another one is made for the same holder, what became of
 * the open ones is found out. The signed request goes out a second time only when eHealth says that it never
 * saw it; in doubt the card is asked, and nothing is sent again.
 *
 * @module
 */

import { access } from 'node:fs/promises';

import { TopazError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import { readXml } from '../xml/read.js';
import type { Authority } from './authority.js';
import { refusedError } from './finalize.js';
import { missedLogOn, sendForeignerRequest } from './foreigner.js';
import type { RequestRecord } from './request-record.js';
import type { RequestStore } from './request-store.js';
import { sendRequest } from './request.js';
import { askStanding, askWithCard, noteInfo, noteStanding } from './standing.js';

/** What became of an open request. */
export interface Resumed {
  /**
   * `sent-now`: the stored request was sent, no PIN was needed; `in-progress`: it waits, or is approved;
   * `over`: it was refused, or can never be used: another one may be made.
   */
  readonly outcome: 'sent-now' | 'in-progress' | 'over';
  readonly record: RequestRecord;
}

export interface ResumeOptions {
  /**
   * Gives the card's Authentication key, where the answer without card leaves a doubt; without it (a person who
   * has no card) the doubt stays.
   */
  readonly authenticate?: (() => Promise<Signer>) | undefined;
  /** `true` finds out and sends nothing. */
  readonly dryRun: boolean;
}

/**
 * Finds out, and sends again where that is sure to be right.
 *
 * @throws TopazError `E_USAGE` when only a person can decide (`--new`); RaRefusedError when a request that
 *   was sent again is refused; and as `Call`.
 */
export async function resumeRequest(
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
  { authenticate, dryRun }: ResumeOptions,
): Promise<Resumed> {
  const standing = await askStanding(authority, record.id);
  switch (standing.state) {
    case 'pending':
    case 'approved':
      return { outcome: 'in-progress', record: await noteStanding(store, record, standing) };
    case 'unknown':
      if (record.state === 'new') {
        return sendAgain(authority, store, record, dryRun);
      }
      break;
    case 'refused':
      break;
  }
  if (missedLogOn(record, authority.now())) {
    return giveUp(store, record, { code: 'EXPIRED', message: 'nobody logged on in time' });
  }
  if (authenticate === undefined) {
    throw refusedError(standing.error, record);
  }
  const info = await askWithCard(authority, record.id, await authenticate());
  if (info === undefined) {
    throw new TopazError('E_USAGE', `eHealth knows nothing of request ${record.id.slice(0, 8)}`, {
      facts: [`signed on ${record.createdAt}`, record.keystore],
      hint: 'to make another request all the same: topaz cert request --new',
      details: { requestId: record.id },
    });
  }
  const noted = await noteInfo(store, record, info, authority.now());
  return { outcome: noted.state === 'refused' ? 'over' : 'in-progress', record: noted };
}

async function sendAgain(
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
  dryRun: boolean,
): Promise<Resumed> {
  const message = await store.readMessage(record.id);
  if (message === undefined || !(await isThere(record.keystore))) {
    // Without its key a certificate is worth nothing, and eHealth never saw the request.
    return giveUp(store, record, {
      code: 'NEVER_SENT',
      message: 'the keystore or the signed request is gone',
    });
  }
  if (dryRun) {
    return { outcome: 'sent-now', record };
  }
  const send = record.foreigner === true ? sendForeignerRequest : sendRequest;
  return {
    outcome: 'sent-now',
    record: await send(authority, store, record, readXml(message)),
  };
}

async function giveUp(
  store: RequestStore,
  record: RequestRecord,
  refusal: { readonly code: string; readonly message: string },
): Promise<Resumed> {
  const over: RequestRecord = { ...record, state: 'refused', refusal };
  await store.save(over);
  await store.removeMessage(record.id);
  return { outcome: 'over', record: over };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
