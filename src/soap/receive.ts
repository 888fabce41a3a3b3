/**
 * Takes an answer from the wire: whole into memory, or its parts to where the caller keeps them.
 *
 * @module
 */

import { contentId } from './content-id.js';
import { isXmlType, mediaType, parseContentType } from './content-type.js';
import { InlineParts } from './inline-parts.js';
import { MultipartSplitter } from './multipart-splitter.js';
import type { PartEvent, SplitLimits } from './multipart-splitter.js';
import { joined, partInfo } from './multipart.js';
import type { MimePart, PartInfo } from './multipart.js';
import { PartWriter, THRESHOLD_BYTES } from './part-store.js';
import type { FilePart, PartSink, PartStore, StoredPart } from './part-store.js';
import { boundaryOf, byId, judgeReply, parseReply, rootPart } from './reply.js';
import type { ReplyParts, SoapReply } from './reply.js';
import { replyInvalid } from './reply-invalid.js';
import { TransferError, transferDecoder } from './transfer-encoding.js';
import type { TransferDecoder } from './transfer-encoding.js';
import { readAll } from './transport.js';
import type { HttpReply } from './transport.js';

/** An envelope is read into memory. */
const MAX_ENVELOPE_BYTES = 48 * 1024 * 1024;

export interface ReceiveOptions {
  readonly maxBytes: number;
  /** Where parts go; without it everything stays in memory. */
  readonly store?: PartStore | undefined;
  readonly newId: () => string;
  readonly limits?: SplitLimits | undefined;
}

/**
 * Reads an answer to its end.
 *
 * @throws As `parseReply` and as reading the stream; TopazError `E_DISK_FULL`, `E_READ_ONLY`. Then no file of it
 *   is left.
 */
export async function receiveReply(
  service: string,
  reply: HttpReply,
  { maxBytes, store, newId, limits }: ReceiveOptions,
): Promise<SoapReply> {
  const { status, headers } = reply;
  const header = headers['content-type'] ?? '';
  const type = mediaType(header);
  const isInParts = type === 'multipart/related';
  if (store?.inline === true && isXmlType(type)) {
    return receiveInline(service, reply, { maxBytes, store, newId });
  }
  if (store === undefined || !isInParts) {
    return parseReply(service, status, headers, await readAll(reply), { maxBytes });
  }
  const writer = new PartWriter(store, newId);
  try {
    const receiver = new PartsReceiver(writer, header, boundaryOf(service, header) ?? '', limits);
    const parts = await receiver.receive(service, reply.stream);
    return judgeReply(service, status, headers, maxBytes, () => ({ ...parts, raw: parts.root }));
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** An envelope alone, its large documents taken out of it. */
async function receiveInline(
  service: string,
  { status, headers, stream }: HttpReply,
  { maxBytes, store, newId }: ReceiveOptions & { readonly store: PartStore },
): Promise<SoapReply> {
  const writer = new PartWriter(store, newId);
  const inline = new InlineParts(writer, newId, {
    thresholdBytes: store.thresholdBytes ?? THRESHOLD_BYTES,
    maxEnvelopeBytes: MAX_ENVELOPE_BYTES,
  });
  try {
    for await (const chunk of stream) {
      await inline.push(chunk);
    }
    const { root, parts } = await inline.end();
    return judgeReply(service, status, headers, maxBytes, () => ({
      ...byKind(new Map(parts.map((part) => [part.id, part]))),
      root,
      raw: root,
    }));
  } catch (error) {
    await inline.abort();
    await writer.discard();
    throw error;
  }
}

/** The part that is being received. */
interface Current {
  readonly info: PartInfo;
  readonly decoder: TransferDecoder | undefined;
  /** Absent for an envelope, which is collected. */
  readonly sink: PartSink | undefined;
  readonly pieces: Uint8Array[];
  size: number;
}

class PartsReceiver {
  readonly #writer: PartWriter;
  readonly #splitter: MultipartSplitter;
  readonly #start: string | undefined;
  readonly #parts: StoredPart[] = [];
  #current: Current | undefined;

  constructor(writer: PartWriter, header: string, boundary: string, limits: SplitLimits = {}) {
    this.#writer = writer;
    this.#splitter = new MultipartSplitter(boundary, limits);
    const { start } = parseContentType(header).parameters;
    this.#start = start === undefined ? undefined : contentId(start);
  }

  async receive(service: string, stream: AsyncIterable<Uint8Array>): Promise<ReplyParts> {
    try {
      for await (const chunk of stream) {
        for (const event of this.#splitter.push(chunk)) {
          const pending = this.#take(event);
          if (pending !== undefined) {
            await pending;
          }
        }
      }
      for (const event of this.#splitter.end()) {
        await this.#take(event);
      }
    } catch (error) {
      await this.#current?.sink?.abort();
      throw error instanceof TransferError ? replyInvalid(error.message, service) : error;
    }
    return sorted(service, this.#parts, this.#start);
  }

  #take(event: PartEvent): Promise<void> | undefined {
    if (event.kind === 'open') {
      this.#open(partInfo(event.head.headers));
      return undefined;
    }
    const current = this.#current;
    if (current === undefined) {
      return undefined;
    }
    return event.kind === 'data' ? append(current, event.bytes) : this.#close(current);
  }

  #open(info: PartInfo): void {
    const isNamed = info.id !== '' && info.id === this.#start;
    const type = mediaType(info.headers['content-type'] ?? '');
    const mayBeRoot = isXmlType(type) && (this.#parts.length === 0 || isNamed);
    this.#current = {
      info,
      decoder: transferDecoder(info.headers['content-transfer-encoding'] ?? ''),
      sink: mayBeRoot ? undefined : this.#writer.begin(info),
      pieces: [],
      size: 0,
    };
  }

  async #close(current: Current): Promise<void> {
    const { info, decoder, sink, pieces } = current;
    if (decoder !== undefined) {
      await append({ ...current, decoder: undefined }, decoder.end());
    }
    this.#parts.push(
      sink === undefined ? { kind: 'memory', ...info, bytes: joined(pieces) } : await sink.end(),
    );
    this.#current = undefined;
  }
}

function append(current: Current, bytes: Uint8Array): Promise<void> | undefined {
  const plain = current.decoder === undefined ? bytes : current.decoder.push(bytes);
  if (current.sink !== undefined) {
    return current.sink.write(plain);
  }
  current.size += plain.length;
  if (current.size > MAX_ENVELOPE_BYTES) {
    throw replyInvalid(`its envelope is larger than ${MAX_ENVELOPE_BYTES} bytes`);
  }
  current.pieces.push(plain);
  return undefined;
}

function sorted(
  service: string,
  all: readonly StoredPart[],
  start: string | undefined,
): ReplyParts {
  const root = rootPart(all, start);
  if (root?.kind !== 'memory' || !isXmlType(mediaType(root.headers['content-type'] ?? ''))) {
    throw replyInvalid('its first part is not XML', service);
  }
  // One check for both: an id may not stand once in memory and once in a file.
  const others = byId(service, all.filter((part) => part !== root)); // prettier-ignore
  return { root: root.bytes, ...byKind(others) };
}

/** Those in memory, and those in files. */
function byKind(all: ReadonlyMap<string, StoredPart>): Omit<ReplyParts, 'root'> {
  const parts = new Map<string, MimePart>();
  const files = new Map<string, FilePart>();
  for (const [id, { kind, ...part }] of all) {
    if (kind === 'memory' && 'bytes' in part) {
      parts.set(id, part);
    } else if ('path' in part) {
      files.set(id, part);
    }
  }
  return { parts, files };
}
