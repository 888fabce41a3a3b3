/**
 * The `Detail` of a MyCareNet request: base64 with technical attributes around the business document
 * (mycarenet §1.2, §3.4). An absent `ContentEncoding` means deflated, as the schema says.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

import type { Certificate } from '../x509/certificate.js';
import type { Exchange, Sandbox } from './exchange.js';
import { SandboxFault } from './faults-soap.js';
import { openKnownContent } from './memberdata-sealed.js';
import { attributeOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

const MAX_BYTES = 1024 * 1024;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export interface OpenedDetail {
  readonly root: ReadElement;
  /** Whom the answer is sealed for; in clear, nobody. */
  readonly replyTo: Certificate | undefined;
}

/**
 * Decodes the business document, opens it where it is sealed, and parses it; judges it by the official schema, where
 * that is found, in the check `detailSchema`.
 *
 * @throws SandboxFault `SOA-03007` for anything that is not a document.
 */
export async function openDetail(
  exchange: Exchange,
  sandbox: Sandbox,
  detail: ReadElement,
): Promise<OpenedDetail> {
  const { checks } = exchange;
  try {
    const carried = decode(exchange, detail);
    const { document, replyTo } =
      (attributeOf(detail, 'ContentEncryption') ?? '') === ''
        ? { document: carried, replyTo: undefined }
        : await openKnownContent(exchange, sandbox, detail, carried);
    const root = exchange.read(document.toString('utf8'));
    checks.ok('detail');
    const verdict = sandbox.schemas.validate(root.node);
    if (verdict.state === 'ok') {
      checks.ok('detailSchema');
    } else {
      checks[verdict.state]('detailSchema', verdict.detail ?? '');
    }
    return { root, replyTo };
  } catch (error) {
    if (!(error instanceof SandboxFault)) {
      throw error;
    }
    checks.failed('detail', error.message);
    throw new SandboxFault('SOA-03007', `Detail: ${error.message}`);
  }
}

function decode({ checks }: Exchange, detail: ReadElement): Buffer {
  if (attributeOf(detail, 'ContentType') !== 'text/xml') {
    checks.tolerated('contentType', 'not text/xml');
  }
  const text = detail.text.replace(/\s/g, '');
  if (!BASE64.test(text) || text.length % 4 !== 0) {
    throw new SandboxFault('SOA-03007', 'not base64');
  }
  const content = inflate(Buffer.from(text, 'base64'), attributeOf(detail, 'ContentEncoding'));
  const hash = attributeOf(detail, 'HashValue');
  const computed = createHash('sha256').update(content).digest('base64');
  if (hash !== undefined && hash.replace(/\s/g, '') !== computed) {
    throw new SandboxFault('SOA-03007', 'the HashValue is not that of the content');
  }
  return content;
}

function inflate(bytes: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'none') {
    return bytes;
  }
  if (encoding !== undefined && encoding !== 'deflate') {
    throw new SandboxFault('SOA-03007', `ContentEncoding ${encoding} is not known`);
  }
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch {
    throw new SandboxFault('SOA-03007', 'the content is not deflated, or is too large');
  }
}
