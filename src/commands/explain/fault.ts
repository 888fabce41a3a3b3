/**
 * Who can do something about a code, and what is known of one code.
 *
 * @module
 */

import type { FaultCategory } from '../../mycarenet/soa-codes.js';

/**
 * Who must act. The categories of the services, and those that only this side knows. The messages
 * `explain.fault.<name>` say it in four languages.
 */
export type Fault = FaultCategory | 'machine' | 'card' | 'network' | 'sender' | 'nobody';

/** What is known of a code of topaz itself; its meaning is the message of that code. */
export interface CodeEntry {
  readonly fault: Fault;
  /** The message `explain.do.<remedy>`. */
  readonly remedy: string;
  /** Command lines that help, the best first; never translated. */
  readonly commands?: readonly string[];
}

/** A command line whose words in capitals are to be filled in. */
const entry = (fault: Fault, remedy: string, commands: readonly string[]): CodeEntry => ({
  fault,
  remedy,
  ...(commands.length === 0 ? {} : { commands }),
});

/** One row of a table of codes, for one who must act. */
export const rowOf =
  (fault: Fault) =>
  (remedy: string, ...commands: readonly string[]): CodeEntry =>
    entry(fault, remedy, commands);
