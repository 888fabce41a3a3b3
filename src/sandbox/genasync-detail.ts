/**
 * The document in a post to a mailbox: decoded, inflated, its hash and its signature judged, unsealed (mycarenet §3.4).
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

import type { Exchange, Sandbox } from './exchange.js';
import { SandboxFault } from './faults-soap.js';
import { mailboxFault } from './genasync-answers.js';
import { judgeXades } from './genasync-xades.js';
import { openKnownContent } from './memberdata-sealed.js';
import { GENASYNC } from './names.js';
import { attributeOf, childOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

const MAX_CONTENT_BYTES = 64 * 1024 * 1024;

/** What a mailbox takes. */
export interface PostRules {
  readonly name: string;
  /** What may be posted; none = nothing that is known. */
  readonly posts: readonly string[];
  /** Whether a post needs a signature of its own. */
  readonly signed: boolean;
}

/** The business document of a post. */
export interface Document {
  readonly content: Buffer;
  /** Whether it was sealed for the broker: then its answers are sealed too. */
  readonly sealed: boolean;
}

/** Reads it, and finds what is wrong with it. */
export async function readDetail(
  exchange: Exchange,
  sandbox: Sandbox,
  domain: PostRules,
  payload: ReadElement,
): Promise<Document> {
  const { checks } = exchange;
  const detail = childOf(payload, GENASYNC, 'Detail');
  const refuse = (problem: string): SandboxFault => {
    checks.failed('detail', problem);
    return mailboxFault('VALIDATION_ERROR', `Detail: ${problem}`, '/post/Detail');
  };
  const messageName = attributeOf(detail, 'MessageName') ?? '';
  if (domain.posts.length > 0 && !domain.posts.includes(messageName)) {
    throw refuse(`this mailbox does not take ${messageName}`);
  }
  if (domain.signed && textOf(payload, GENASYNC, 'Xades-t') === '') {
    throw refuse('the signature (Xades-t) is missing');
  }
  const sealed = (attributeOf(detail, 'ContentEncryption') ?? '') !== '';
  if (sealed && domain.name !== 'mda') {
    throw refuse('sealed posts are played for MemberData alone');
  }
  const bytes = Buffer.from(detail?.text ?? '', 'base64');
  const content = inflate(bytes, attributeOf(detail, 'ContentEncoding') ?? 'deflate');
  if (content === undefined) {
    throw refuse('not deflated');
  }
  const hash = attributeOf(detail, 'HashValue');
  if (hash !== undefined && hash !== createHash('sha256').update(content).digest('base64')) {
    throw refuse('the HashValue is not that of the content');
  }
  if (domain.signed) {
    const problem = judgeXades(exchange, sandbox, {
      signature: Buffer.from(textOf(payload, GENASYNC, 'Xades-t'), 'base64'),
      content,
      contentType: attributeOf(detail, 'ContentType') ?? '',
      isDeflated: (attributeOf(detail, 'ContentEncoding') ?? 'deflate') === 'deflate',
      detailId: attributeOf(detail, 'Id') ?? '',
    });
    if (problem !== undefined) {
      throw refuse(`Xades-t: ${problem}`);
    }
  }
  const document = sealed && detail !== undefined ? await unsealed(exchange, sandbox, detail, content, refuse) : content;
  checks.ok('detail');
  return { content: document, sealed };
} // prettier-ignore

async function unsealed(
  exchange: Exchange,
  sandbox: Sandbox,
  detail: ReadElement,
  content: Buffer,
  refuse: (problem: string) => SandboxFault,
): Promise<Buffer> {
  try {
    return (await openKnownContent(exchange, sandbox, detail, content)).document;
  } catch (error) {
    throw error instanceof SandboxFault ? refuse(error.message) : error;
  }
}

function inflate(bytes: Buffer, encoding: string): Buffer | undefined {
  if (encoding === 'none') {
    return bytes;
  }
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_CONTENT_BYTES });
  } catch {
    return undefined;
  }
}
