/**
 * One request on its way through the sandbox, and what a service is made of. Services see values that were
 * parsed and checked; they answer with a payload or throw a fault.
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import type { Checks } from './checks.js';
import type { CitizenPki } from './citizen-pki.js';
import type { FaultHints } from './faults.js';
import type { ServerPki } from './pki.js';
import type { Schemas } from './schemas.js';
import type { SandboxState, StateStore } from './state.js';
import type { ReadElement } from './xml-read.js';
import type { Markup } from './xml-text.js';

/** What every service works with. */
export interface Sandbox {
  readonly store: StateStore;
  readonly state: SandboxState;
  readonly pki: ServerPki;
  readonly citizenPki: CitizenPki;
  /** Roots of test cards: the home's own and those of `--trust-eid`. */
  readonly eidRoots: readonly Certificate[];
  /** Issuers below the roots of `--trust-eid`: a session request shows the card's own certificate alone. */
  readonly eidIssuers: readonly Certificate[];
  readonly schemas: Schemas;
  /** Refuses what is only tolerated from official clients: for tests of clients. */
  readonly strict: boolean;
  /** `https://127.0.0.1:PORT`, once the server listens. */
  origin?: string;
  /** The sandbox's clock. */
  now(): Date;
  /** The real clock in milliseconds, for delays. */
  realNow(): number;
  newId(): string;
}

export interface Exchange {
  readonly service: string;
  readonly operation: string;
  /** `SOAPAction` without quotes; `undefined` when the header is absent. */
  readonly action: string | undefined;
  /** The whole request as text. */
  readonly xml: string;
  readonly envelope: ReadElement;
  /** The element in the Body as received: not verified. */
  readonly payload: ReadElement;
  /** MIME parts beside the envelope, by content id. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  readonly checks: Checks;
  readonly hints: FaultHints;
  /** Parses text that was verified; disposed of with the exchange. */
  read(text: string): ReadElement;
}

/** A MIME part beside the envelope. */
export interface Part {
  readonly id: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface Answer {
  readonly payload: Markup;
  /** With parts the answer is multipart; `xop` says which kind. */
  readonly parts?: readonly Part[];
  readonly xop?: boolean;
  /** Changes the envelope after it was judged: for faults. */
  readonly rewrite?: (envelope: string) => string;
}

export interface Service {
  readonly name: string;
  /** Its key below `endpoints` of a profile, where that is not the name. */
  readonly endpoint?: string;
  /** URL paths, as on the real hosts. */
  readonly paths: readonly string[];
  /** Namespace of the request elements. */
  readonly namespace: string;
  /** `SOAPAction` values of an operation, the right one first; empty = none is due. */
  actions(operation: string): readonly string[];
  handle(exchange: Exchange, sandbox: Sandbox): Promise<Answer>;
  /** Whether a fault (`fault:CODE`) is played while the request is handled, not in its place. */
  plays?(kind: string): boolean;
  /** The service's own form of a refusal, where it has one. */
  refuse?(exchange: Exchange, sandbox: Sandbox, code: string, message: string): Answer | undefined;
}
