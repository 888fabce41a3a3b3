/**
 * The work of `topaz ehbox send`, loaded when it is needed.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatSize } from '../../cli/text.js';
import { sameAddress } from '../../ehbox/address.js';
import { isSettled } from '../../ehbox/publication/attempt.js';
import type { Draft } from '../../ehbox/publication/draft.js';
import type { Outbox } from '../../ehbox/publication/outbox.js';
import { sizeOf, storeContent } from '../../ehbox/publication/outbox-record.js';
import type { OutboxRecord } from '../../ehbox/publication/outbox-record.js';
import {
  checkPublicationId,
  checkSize,
  MAX_MESSAGE_BYTES,
  packClear,
  packDraft,
  plannedBytes,
  publicationIdOf,
} from '../../ehbox/publication/pack.js';
import type { Pack } from '../../ehbox/publication/pack.js';
import { TopazError } from '../../errors.js';
import { seal, sealedSize } from '../../etee/seal.js';
import { hasValidNihiiCheck } from '../../ids/nihii.js';
import { endpoint } from '../../profile/endpoints.js';
import { connectBox } from './connect-box.js';
import type { ConnectedBox } from './connect-box.js';
import type { SendFlags } from './send.js';
import { outboxOf, sendFromOutbox } from './send-attempt.js';
import { readDraft } from './send-draft.js';
import { collectEtks } from './send-etks.js';
import { addressJson, failureOf, maskedAddress, recordJson, tellAbsences } from './send-outcome.js';

export async function runSend(run: Run, flags: SendFlags): Promise<void> {
  const id = flags.id === undefined ? undefined : checkPublicationId(flags.id);
  const draft = await readDraft(run, flags);
  // Refused here rather than after a password was typed.
  endpoint(await run.profile(), 'ehboxPublication');
  warnBefore(run, draft);
  const connected = await connectBox(run, flags);
  const outbox = await outboxOf(run, connected);
  const known = id === undefined ? undefined : await knownRecord(outbox, id, draft);
  if (known === undefined) {
    const { pack, sizeBytes } = await preparePack(run, draft, connected);
    checkSize(sizeBytes);
    if (flags.dryRun === true) {
      showDryRun(run, draft, sizeBytes, id);
      return;
    }
    const record = await compose(run, draft, connected, id ?? publicationIdOf(run.ctx.newId()), pack);
    await store(outbox, record, draft);
    await deliver(run, outbox, record.publicationId, connected, flags);
    return;
  } // prettier-ignore
  if (flags.dryRun === true) {
    run.result({ schema: 'topaz.ehbox.send/1', dryRun: true, ...recordJson(known) }, () => [
      run.t(known.state === 'sent' ? 'ehbox.send.already' : 'ehbox.send.dryKnown', {
        id: known.publicationId,
      }),
    ]);
    return;
  }
  if (known.state === 'sent') {
    run.remark(run.t('ehbox.send.already', { id: known.publicationId }));
  }
  await deliver(run, outbox, known.publicationId, connected, flags);
}

/** What a person may want to stop for. */
function warnBefore(run: Run, { recipients, sealed }: Draft): void {
  for (const recipient of recipients) {
    if (recipient.type === 'NIHII' && !hasValidNihiiCheck(recipient.id)) {
      run.warn(run.t('ehbox.send.check', { who: maskedAddress(recipient) }));
    }
  }
  if (!sealed) {
    run.warn(run.t('ehbox.send.clear'));
  }
}

/**
 * The message that this id stands for already. News that went out may be replaced.
 *
 * @throws TopazError `E_USAGE` when the id is that of a message to others or of another subject.
 */
async function knownRecord(
  outbox: Outbox,
  id: string,
  draft: Draft,
): Promise<OutboxRecord | undefined> {
  const known = await outbox.read(id);
  if (known === undefined || (draft.contentType === 'NEWS' && isSettled(known))) {
    return undefined;
  }
  const same =
    known.subject === draft.subject &&
    known.recipients.length === draft.recipients.length &&
    draft.recipients.every((one) => known.recipients.some((other) => sameAddress(one, other)));
  if (!same) {
    throw new TopazError('E_USAGE', `the id ${id} is that of another message`, {
      facts: ['its subject or its recipients are others'],
      hint: 'choose another --id; topaz ehbox outbox shows those in use',
    });
  }
  return known;
}

async function preparePack(
  run: Run,
  draft: Draft,
  connected: ConnectedBox,
): Promise<{ readonly pack: Pack; readonly sizeBytes: number }> {
  if (!draft.sealed) {
    return { pack: packClear, sizeBytes: plannedBytes(draft, (length) => length) };
  }
  const recipients = await collectEtks(run, draft.recipients, connected);
  const options = { sender: connected.keystore.signer, recipients, now: run.now() };
  return {
    pack: (bytes) => seal(bytes, options),
    sizeBytes: plannedBytes(draft, (length) => sealedSize(length, options)),
  };
}

async function compose(
  run: Run,
  draft: Draft,
  { box, info, environment }: ConnectedBox,
  publicationId: string,
  pack: Pack,
): Promise<OutboxRecord> {
  const publication = await run.step(run.t(draft.sealed ? 'ehbox.send.seal' : 'ehbox.send.pack'), () =>
    packDraft(draft, { publicationId, box }, pack),
  ); // prettier-ignore
  return {
    schema: 'topaz.ehbox.outbox-message/1',
    publicationId,
    environment,
    from: info.box,
    state: 'waiting',
    createdAt: run.now().toISOString(),
    recipients: draft.recipients,
    subject: draft.subject,
    sealed: draft.sealed,
    sizeBytes: sizeOf(publication),
    attempts: 0,
    content: storeContent(publication),
  };
}

/** News take the place of earlier ones; everything else is new. */
async function store(outbox: Outbox, record: OutboxRecord, { contentType }: Draft): Promise<void> {
  const replaces =
    contentType === 'NEWS' && (await outbox.read(record.publicationId)) !== undefined;
  await (replaces ? outbox.write(record) : outbox.add(record));
}

async function deliver(
  run: Run,
  outbox: Outbox,
  id: string,
  connected: ConnectedBox,
  flags: SendFlags,
): Promise<void> {
  const record = await run.step(run.t('ehbox.send.step'), () =>
    sendFromOutbox(run, outbox, id, connected, flags.despiteAbsence === true),
  );
  run.result({ schema: 'topaz.ehbox.send/1', ...recordJson(record) }, () => []);
  const failure = failureOf(record);
  if (failure !== undefined) {
    throw failure;
  }
  tellAbsences(run, record);
  run.done(run.t('ehbox.send.done', { count: record.recipients.length, id: record.publicationId }));
}

function showDryRun(run: Run, draft: Draft, sizeBytes: number, id: string | undefined): void {
  const { recipients, document, attachments, subject, sealed } = draft;
  const part = ({ fileName, mimeType, bytes }: Draft['document']) => ({
    name: fileName,
    mimeType,
    sizeBytes: bytes.length,
  });
  run.result(
    {
      schema: 'topaz.ehbox.send/1',
      dryRun: true,
      ...(id === undefined ? {} : { id }),
      subject,
      recipients: recipients.map(addressJson),
      sealed,
      sizeBytes,
      maxBytes: MAX_MESSAGE_BYTES,
      document: part(document),
      attachments: attachments.map(part),
    },
    () => [
      run.t('ehbox.send.dry', {
        count: recipients.length,
        size: formatSize(run, sizeBytes),
        max: formatSize(run, MAX_MESSAGE_BYTES),
      }),
      ...recipients.map((recipient) => `  ${maskedAddress(recipient)}`),
    ],
  );
}
