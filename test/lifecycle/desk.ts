/**
 * One request of Jean Exemple, signed once by his card, that can be put on disk and sent to an empty sandbox as
 * often as a test wants.
 *
 * @module
 */

import { mkdir } from 'node:fs/promises';

import type { EidCard } from '../../src/eid/card.js';
import { fetchContract } from '../../src/lifecycle/applicant-contract.js';
import type { ReadableContract } from '../../src/lifecycle/applicant-contract.js';
import { parseContact } from '../../src/lifecycle/contact.js';
import { finalizeRequest } from '../../src/lifecycle/finalize.js';
import type { Finalized, FinalizeStep } from '../../src/lifecycle/finalize.js';
import type { RequestRecord } from '../../src/lifecycle/request-record.js';
import { openRequestsOf } from '../../src/lifecycle/request-store.js';
import type { RequestStore } from '../../src/lifecycle/request-store.js';
import { sendRequest, signCertificateRequest, storeRequest } from '../../src/lifecycle/request.js';
import type { SignedRequest } from '../../src/lifecycle/request.js';
import { resumeRequest } from '../../src/lifecycle/resume.js';
import type { Resumed } from '../../src/lifecycle/resume.js';
import { openWorld, password, pin, SSIN } from './world.js';
import type { World } from './world.js';

const contact = parseContact({ email: 'jean@exemple.test', phone: '+3221234567' });
const holder = { type: 'SSIN', id: SSIN };

export class Desk {
  readonly world: World;
  readonly card: EidCard;
  readonly contract: ReadableContract;
  readonly signed: SignedRequest;
  store: RequestStore;
  #run = 0;

  constructor(world: World, card: EidCard, contract: ReadableContract, signed: SignedRequest) {
    this.world = world;
    this.card = card;
    this.contract = contract;
    this.signed = signed;
    this.store = world.store('run-0');
  }

  get id(): string {
    return this.signed.id;
  }

  get keystore(): string {
    return this.world.path(`run-${this.#run}`, 'doctor.p12');
  }

  /** Another machine: no state, no keystore. */
  async move(): Promise<void> {
    this.#run += 1;
    await mkdir(this.world.path(`run-${this.#run}`));
    this.store = this.world.store(`run-${this.#run}`);
  }

  /** Nothing on disk, and a sandbox that knows nothing but the contract. */
  async startAfresh(): Promise<void> {
    this.world.losses.clear();
    this.world.calls.length = 0;
    await this.world.control('reset');
    await this.world.control('fail', { clear: true });
    await fetchContract(this.world.authority, await this.card.identity(), contact);
    await this.move();
  }

  put(onStored?: (what: string) => void): Promise<RequestRecord> {
    return storeRequest(this.store, this.signed, {
      path: this.keystore,
      password: password(),
      holder,
      environment: 'sandbox',
      contact,
      contract: this.contract,
      now: new Date(),
      onStored,
    });
  }

  send(record: RequestRecord): Promise<RequestRecord> {
    return sendRequest(this.world.authority, this.store, record, this.signed.message);
  }

  async open(): Promise<readonly RequestRecord[]> {
    return openRequestsOf(await this.store.list(), holder, 'sandbox');
  }

  async resume(dryRun = false): Promise<Resumed> {
    const [record] = await this.open();
    return resumeRequest(this.world.authority, this.store, record!, {
      authenticate: () => this.card.authenticationSigner(pin),
      dryRun,
    });
  }

  finalize(
    onStep?: (step: FinalizeStep) => void,
    options: Partial<Parameters<typeof finalizeRequest>[2]> = {},
  ): Promise<Finalized> {
    return finalizeRequest(this.world.authority, this.store, {
      path: this.keystore,
      password: password(),
      environment: 'sandbox',
      etk: true,
      roots: () => Promise.resolve(this.world.roots),
      backupFolder: this.world.path('backups'),
      lock: { timeoutMs: 0 },
      onStep,
      ...options,
    });
  }

  async close(): Promise<void> {
    await this.card.close();
    await this.world.close();
  }
}

export async function openDesk(): Promise<Desk> {
  const world = await openWorld();
  const card = await world.openCard(await world.makeCard('card'));
  const contract = await fetchContract(world.authority, await card.identity(), contact);
  const signed = await signCertificateRequest(world.authority, contract, {
    contact,
    signer: await card.signatureSigner(pin),
  });
  return new Desk(world, card, contract, signed);
}
