/**
 * The verdicts of one exchange, in the order in which they were reached (sandbox sheet §5). A check that was
 * passed only thanks to leniency says so with `tolerated` at the start of its detail.
 *
 * @module
 */

export type CheckState = 'ok' | 'failed' | 'skipped';

export interface Check {
  /** `schema`, `soapAction`, `signature`, `token`, `freshness`, `business` … */
  readonly name: string;
  readonly state: CheckState;
  readonly detail?: string;
}

export interface Checks {
  readonly list: readonly Check[];
  ok(name: string, detail?: string): void;
  /** Accepted from official clients; topaz itself must never need it. */
  tolerated(name: string, detail: string): void;
  skipped(name: string, detail: string): void;
  failed(name: string, detail: string): void;
}

export function createChecks(): Checks {
  const list: Check[] = [];
  const add = (name: string, state: CheckState, detail?: string): void => {
    list.push(detail === undefined ? { name, state } : { name, state, detail });
  };
  return {
    list,
    ok: (name, detail) => {
      add(name, 'ok', detail);
    },
    tolerated: (name, detail) => {
      add(name, 'ok', `tolerated: ${detail}`);
    },
    skipped: (name, detail) => {
      add(name, 'skipped', detail);
    },
    failed: (name, detail) => {
      add(name, 'failed', detail);
    },
  };
}
