/**
 * A sandbox on a free port, a test card and everything a request needs, all in one temporary folder: the real
 * protocol over TLS, with a place between client and wire where answers can be lost.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openEid } from '../../src/eid/card.js';
import type { EidCard } from '../../src/eid/card.js';
import type { Authority } from '../../src/lifecycle/authority.js';
import { openRequestStore } from '../../src/lifecycle/request-store.js';
import type { RequestStore } from '../../src/lifecycle/request-store.js';
import { resolvePaths } from '../../src/profile/paths.js';
import type { Paths } from '../../src/profile/paths.js';
import { createCard } from '../../src/sandbox/cards.js';
import { askSandbox } from '../../src/sandbox/control-socket.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import { runSandbox } from '../../src/sandbox/run-sandbox.js';
import { createCall } from '../../src/soap/call.js';
import type { Call } from '../../src/soap/call.js';
import { createTransport } from '../../src/soap/transport.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { hasShared, SHARED } from '../support/tools.js';

export const CARD_PIN = '583914';
export const SSIN = '79021599732';
export const PASSWORD = 'a test, twelve or more';

export const password = (): Uint8Array => new TextEncoder().encode(PASSWORD);
export const pin = (): Promise<Uint8Array> =>
  Promise.resolve(Uint8Array.from(Buffer.from(CARD_PIN)));

/** What becomes of the next calls: `before` never reaches the service, `after` loses its answer. */
export type Loss = 'before' | 'after';

export class World {
  readonly dir: string;
  readonly paths: Paths;
  readonly url: string;
  readonly roots: readonly Certificate[];
  /** Operations that were called, in order. */
  readonly calls: string[] = [];
  /** Operation → what happens to its next call. */
  readonly losses = new Map<string, Loss>();
  readonly #call: Call;
  readonly #close: () => Promise<void>;

  constructor(
    dir: string,
    paths: Paths,
    url: string,
    roots: readonly Certificate[],
    call: Call,
    close: () => Promise<void>,
  ) {
    this.dir = dir;
    this.paths = paths;
    this.url = url;
    this.roots = roots;
    this.#call = call;
    this.#close = close;
  }

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  get data(): string {
    return this.path('sandbox');
  }

  get authority(): Authority {
    return {
      call: this.call,
      certra: `${this.url}/CertRa/v2`,
      etkra: `${this.url}/EtkRa/v2`,
      now: () => new Date(),
      newId: () => randomUUID(),
    };
  }

  readonly call: Call = async (request, options) => {
    const { operation } = request;
    this.calls.push(operation);
    const loss = this.losses.get(operation);
    this.losses.delete(operation);
    if (loss === 'before') {
      throw new Error('the line is dead');
    }
    const reply = await this.#call(request, options);
    if (loss === 'after') {
      throw new Error('the answer is lost');
    }
    return reply;
  };

  control(
    operation: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    return askSandbox(this.data, operation, parameters);
  }

  /** Requests on the sandbox's books. */
  async books(): Promise<readonly { id: string; status: string; etk: string }[]> {
    const { requests } = await this.control('status');
    return requests as { id: string; status: string; etk: string }[];
  }

  store(name: string): RequestStore {
    return openRequestStore(this.path(name));
  }

  async makeCard(
    name: string,
    extra: Partial<Parameters<typeof createCard>[0]> = {},
  ): Promise<string> {
    const { module } = await createCard({
      dir: this.path(name),
      dataFolder: this.paths.data,
      ssin: SSIN,
      name: 'Jean Exemple',
      key: 'ec',
      pin: CARD_PIN,
      type: 'citizen',
      now: new Date(),
      ...extra,
    });
    return module;
  }

  openCard(module: string): Promise<EidCard> {
    return openEid({ module, env: {}, now: () => new Date() });
  }

  async close(): Promise<void> {
    await this.#close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

export async function openWorld(
  options: { approve?: 'auto' | 'manual'; strict?: boolean; trustEid?: string } = {},
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'topaz-ra-'));
  const paths = resolvePaths({
    env: { TOPAZ_HOME: join(dir, 'home') },
    platform: 'linux',
    home: dir,
  });
  const sandbox = await runSandbox({
    paths,
    dataFolder: join(dir, 'sandbox'),
    port: 0,
    profile: 'sandbox',
    recordFolder: join(dir, 'record'),
    schemaFolders: hasShared() ? [join(SHARED, 'schemas')] : [],
    strict: options.strict ?? true,
    trustEid: options.trustEid,
    seed: demoSeed(),
    approve: options.approve ?? 'manual',
    realNow: Date.now,
    newId: randomUUID,
  });
  const { url, caFile } = sandbox.facts;
  const profile = JSON.parse(
    await readFile(join(paths.config, 'profiles', 'sandbox.json'), 'utf8'),
  ) as { trust: { ehealthRoots: string } };
  const transport = createTransport({
    caPem: [await readFile(caFile, 'utf8')],
    systemRoots: false,
    userAgent: 'topaz-test',
  });
  const call = createCall({
    transport,
    now: () => new Date(),
    newId: () => randomUUID(),
    timeoutMs: 10_000,
  });
  const roots = parsePemCertificates(await readFile(profile.trust.ehealthRoots, 'utf8'));
  return new World(dir, paths, url, roots, call, async () => {
    await transport.close();
    await sandbox.close();
  });
}
