/**
 * A sandbox in this process, and clients of its KGSS: what they send goes through envelope, WS-Security and
 * the sandbox's checks, only the socket is left out.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EtkSource } from '../../src/etk/obtain.js';
import { createDecrypter, createSigner } from '../../src/keys/software-keys.js';
import type { NewKeyOptions } from '../../src/kgss/client.js';
import { obtainOwn, obtainService } from '../../src/kgss/parties.js';
import type { Check } from '../../src/sandbox/checks.js';
import { handleRequest, openRequest } from '../../src/sandbox/handle.js';
import { etkdepot } from '../../src/sandbox/services/etkdepot.js';
import { kgss } from '../../src/sandbox/services/kgss.js';
import type { Attribute } from '../../src/sandbox/sts-directory.js';
import { createCall } from '../../src/soap/call.js';
import type { Call, Security } from '../../src/soap/call.js';
import { readHolder } from '../../src/x509/holder.js';
import { assertionFor, doctorAttributes, issueHolder, openTestSandbox } from '../sandbox/ehbox-support.js'; // prettier-ignore
import type { TestHolder, TestSandbox } from '../sandbox/ehbox-support.js';

export const DEPOT = 'https://127.0.0.1/EtkDepot/v1';
export const URL = 'https://127.0.0.1/Kgss/v1';

export interface World {
  readonly test: TestSandbox;
  readonly call: Call;
  readonly source: EtkSource;
  /** Checks of the last exchange. */
  checks(): readonly Check[];
  /** The next exchange with the KGSS plays this fault. */
  play(kind: string | undefined): void;
  /** Bytes of the last request and answer. */
  wire(): { readonly request: string; readonly answer: string };
  holder(id: string, type?: string): Promise<TestHolder>;
  options(holder: TestHolder): Promise<NewKeyOptions>;
  session(holder: TestHolder, attributes?: readonly Attribute[]): Security & { kind: 'saml' };
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const test = await openTestSandbox();
  const { sandbox } = test;
  test.setTime(new Date());
  const folder = await mkdtemp(join(tmpdir(), 'topaz-kgss-'));
  let checks: readonly Check[] = [];
  let kind: string | undefined;
  let wire = { request: '', answer: '' };
  const call = createCall({
    now: () => sandbox.now(),
    newId: randomUUID,
    timeoutMs: 1000,
    transport: {
      close: () => Promise.resolve(),
      post: async (url, headers, body) => {
        if (!(body instanceof Uint8Array)) {
          throw new TypeError('a request to the KGSS has no parts');
        }
        const request = { headers: { soapaction: headers['SOAPAction'] }, body };
        const service = url === URL ? kgss : etkdepot;
        const played = service === kgss ? kind : undefined;
        const handled = await handleRequest(
          request,
          openRequest(request),
          service,
          sandbox,
          played,
        );
        checks = handled.checks.list;
        const { answer } = handled;
        wire = {
          request: Buffer.from(body).toString('utf8'),
          answer: answer.body.toString('utf8'),
        };
        return {
          status: answer.status,
          headers: { 'content-type': answer.contentType },
          stream: only(answer.body),
        };
      },
    },
  });
  const roots = [sandbox.pki.ehealthRoot.certificate];
  const source: EtkSource = {
    call: () => Promise.resolve(call),
    url: DEPOT,
    roots,
    folder,
    now: sandbox.now(),
  };
  return {
    test,
    call,
    source,
    checks: () => checks,
    play: (next) => {
      kind = next;
    },
    wire: () => wire,
    holder: async (id, type = 'SSIN') => {
      const holder = await issueHolder(sandbox, type, id);
      await holder.publish();
      return holder;
    },
    options: async (holder) => {
      const { sender, decrypters } = keysOf(holder, issuerOf(sandbox));
      const service = await obtainService(source);
      const own = await obtainOwn(source, readHolder(holder.certificate.subject)!, decrypters);
      return { call, url: URL, service, own, sender, decrypters, roots, now: () => sandbox.now() };
    },
    session: (holder, attributes = doctorAttributes()) => {
      const assertion = assertionFor(sandbox, holder, { attributes });
      const assertionId = /AssertionID="([^"]+)"/.exec(assertion)?.[1] ?? '';
      return {
        kind: 'saml',
        assertion,
        assertionId,
        signer: keysOf(holder, issuerOf(sandbox)).sender,
      };
    },
    close: async () => {
      await test.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

const issuerOf = ({ pki }: TestSandbox['sandbox']) => pki.issuingCa.certificate;

function keysOf(holder: TestHolder, issuer: TestHolder['certificate']) {
  return {
    sender: createSigner(holder.privateKey, [holder.certificate, issuer]),
    decrypters: [createDecrypter(holder.encryptionKey, holder.encryption)],
  };
}
