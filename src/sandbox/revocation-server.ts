/**
 * The sandbox's OCSP responders and revocation lists: plain HTTP on the loopback address, one path per issuer
 * (`/ocsp/NAME`, `/crl/NAME.crl`), at the places that its certificates name. Faults and records as for the
 * services (`ocsp`, `crl`).
 *
 * @module
 */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import { systemCode } from '../errors.js';
import { REVOCATION_REASONS } from '../x509/revocation-status.js';
import { certificateOf } from './certificates.js';
import type { Authority } from './citizen-pki.js';
import type { Sandbox } from './exchange.js';
import { hit } from './faults.js';
import type { HttpAnswer } from './handle.js';
import { generateKey } from './pki.js';
import type { Recorder } from './record.js';
import {
  makeResponder,
  readOcspRequest,
  serialAsked,
  writeCrl,
  writeOcspAnswer,
  writeOcspError,
} from './revocation-answers.js';
import type { OcspFact, Revoked } from './revocation-answers.js';
import { deliver, headOf, readBody, spoilAnswer } from './server.js';

/** An issuer with its responder. */
interface Answering {
  readonly authority: Authority;
  readonly responder: ReturnType<typeof makeResponder>;
  readonly revoked: () => readonly Revoked[];
}

export interface RunningRevocation {
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** Short, so that what was revoked is seen at once by whoever tries it out. */
const VALID_MS = MINUTE_MS;
/** What is played as revoked was so for an hour. */
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ERRORS: Readonly<Record<string, number>> = {
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
};
const OCSP_TYPE = 'application/ocsp-response';
const CRL_TYPE = 'application/pkix-crl';

/** Serves the issuers of this data folder and those of the home. */
export async function startRevocation(
  sandbox: Sandbox,
  recorder: Recorder,
): Promise<RunningRevocation> {
  const { pki, citizenPki } = sandbox;
  const none = (): readonly Revoked[] => [];
  const [own, home] = await Promise.all([
    answering({ 'ehealth-ca': pki.issuingCa, 'ehealth-root': pki.ehealthRoot }, (name) =>
      name === 'ehealth-ca' ? () => revokedBy(sandbox) : none,
    ),
    answering(
      {
        'citizen-ca': citizenPki.citizenCa,
        'foreigner-ca': citizenPki.foreignerCa,
        root: citizenPki.root,
      },
      () => none,
    ),
  ]);
  const running = await Promise.all([
    listen(pki.revocationUrl, own, sandbox, recorder),
    // Another sandbox of this home may serve it already.
    listen(citizenPki.revocationUrl, home, sandbox, recorder),
  ]);
  return {
    close: async () => {
      await Promise.all(running.map((close) => close()));
    },
  };
}

async function answering(
  authorities: Readonly<Record<string, Authority>>,
  revokedOf: (name: string) => () => readonly Revoked[],
): Promise<ReadonlyMap<string, Answering>> {
  const entries = Object.entries(authorities).map(
    async ([name, authority]): Promise<[string, Answering]> => {
      const { notBefore, notAfter } = authority.certificate;
      const key = await generateKey('p256');
      const responder = makeResponder(authority, key, { notBefore, notAfter });
      return [name, { authority, responder, revoked: revokedOf(name) }];
    },
  );
  return new Map(await Promise.all(entries));
}

/** What CertRA was told to revoke, and what a renewal replaced. */
function revokedBy(sandbox: Sandbox): readonly Revoked[] {
  return sandbox.state.certificates.flatMap((record): Revoked[] => {
    const certificate = record.status === 'REVOKED' ? certificateOf(record) : undefined;
    if (certificate === undefined) {
      return [];
    }
    const { at, reason = '' } = record.revocation ?? {};
    const code = REVOCATION_REASONS.indexOf(reason);
    return [
      {
        serial: certificate.serial,
        at: at === undefined ? sandbox.now() : new Date(at),
        reason: Math.max(0, code),
      },
    ];
  });
}

async function listen(
  url: string,
  issuers: ReadonlyMap<string, Answering>,
  sandbox: Sandbox,
  recorder: Recorder,
): Promise<() => Promise<void>> {
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    serve(request, response, issuers, { sandbox, recorder, timers }).catch(() => {
      response.destroy();
    });
  });
  if (!(await opened(server, Number(new URL(url).port)))) {
    return () => Promise.resolve();
  }
  return () =>
    new Promise((resolve) => {
      for (const timer of timers) {
        clearTimeout(timer);
      }
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
}

/** Whether it listens; a port that is taken leaves its certificates without answers, and nothing more. */
const opened = (server: Server, port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE') {
        resolve(false);
      } else {
        reject(error);
      }
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(true);
    });
  });

interface Around {
  readonly sandbox: Sandbox;
  readonly recorder: Recorder;
  readonly timers: Set<NodeJS.Timeout>;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  issuers: ReadonlyMap<string, Answering>,
  { sandbox, recorder, timers }: Around,
): Promise<void> {
  const path = request.url ?? '/';
  const [, service = '', name = '', inPath] =
    /^\/(ocsp|crl)\/([a-z-]+)(?:\.crl)?(?:\/([^?]+))?$/.exec(path) ?? [];
  const issuer = issuers.get(name);
  const body = await readBody(request);
  if (issuer === undefined || body === undefined) {
    response.writeHead(issuer === undefined ? 404 : 413).end();
    return;
  }
  const { state, store } = sandbox;
  const { kind, rules } = hit(state.faults, service, name);
  state.faults = rules;
  state.exchanges += 1;
  const n = state.exchanges;
  const asked = inPath === undefined ? body : Buffer.from(decodeURIComponent(inPath), 'base64');
  const answer = service === 'ocsp' ? answerOcsp(asked, issuer, sandbox, kind) : answerCrl(issuer, sandbox, kind, n); // prettier-ignore
  await store.save();
  const sent = spoilAnswer(kind, answer);
  await recorder.write(
    {
      schema: 'topaz.sandbox.exchange/1',
      n,
      at: sandbox.now().toISOString(),
      service,
      operation: name,
      url: path.split('?')[0] ?? path,
      status: sent.status,
      checks: [],
      fault: kind ?? null,
    },
    { head: headOf(request), body },
    { head: `HTTP/1.1 ${sent.status}\r\nContent-Type: ${sent.contentType}\r\n`, body: sent.body },
  );
  deliver(kind, sent, sandbox.now(), request, response, timers);
}

const ok = (contentType: string, bytes: Uint8Array): HttpAnswer => ({
  status: 200,
  contentType,
  body: Buffer.from(bytes),
});

function answerOcsp(
  der: Uint8Array,
  { authority, responder, revoked }: Answering,
  sandbox: Sandbox,
  kind: string | undefined,
): HttpAnswer {
  const played = kind?.startsWith('fault:') === true ? kind.slice('fault:'.length) : undefined;
  const error = played === undefined ? undefined : ERRORS[played];
  if (error !== undefined) {
    return ok(OCSP_TYPE, writeOcspError(error));
  }
  const asked = requestOrNone(der);
  if (asked === undefined) {
    return ok(OCSP_TYPE, writeOcspError(ERRORS['malformedRequest'] ?? 1));
  }
  const list = revoked();
  const now = sandbox.now();
  const factOf = (serial: bigint | undefined): OcspFact => {
    const by = list.find((entry) => entry.serial === serial);
    if (played === 'revoked') {
      return {
        state: 'revoked',
        by: { serial: serial ?? 0n, at: new Date(now.getTime() - HOUR_MS), reason: 1 },
      };
    }
    if (serial === undefined || played === 'unknown') {
      return { state: 'unknown' };
    }
    return by === undefined ? { state: 'good' } : { state: 'revoked', by };
  };
  const { thisUpdate, nextUpdate } = periodOf(now, kind);
  const bytes = writeOcspAnswer({
    responder,
    single: asked.certIds.map((certId) => ({
      certId: kind === 'wrong-holder' ? otherNumber(certId.bytes) : certId.bytes,
      fact: factOf(serialAsked(certId, authority)),
    })),
    producedAt: thisUpdate,
    thisUpdate,
    nextUpdate,
    nonce: asked.nonce,
  });
  return ok(OCSP_TYPE, kind === 'bad-signature' ? forged(bytes, responder.der) : bytes);
}

function requestOrNone(der: Uint8Array): ReturnType<typeof readOcspRequest> | undefined {
  try {
    return readOcspRequest(der);
  } catch {
    return undefined;
  }
}

function answerCrl(
  { authority, revoked }: Answering,
  sandbox: Sandbox,
  kind: string | undefined,
  number: number,
): HttpAnswer {
  const bytes = writeCrl(authority, {
    revoked: revoked(),
    number,
    ...periodOf(sandbox.now(), kind),
  });
  return ok(CRL_TYPE, kind === 'bad-signature' ? flipped(bytes, bytes.length - 8) : bytes);
}

function periodOf(now: Date, kind: string | undefined): { thisUpdate: Date; nextUpdate: Date } {
  const start = now.getTime() - (kind === 'expired' ? 2 * DAY_MS : 0);
  return { thisUpdate: new Date(start), nextUpdate: new Date(start + VALID_MS) };
}

/** The last byte of a CertID belongs to the serial number. */
const otherNumber = (certId: Uint8Array): Uint8Array => flipped(certId, certId.length - 1);

/** A byte of the signature, which stands before the responder's certificate. */
const forged = (bytes: Uint8Array, certificate: Uint8Array): Uint8Array =>
  flipped(bytes, Buffer.from(bytes).lastIndexOf(certificate) - 16);

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
