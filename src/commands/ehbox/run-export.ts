/**
 * The work of `topaz ehbox export`, loaded when it is needed.
 *
 * @module
 */

import { resolve } from 'node:path';

import type { Run } from '../../cli/run.js';
import { findMessage, findMessages, summarise } from '../../ehbox/catalog.js';
import type { StoredMessage } from '../../ehbox/catalog.js';
import { toEml } from '../../ehbox/export/eml.js';
import type { ExportedMessage } from '../../ehbox/export/exported.js';
import { writeMaildir, writeNamed } from '../../ehbox/export/places.js';
import type { MailboxMirror } from '../../ehbox/mirror.js';
import type { Folder } from '../../ehbox/records.js';
import { isReadable } from '../../ehbox/seal-status.js';
import { TopazError } from '../../errors.js';
import { endBatch, failedJson } from './batch.js';
import type { Failure } from './batch.js';
import { parseDay } from './days.js';
import type { ExportFlags } from './export.js';
import { openMirror } from './open-mirror.js';
import { problemOf, readParts } from './open-parts.js';
import { shownJson } from './show-lines.js';

const FORMATS = ['eml', 'maildir', 'json'] as const;
const FOLDERS: readonly Folder[] = ['inbox', 'bin', 'sent', 'sent-bin'];
type Format = (typeof FORMATS)[number];

export async function runExport(
  run: Run,
  ids: readonly string[],
  options: ExportFlags,
): Promise<void> {
  const format = oneOf(FORMATS, options.format ?? 'eml', '--format');
  if (options.out === undefined) {
    throw new TopazError('E_USAGE', 'where shall the files go?', { hint: 'add --out DIR' });
  }
  const folder = resolve(run.ctx.cwd, options.out);
  const { mirror } = await openMirror(run, options);
  const failed: Failure[] = [];
  const messages = await choose(run, mirror, ids, options, failed);
  const done: { id: string; path: string }[] = [];
  await run.count(run.t('ehbox.export.step'), messages.length, async (advance) => {
    for (const stored of messages) {
      const { id } = stored.meta;
      if (run.ctx.signal.aborted) {
        throw new TopazError('E_INTERRUPTED', 'interrupted; what was written is complete', {
          hint: 'run it again for the rest',
        });
      }
      try {
        const { exported, problems } = await open(run, mirror, stored, options);
        done.push({ id, path: await write(run, folder, format, exported, options.force === true) });
        failed.push(...problems.map((error) => ({ id, error })));
      } catch (error) {
        if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
          throw error;
        }
        failed.push({ id, error });
      }
      advance(1);
    }
  });
  run.result(
    { schema: 'topaz.ehbox.export/1', folder, format, done, failed: failedJson(failed) },
    () => done.map(({ path }) => path),
    () => done.map(({ id, path }) => [id, path]),
  );
  run.done(run.t('ehbox.export.done', { count: done.length, folder }));
  endBatch(done.length, failed);
}

function oneOf<T extends string>(names: readonly T[], given: string, flag: string): T {
  const found = names.find((name) => name === given);
  if (found === undefined) {
    throw new TopazError('E_USAGE', `${flag} does not know that name`, {
      hint: `one of: ${names.join(', ')}`,
    });
  }
  return found;
}

async function choose(
  run: Run,
  mirror: MailboxMirror,
  ids: readonly string[],
  options: ExportFlags,
  failed: Failure[],
): Promise<readonly StoredMessage[]> {
  const { folder, since, until } = options;
  const filter = {
    folder: folder === undefined ? undefined : oneOf(FOLDERS, folder, '--folder'),
    since: since === undefined ? undefined : parseDay(since, '--since', run.now()),
    until: until === undefined ? undefined : parseDay(until, '--until', run.now()),
  };
  if (ids.length === 0) {
    return findMessages(mirror, filter);
  }
  const messages: StoredMessage[] = [];
  for (const id of new Set(ids)) {
    try {
      messages.push(await findMessage(mirror, id));
    } catch (error) {
      if (!(error instanceof TopazError)) {
        throw error;
      }
      failed.push({ id, error });
    }
  }
  return messages;
}

/** What may leave the mirror, and why the rest may not. */
async function open(
  run: Run,
  mirror: MailboxMirror,
  stored: StoredMessage,
  options: ExportFlags,
): Promise<{ readonly exported: ExportedMessage; readonly problems: readonly TopazError[] }> {
  const { message, record, parts } = await readParts(run, mirror, stored, options);
  const judged = parts.map((part) => ({
    part,
    problem: problemOf('export', stored.meta.id, part.record, options),
  }));
  return {
    exported: {
      summary: summarise({ ...stored, parts: record }),
      message,
      record,
      parts: judged.map(({ part, problem }) =>
        problem === undefined ? part : { ...part, bytes: undefined },
      ),
    },
    problems: judged.flatMap(({ problem }) => problem ?? []),
  };
}

function write(
  run: Run,
  folder: string,
  format: Format,
  exported: ExportedMessage,
  force: boolean,
): Promise<string> {
  const { summary } = exported;
  if (format === 'json') {
    return writeNamed(folder, summary, 'json', toJson(exported), { force });
  }
  const eml = toEml(exported);
  return format === 'eml'
    ? writeNamed(folder, summary, 'eml', eml, { force })
    : // Files of a Maildir have the line ends of the system.
      writeMaildir(folder, summary, eml.replaceAll('\r\n', '\n'), {
        force,
        separator: run.ctx.platform === 'win32' ? '!' : ':',
      });
}

/** The document of `topaz ehbox show`, with the content of each part. */
function toJson({ summary, message, record, parts }: ExportedMessage): string {
  const body = parts.find((part) => part.record.role === 'body');
  const text =
    body?.bytes !== undefined && isReadable(body.record.status) && body.record.mimeType.startsWith('text/') // prettier-ignore
      ? Buffer.from(body.bytes).toString('utf8')
      : undefined;
  const document = {
    schema: 'topaz.ehbox.show/1',
    messages: [
      {
        ...shownJson({ summary, message, parts: record, text }),
        parts: parts.map(({ record: part, bytes }) => ({
          ...part,
          file: undefined,
          ...(bytes === undefined ? {} : { contentBase64: Buffer.from(bytes).toString('base64') }),
        })),
      },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
