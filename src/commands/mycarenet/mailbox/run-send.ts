/**
 * The work of `topaz mycarenet mailbox send`, loaded when it is needed.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Run } from '../../../cli/run.js';
import { SoapFaultError, systemCode, TopazError } from '../../../errors.js';
import { postMessage } from '../../../mycarenet/genasync/client.js';
import type { Post } from '../../../mycarenet/genasync/client.js';
import { findDomain } from '../../../mycarenet/genasync/domains.js';
import type { Domain } from '../../../mycarenet/genasync/domains.js';
import { postStatus } from '../../../mycarenet/genasync/post-state.js';
import type { SentRecord } from '../../../mycarenet/genasync/records.js';
import type { Acknowledgement } from '../../../mycarenet/genasync/reply.js';
import type { MailboxStore } from '../../../mycarenet/genasync/store.js';
import { claim } from '../../../mycarenet/genasync/sync.js';
import { signDocument } from '../../../mycarenet/genasync/xades.js';
import { parseMutuality } from '../../../mycarenet/memberdata/query.js';
import { NS_MEMBERDATA_EXTENSION } from '../../../mycarenet/names.js';
import { createReferences } from '../../../mycarenet/reference.js';
import type { Profile } from '../../../profile/profile.js';
import { readXml } from '../../../xml/read.js';
import { withMailboxes } from './connect.js';
import type { Connected } from './connect.js';
import { openStore } from './domain-flags.js';
import type { SendFlags } from './send.js';
import { showPost } from './send-dry-run.js';

const MAX_BYTES = 32 * 1024 * 1024;
/** Of a reference of invoicing. */
const DIGITS = 14;

/** Posts one document. */
export async function runSend(run: Run, file: string, flags: SendFlags): Promise<void> {
  const profile = await run.profile();
  const domain = domainOf(profile, flags.domain);
  const content = await readDocument(run, file);
  checkDocument(domain, content);
  const post: Omit<Post, 'inputReference'> = {
    messageName: messageNameOf(domain, flags.type),
    contentType: domain.contentType,
    encoding: domain.encoding,
    content,
    detailId: `_${run.ctx.newId()}`,
    mutuality: flags.mutuality === undefined ? undefined : parseMutuality(flags.mutuality),
    repeatable: domain.repeatable,
  };
  if (domain.addressed && post.mutuality === undefined) {
    throw new TopazError('E_USAGE', `a post to the mailbox ${domain.name} goes to one mutuality`, {
      hint: 'add --mutuality NUMBER: the federation, for example 300',
    });
  }
  const reference =
    parseReference(flags.reference, domain) ?? newReference(domain, run.now, run.ctx.newId);
  if (flags.dryRun === true) {
    showPost(run, profile, domain, { ...post, inputReference: reference });
    return;
  }
  const tack = await withMailboxes(run, profile, flags, (connected) =>
    run.step(
      run.t('mailbox.send.step', { domain: domain.name }),
      () =>
      sendOnce(run, profile, connected, { domain, flags, post: { ...post, inputReference: reference } }), // prettier-ignore
    ),
  );
  run.result(
    {
      schema: 'topaz.mycarenet.mailbox.send/1',
      domain: domain.name,
      reference,
      messageName: post.messageName,
      result: tack.result,
      ...(tack.minor === undefined ? {} : { minor: tack.minor }),
      ...(tack.message === undefined ? {} : { message: tack.message }),
    },
    () => [reference],
  );
  if (tack.result === 'failure') {
    throw new TopazError('E_SERVICE_REFUSED', `MyCareNet refused the post ${reference}`, {
      facts: [tack.minor, tack.message].filter((fact) => fact !== undefined),
      hint: 'correct what is wrong, and post it again under another reference',
      details: { reference },
    });
  }
  if (tack.minor !== undefined) {
    run.warn(run.t('mailbox.send.warning', { text: [tack.minor, tack.message].filter((text) => text !== undefined).join(' ') })); // prettier-ignore
  }
  run.done(run.t('mailbox.send.done', { reference }));
}

function domainOf(profile: Profile, name: string | undefined): Domain {
  if (name === undefined) {
    throw new TopazError('E_USAGE', 'which mailbox?', { hint: 'add --domain NAME' });
  }
  return findDomain(name, profile);
}

async function readDocument(run: Run, file: string): Promise<Uint8Array> {
  if (file === '-') {
    return run.ctx.io.readStdin();
  }
  try {
    const bytes = await readFile(resolve(run.ctx.cwd, file));
    if (bytes.length > MAX_BYTES) {
      throw new TopazError('E_USAGE', `${file} is too large for a mailbox`, {
        facts: [`more than ${MAX_BYTES} bytes`],
        hint: 'split it into several posts',
      });
    }
    return bytes;
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes(systemCode(error) ?? '')) {
      throw new TopazError('E_FILE_NOT_FOUND', `there is no file ${file}`, {
        hint: 'name the document to post, or - for stdin',
        cause: error,
      });
    }
    throw error;
  }
}

/** What the broker would refuse as a whole. */
function checkDocument({ name, contentType }: Domain, content: Uint8Array): void {
  const refuse = (problem: string, hint: string): TopazError =>
    new TopazError('E_USAGE', problem, { hint });
  if (content.length === 0) {
    throw refuse('the document is empty', 'name another file');
  }
  if (contentType !== 'text/xml') {
    return;
  }
  let root;
  try {
    root = readXml(content, { maxBytes: MAX_BYTES });
  } catch (error) {
    throw error instanceof TopazError ? refuse('the document is not XML', `the mailbox ${name} takes XML`) : error; // prettier-ignore
  }
  if (
    name === 'mda' &&
    (root.name !== 'AttributeQueryList' || root.namespace !== NS_MEMBERDATA_EXTENSION)
  ) {
    throw refuse('the document is no list of questions', 'the mailbox mda takes an AttributeQueryList'); // prettier-ignore
  }
}

function messageNameOf({ name, postNames }: Domain, type: string | undefined): string {
  const [only, ...others] = postNames;
  const chosen = type ?? (others.length === 0 ? only : undefined);
  if (chosen === undefined || !/^[A-Za-z0-9._-]{1,60}$/.test(chosen)) {
    throw new TopazError('E_USAGE', `which kind of message for the mailbox ${name}?`, {
      hint: 'add --type NAME',
    });
  }
  if (postNames.length > 0 && !postNames.includes(chosen)) {
    throw new TopazError('E_USAGE', `the mailbox ${name} does not take ${chosen}`, {
      hint: `--type ${postNames.join(', --type ')}`,
    });
  }
  return chosen;
}

/** Invoicing wants 14 digits: the milliseconds since 1970; the others take letters too. */
const newReference = ({ addressed }: Domain, now: () => Date, newId: () => string): string =>
  addressed ? String(now().getTime()).padStart(DIGITS, '0') : createReferences(now, newId)();

function parseReference(text: string | undefined, { addressed }: Domain): string | undefined {
  if (addressed && text !== undefined) {
    if (!/^[0-9]{1,14}$/.test(text)) {
      throw new TopazError('E_USAGE', 'a reference of invoicing has at most 14 digits', {
        hint: 'leave out --reference: a new one is made',
      });
    }
    return text.padStart(DIGITS, '0');
  }
  if (text !== undefined && !/^[A-Za-z0-9]{1,14}$/.test(text)) {
    throw new TopazError('E_USAGE', 'a reference has 1 to 14 letters and digits', {
      hint: 'leave out --reference: a new one is made',
    });
  }
  return text;
}

interface Sending {
  readonly domain: Domain;
  readonly flags: SendFlags;
  readonly post: Post;
}

/** Notes the reference, sends, notes what was said. */
async function sendOnce(
  run: Run,
  profile: Profile,
  { call, nihii, caller, keystore }: Connected,
  { domain, flags, post }: Sending,
): Promise<Acknowledgement> {
  const us = caller(domain);
  const store = openStore(run, profile, domain.name);
  await store.create();
  const lock = await store.lock({ timeoutMs: run.settings.lockTimeoutMs, signal: run.ctx.signal });
  try {
    await claim(store, { environment: profile.environment, nihii });
    const record: SentRecord = {
      schema: 'topaz.mycarenet.sent/1',
      reference: post.inputReference,
      messageName: post.messageName,
      ...(post.mutuality === undefined ? {} : { mutuality: post.mutuality }),
      sentAt: run.now().toISOString(),
      hash: createHash('sha256').update(post.content).digest('base64'),
    };
    await takeReference(store, record, post, flags.force === true);
    const xades = domain.signed
      ? await signDocument(post, keystore.signer, { now: run.now(), newId: run.ctx.newId })
      : undefined;
    return await sendAndNote(store, record, () => postMessage(call, us, { ...post, xades }));
  } finally {
    await lock.release();
  }
}

/**
 * @throws TopazError `E_USAGE` for a document that was posted already, `E_FILE_EXISTS` for a reference that was
 *   used.
 */
async function takeReference(
  store: MailboxStore,
  record: SentRecord,
  { content, repeatable }: Post,
  force: boolean,
): Promise<void> {
  const known = await store.readSent(record.reference);
  if (repeatable && known?.hash === record.hash && known.tack === undefined) {
    // A question whose acknowledgement was lost: asked again under the same reference, as the broker wants it.
    return;
  }
  for (const { reference, hash } of force ? [] : await store.sent()) {
    if (hash === record.hash && (await postStatus(store, reference))?.state !== 'refused') {
      throw new TopazError('E_USAGE', `this document was posted already, as ${reference}`, {
        hint: `topaz mycarenet mailbox status ${reference}; to post it again, add --force`,
        details: { reference },
      });
    }
  }
  await store.putSent(record, content);
}

/**
 * Sends a post that is on the disk, and notes what was said of it.
 *
 * @throws What `send` throws; where it is not known whether the post arrived, with what to do next.
 */
export async function sendAndNote(
  store: MailboxStore,
  record: SentRecord,
  send: () => Promise<Acknowledgement>,
): Promise<Acknowledgement> {
  const { reference } = record;
  try {
    const tack = await send();
    const { result, minor, message, value, issuer } = tack;
    await store.updateSent({
      ...record,
      tack: {
        result,
        ...(minor === undefined ? {} : { minor }),
        ...(message === undefined ? {} : { message }),
        value,
        issuer,
      },
    });
    return tack;
  } catch (error) {
    if (error instanceof SoapFaultError) {
      const message = `${error.faultCode} ${error.faultString}`;
      await store.updateSent({ ...record, tack: { result: 'failure', message, value: '', issuer: '' } }); // prettier-ignore
      throw error;
    }
    if (error instanceof TopazError && error.details?.['sent'] !== false) {
      throw new TopazError(error.code, error.message, {
        facts: [...error.facts, `whether the post ${reference} arrived is not known`],
        hint: `topaz mycarenet mailbox sync, then: topaz mycarenet mailbox status ${reference}`,
        details: { ...error.details, reference },
        cause: error,
      });
    }
    throw error;
  }
}
