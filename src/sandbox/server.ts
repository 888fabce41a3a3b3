/**
 * The HTTPS server: one port on the loopback address, services told apart by their URL path as on the real
 * hosts. Requests are handled one at a time per exchange number; faults of the transport are played here.
 *
 * @module
 */

import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';

import type { Sandbox, Service } from './exchange.js';
import { hit, spoil } from './faults.js';
import { logOnPage } from './foreigners.js';
import { handleRequest, openRequest } from './handle.js';
import type { HttpAnswer, HttpRequest } from './handle.js';
import type { Recorder } from './record.js';
import { certra } from './services/certra.js';
import { ehboxConsultation } from './services/ehbox-consultation.js';
import { ehboxPublication } from './services/ehbox-publication.js';
import { etkdepot } from './services/etkdepot.js';
import { etkra } from './services/etkra.js';
import { genasyncServices } from './services/genasync.js';
import { genins } from './services/genins.js';
import { kgss } from './services/kgss.js';
import { memberdata } from './services/memberdata.js';
import { sts } from './services/sts.js';
import { stsWsTrust } from './services/sts-wstrust.js';
import { unpackMultipart } from './unpack-multipart.js';

/** Every service that is played, in the order of the profile's endpoints. */
export const SERVICES: readonly Service[] = [
  certra,
  etkra,
  etkdepot,
  kgss,
  sts,
  stsWsTrust,
  ehboxConsultation,
  ehboxPublication,
  memberdata,
  genins,
  ...genasyncServices,
];

const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Longer than any client waits. */
const TIMEOUT_MS = 10 * 60 * 1000;
const TICKS_PER_SECOND = 10;

export interface RunningServer {
  readonly port: number;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

/**
 * Listens.
 *
 * @param port 0 = any free one.
 * @throws the system's error when the port is taken.
 */
export async function startServer(
  sandbox: Sandbox,
  recorder: Recorder,
  port: number,
): Promise<RunningServer> {
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer(
    { ...sandbox.pki.tls, minVersion: 'TLSv1.2' },
    (request, response) => {
      serve(request, response, sandbox, recorder, timers).catch(() => {
        response.destroy();
      });
    },
  );
  await listen(server, port);
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  sandbox.origin = `https://127.0.0.1:${String(listening)}`;
  return {
    port: listening,
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) {
          clearTimeout(timer);
        }
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  sandbox: Sandbox,
  recorder: Recorder,
  timers: Set<NodeJS.Timeout>,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const page = request.method === 'GET' ? await logOnPage(path, sandbox) : undefined;
  if (page !== undefined) {
    response.writeHead(page.status, { 'Content-Type': 'text/plain' }).end(page.text);
    return;
  }
  const service = SERVICES.find(({ paths }) => paths.includes(path));
  if (service === undefined || request.method !== 'POST') {
    request.resume();
    response.writeHead(service === undefined ? 404 : 405, { 'Content-Type': 'text/plain' });
    response.end('topaz sandbox\n');
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413).end();
    return;
  }
  const http: HttpRequest = unpackMultipart({
    headers: {
      soapaction: one(request.headers['soapaction']),
      'content-type': request.headers['content-type'],
    },
    body,
  });
  const opened = openRequest(http);
  const { state, store } = sandbox;
  const { kind, rules } = hit(state.faults, service.name, opened.operation);
  state.faults = rules;
  state.exchanges += 1;
  const n = state.exchanges;
  let { answer, checks } = await handleRequest(http, opened, service, sandbox, kind);
  if (kind === 'duplicate') {
    // The line delivered the request twice; the client gets the second answer.
    ({ answer, checks } = await handleRequest(http, openRequest(http), service, sandbox, kind));
  }
  await store.save();
  const sent = spoilAnswer(kind, answer);
  await recorder.write(
    {
      schema: 'topaz.sandbox.exchange/1',
      n,
      at: sandbox.now().toISOString(),
      service: service.name,
      operation: opened.operation,
      url: path,
      status: sent.status,
      checks: checks.list,
      fault: kind ?? null,
    },
    { head: headOf(request), body },
    { head: `HTTP/1.1 ${sent.status}\r\nContent-Type: ${sent.contentType}\r\n`, body: sent.body },
  );
  deliver(kind, sent, sandbox.now(), request, response, timers);
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** All of it, or `undefined` for one that is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) {
      return undefined;
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Request line and headers, as they came. */
export function headOf({
  method = '',
  url = '',
  httpVersion,
  rawHeaders,
}: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at] ?? ''}: ${rawHeaders[at + 1] ?? ''}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** What a fault makes of an answer. */
export function spoilAnswer(kind: string | undefined, answer: HttpAnswer): HttpAnswer {
  if (kind === undefined) {
    return answer;
  }
  const status = /^http:(\d{3})$/.exec(kind)?.[1];
  if (status !== undefined) {
    return {
      status: Number(status),
      contentType: 'text/html',
      body: Buffer.from(`<html><body>${status}</body></html>`),
    };
  }
  return { ...answer, body: spoil(kind, answer.body) };
}

/** Sends the answer, or plays what goes wrong on the line. */
export function deliver(
  kind: string | undefined,
  answer: HttpAnswer,
  date: Date,
  request: IncomingMessage,
  response: ServerResponse,
  timers: Set<NodeJS.Timeout>,
): void {
  const send = (): void => {
    response.writeHead(answer.status, {
      'Content-Type': answer.contentType,
      'Content-Length': answer.body.length,
      Date: date.toUTCString(),
    });
    response.end(answer.body);
  };
  if (kind === 'refused' || kind === 'lost') {
    request.socket.destroy();
  } else if (kind === 'reset') {
    response.writeHead(answer.status, {
      'Content-Type': answer.contentType,
      'Content-Length': answer.body.length,
    });
    response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => {
      request.socket.destroy();
    });
  } else if (kind === 'timeout') {
    const timer = setTimeout(send, TIMEOUT_MS);
    timers.add(timer);
    response.on('close', () => {
      clearTimeout(timer);
      timers.delete(timer);
    });
  } else if (kind?.startsWith('slow:') === true) {
    trickle(answer, Number(kind.slice('slow:'.length)), response, timers);
  } else {
    send();
  }
}

function trickle(
  { status, contentType, body }: HttpAnswer,
  bytesPerSecond: number,
  response: ServerResponse,
  timers: Set<NodeJS.Timeout>,
): void {
  const step = Math.max(1, Math.floor(bytesPerSecond / TICKS_PER_SECOND));
  const pause = (step / bytesPerSecond) * 1000;
  let at = 0;
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  const timer = setInterval(() => {
    response.write(body.subarray(at, at + step));
    at += step;
    if (at >= body.length) {
      response.end();
      clearInterval(timer);
      timers.delete(timer);
    }
  }, pause);
  timers.add(timer);
  response.on('close', () => {
    clearInterval(timer);
    timers.delete(timer);
  });
}
