/**
 * `topaz ehbox show`: one message in full, from the mirror. It marks it as read on this machine.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { decodeMessage } from '../../ehbox/decode.js';
import { findMessage, summarise } from '../../ehbox/catalog.js';
import type { StoredMessage } from '../../ehbox/catalog.js';
import type { FullMessage } from '../../ehbox/message.js';
import type { MailboxMirror } from '../../ehbox/mirror.js';
import type { PartsRecord } from '../../ehbox/records.js';
import { isReadable } from '../../ehbox/seal-status.js';
import { describe, readStored } from '../../ehbox/unpack.js';
import { TopazError } from '../../errors.js';
import { withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { openerFor, openMirror, withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';
import { readableBody, shownJson, shownLines } from './show-lines.js';

export interface ShowOptions extends BoxFlags, KeystoreFlags {
  source?: boolean;
  keepUnread?: boolean;
}

/** `topaz ehbox show`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = withKeystore(
    withBox(
      new Command('show')
        .summary('show a message: headers, text, attachments')
        .argument('<id>', 'id of the message, as list shows it')
        .option('--source', 'the answer of eHealth as it came, byte for byte')
        .option('--keep-unread', 'do not mark it as read'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # read a message
  $ topaz ehbox show 9Y0001A7F3K02
  # what eHealth sent, to a file
  $ topaz ehbox show 9Y0001A7F3K02 --source > message.mime
  # sealed for an older certificate
  $ topaz ehbox show 9Y0001A7F3K02 --keystore old.p12`,
  );
  return command.action((id: string, options: ShowOptions) =>
    action(ctx, command, (session) => run(session, id, options)),
  );
}

/** A message as it is shown. */
export interface Shown {
  readonly stored: StoredMessage;
  readonly message: FullMessage;
  readonly parts: PartsRecord;
  /** Text of the body, when it opened and is text. */
  readonly text: string | undefined;
}

export async function runShow(run: Run, id: string, options: ShowOptions): Promise<void> {
  const { mirror } = await openMirror(run, options);
  const stored = await findMessage(mirror, id);
  if (options.source === true) {
    await showSource(run, mirror, stored);
    return;
  }
  const shown = await openShown(run, mirror, stored, options);
  const body = await readableBody(shown);
  run.result(
    {
      schema: 'topaz.ehbox.show/1',
      messages: [shownJson({ ...shown, summary: summarise(shown.stored) })],
    },
    () => shownLines(run, shown, body),
  );
  const { signer, status } = shown.parts;
  if (!isReadable(status)) {
    run.warn(run.t('ehbox.show.unopened', { reason: run.t(`ehbox.seal.${status}`) }));
  }
  if (signer?.match === 'different') {
    run.warn(run.t('ehbox.show.signer', { signer: signer.name ?? signer.type }));
  }
  if (stored.meta.unread && options.keepUnread !== true) {
    await mirror.updateMeta(stored.key, (meta) => ({ ...meta, unread: false }));
  }
}

/** Reads the message again from its answer, and opens it where that was not done, or may bring more. */
async function openShown(
  run: Run,
  mirror: MailboxMirror,
  stored: StoredMessage,
  options: ShowOptions,
): Promise<Shown> {
  const message = await readStored(mirror, stored.key);
  const kept = stored.parts;
  const tryAgain = options.keystore !== undefined && kept !== undefined && !isReadable(kept.status);
  if (kept !== undefined && !tryAgain) {
    const body = kept.parts.find(({ role }) => role === 'body');
    const bytes =
      body?.file === undefined || !isReadable(body.status)
        ? undefined
        : await mirror.readPart(stored.key, body.file);
    return { stored, message, parts: kept, text: textOf(body?.mimeType, bytes) };
  }
  const decoded = await decodeMessage(message, await openerFor(run, stored, options));
  const body = decoded.parts.find(({ role }) => role === 'body');
  const bytes = body !== undefined && isReadable(body.status) ? body.bytes : undefined;
  const parts = describe(message, decoded, new Set());
  return { stored: { ...stored, parts }, message, parts, text: textOf(body?.mimeType, bytes) };
}

/** UTF-8, or Latin-1 from senders who do not know better; nothing for bytes that are no text. */
function textOf(mimeType: string | undefined, bytes: Uint8Array | undefined): string | undefined {
  const readable = /^(?:text\/|application\/(?:[\w.+-]+\+)?xml\b)/.test(mimeType ?? '');
  if (bytes === undefined || !readable || bytes.includes(0)) {
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

async function showSource(
  run: Run,
  mirror: MailboxMirror,
  { key, meta }: StoredMessage,
): Promise<void> {
  const raw = await mirror.readRaw(key);
  if (raw === undefined) {
    throw new TopazError('E_MESSAGE_UNKNOWN', `message ${meta.id} is listed but was not fetched yet`, { hint: 'topaz ehbox sync' }); // prettier-ignore
  }
  if (run.settings.json) {
    run.result(
      {
        schema: 'topaz.ehbox.show/1',
        messages: [{ ...summarise({ key, meta, parts: await mirror.readParts(key) }) }],
        source: {
          status: raw.status,
          headers: raw.headers,
          bodyBase64: Buffer.from(raw.body).toString('base64'),
        },
      },
      () => [],
    );
    return;
  }
  if (run.ctx.io.tty.stdout && isBinary(raw.body)) {
    throw new TopazError('E_BINARY_TO_TERMINAL', 'refusing to write binary to the terminal', {
      hint: `topaz ehbox show ${meta.id} --source > FILE`,
    });
  }
  await run.ctx.io.outBytes(raw.body);
}

/** Whether bytes hold what a terminal would not show as text. */
const isBinary = (bytes: Uint8Array): boolean =>
  bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) ||
  Buffer.from(bytes).toString('utf8').includes('\uFFFD');
