/**
 * The operations of a running sandbox behind its control socket. Parameters come from a command of the same
 * version and are checked again.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { parseIdentifier } from '../ids/identifier.js';
import { applySeed } from './apply-seed.js';
import { approve, refuse } from './approval.js';
import { settle } from './certificates.js';
import type { ControlHandler } from './control-socket.js';
import { addMessages } from './ehbox-delivery.js';
import type { Sandbox } from './exchange.js';
import { makeRule } from './faults.js';
import { deliverSeed } from './genasync-mailbox.js';
import { issueFor, publishEtk } from './keystores.js';
import { parseSeed } from './seed.js';

/** What the process around the services must do. */
export interface Host {
  stop(): void;
  /** Moves the clock and tells the profile. */
  moveClock(date: Date): Promise<void>;
  writeProfile(name: string | undefined): Promise<string>;
  readonly facts: Readonly<Record<string, unknown>>;
}

type Parameters = Readonly<Record<string, unknown>>;
type Result = Readonly<Record<string, unknown>>;

/** Makes the handler of a sandbox. */
export function controlHandler(sandbox: Sandbox, host: Host): ControlHandler {
  const operations: Readonly<Record<string, (parameters: Parameters) => Promise<Result> | Result>> =
    {
      status: () => status(sandbox, host),
      stop: () => {
        host.stop();
        return host.facts;
      },
      reset: async () => {
        await sandbox.store.reset();
        return {};
      },
      seed: async ({ document }) => ({ ...(await applySeed(sandbox, parseSeed(document))) }),
      approve: async ({ id }) => ({ approved: await approve(sandbox, optionalText(id)) }),
      refuse: async ({ id }) => ({ refused: await refuse(sandbox, text(id)) }),
      fail: (parameters) => fail(sandbox, parameters),
      time: async ({ date }) => {
        await host.moveClock(dateOf(date));
        return { now: seconds(sandbox.now()) };
      },
      deliver: async ({ document }) => {
        const { messages, genasync } = parseSeed(document);
        await addMessages(sandbox, messages, { again: true });
        for (const seed of genasync) {
          deliverSeed(sandbox, seed);
        }
        await sandbox.store.save();
        return { delivered: messages.length + genasync.length };
      },
      profile: async ({ name }) => ({ path: await host.writeProfile(optionalText(name)) }),
      'keystore.issue': (parameters) => issue(sandbox, parameters),
      'keystore.publish': async ({ id, certificateBase64 }) => {
        await publishEtk(sandbox, text(id), bytes(certificateBase64));
        return {};
      },
    };
  return async ({ operation, parameters }) => {
    const work = operations[operation];
    if (work === undefined) {
      throw new TopazError('E_USAGE', `the sandbox has no operation ${operation}`, {
        hint: 'stop it and start it with this version of topaz',
      });
    }
    return work(parameters);
  };
}

function status(sandbox: Sandbox, { facts }: Host): Result {
  settle(sandbox);
  const { state } = sandbox;
  return {
    ...facts,
    now: seconds(sandbox.now()),
    approve: state.approve,
    exchanges: state.exchanges,
    faults: state.faults,
    requests: state.certificates.map(({ id, actor, status: value, requestedAt, etk }) => ({
      id,
      holder: { type: actor.type, id: actor.id },
      status: value,
      etk: etk.status,
      requestedAt,
    })),
    counts: {
      persons: state.persons.length,
      organisations: state.organisations.length,
      patients: state.patients.length,
      messages: state.messages.length,
    },
  };
}

async function fail(sandbox: Sandbox, parameters: Parameters): Promise<Result> {
  const { state, store } = sandbox;
  if (parameters['clear'] === true) {
    state.faults = [];
  } else if (parameters['list'] !== true) {
    const times = optionalNumber(parameters['times']);
    const after = optionalNumber(parameters['after']);
    state.faults.push(makeRule(text(parameters['target']), text(parameters['kind']), { times, after })); // prettier-ignore
  }
  await store.save();
  return { faults: state.faults };
}

async function issue(sandbox: Sandbox, parameters: Parameters): Promise<Result> {
  const notBefore = parameters['notBefore'];
  const notAfter = parameters['notAfter'];
  const validity =
    notBefore === undefined && notAfter === undefined
      ? undefined
      : validityOf(sandbox.now(), notBefore, notAfter);
  const issued = await issueFor(
    sandbox,
    parseIdentifier(text(parameters['holder'])),
    bytes(parameters['publicKeyInfoBase64']),
    validity,
    optionalText(parameters['applicationId']),
  );
  return {
    id: issued.id,
    encryptionSerialHex: issued.encryptionSerialHex,
    chainBase64: issued.chain.map((der) => Buffer.from(der).toString('base64')),
  };
}

/** One bound alone gives the usual three years on its other side. */
function validityOf(now: Date, from: unknown, until: unknown): { notBefore: Date; notAfter: Date } {
  const years = (date: Date, count: number): Date => {
    const moved = new Date(date);
    moved.setUTCFullYear(moved.getUTCFullYear() + count);
    return moved;
  };
  const end = until === undefined ? undefined : dateOf(until);
  const start = from === undefined ? (end === undefined ? now : years(end, -3)) : dateOf(from);
  const validity = { notBefore: start, notAfter: end ?? years(start, 3) };
  if (validity.notAfter <= validity.notBefore) {
    throw new TopazError('E_USAGE', 'the certificate would end before it begins', {
      hint: '--not-before must lie before --not-after',
    });
  }
  return validity;
}

/** As JSON documents write points in time. */
const seconds = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z');

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new TopazError('E_USAGE', 'a text is missing in this request', {
      hint: 'see the help of the command',
    });
  }
  return value;
}

const optionalText = (value: unknown): string | undefined =>
  value === undefined ? undefined : text(value);

const optionalNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

const bytes = (value: unknown): Uint8Array => Uint8Array.from(Buffer.from(text(value), 'base64'));

function dateOf(value: unknown): Date {
  const date = new Date(text(value));
  if (Number.isNaN(date.getTime())) {
    throw new TopazError('E_USAGE', 'this is not a date', {
      hint: 'write 2026-03-01 or 2026-03-01T09:00:00Z',
    });
  }
  return date;
}
