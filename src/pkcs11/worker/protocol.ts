/**
 * What the command's process and the child that owns the PKCS#11 module say to each other over IPC
 * (structured clone: bytes stay bytes). One request at a time, answered in order.
 *
 * @module
 */

import type { DataObject, ModuleInfo, Slot, TokenInfo } from '../module.js';

/** An attribute of an object to create; numbers are CK_ULONG. */
export interface AttributeValue {
  readonly type: number;
  readonly value: number | boolean | string | Uint8Array;
}

/** Content of a new token. SoftHSM2 only: no card accepts this. */
export interface Provision {
  readonly label: string;
  readonly soPin: Uint8Array;
  readonly pin: Uint8Array;
  readonly objects: readonly (readonly AttributeValue[])[];
}

/** Every operation: what it takes, what it gives. */
export interface Operations {
  load: { args: { path: string }; result: ModuleInfo };
  slots: { args: Record<string, never>; result: readonly Slot[] };
  open: {
    args: { slot: number };
    result: { token: TokenInfo; mechanisms: readonly number[] };
  };
  certificate: { args: { label: string }; result: Uint8Array | undefined };
  data: { args: { group: string }; result: readonly DataObject[] };
  login: { args: { pin: Uint8Array }; result: undefined };
  logout: { args: Record<string, never>; result: undefined };
  sign: {
    args: { label: string; mechanism: number; data: Uint8Array; pin?: Uint8Array | undefined };
    result: Uint8Array | undefined;
  };
  closeSession: { args: Record<string, never>; result: undefined };
  finalize: { args: Record<string, never>; result: undefined };
  provision: { args: Provision; result: undefined };
}

export type Operation = keyof Operations;

export interface Request<O extends Operation = Operation> {
  readonly id: number;
  readonly op: O;
  readonly args: Operations[O]['args'];
}

/** Why an operation failed: a return code, or what the binding or the loader said. */
export type Failure =
  | { readonly kind: 'ckr'; readonly ckr: number; readonly method: string }
  | { readonly kind: 'binding-missing'; readonly message: string }
  | { readonly kind: 'load'; readonly message: string }
  | { readonly kind: 'bug'; readonly message: string };

export type Reply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly failure: Failure };
