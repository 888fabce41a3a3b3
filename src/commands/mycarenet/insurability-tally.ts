/**
 * The exit status of questions about patients: of the first failure where nothing worked, 11 for a part, 10 for
 * who is not insured.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import type { InsurabilityStatus } from '../../mycarenet/memberdata/insurability.js';
import type { InsurabilityOptions } from './insurability-flags.js';

/** Counts what became of the questions. */
export class Tally {
  #total = 0;
  #failed = 0;
  #first: TopazError | undefined;
  #notInsured = 0;
  #firstOther: InsurabilityStatus | undefined;

  /** One more: its failure, or the status that was answered. */
  add(end: TopazError | InsurabilityStatus): void {
    this.#total += 1;
    if (end instanceof TopazError) {
      this.#failed += 1;
      this.#first ??= end;
    } else if (end !== 'insured') {
      this.#notInsured += 1;
      this.#firstOther ??= end;
    }
  }

  get failed(): number {
    return this.#failed;
  }

  /**
   * Ends the command.
   *
   * @throws TopazError the failure of the only patient, or of the first where nothing worked; `E_PARTIAL`;
   *   `E_NOT_INSURED` with `--fail-if-not-insured`.
   */
  end({ failIfNotInsured = false }: Pick<InsurabilityOptions, 'failIfNotInsured'>): void {
    if (this.#first !== undefined) {
      if (this.#failed === this.#total) {
        throw this.#first;
      }
      throw new TopazError('E_PARTIAL', `${this.#failed} of ${this.#total} patients could not be asked about`, {
        facts: [`the first: ${this.#first.message} [${this.#first.code}]`],
        hint: 'ask about these again; --json names them under "failed"',
      }); // prettier-ignore
    }
    if (failIfNotInsured && this.#notInsured > 0) {
      throw new TopazError(
        'E_NOT_INSURED',
        this.#total > 1
          ? `${this.#notInsured} of ${this.#total} patients are not insured, or it is not known`
          : this.#firstOther === 'no-data'
            ? 'whether the patient is insured is not known: the answer holds no data'
            : 'the patient is not insured on the days asked about',
        { hint: 'call the mutuality, or ask about another day: --on DATE' },
      );
    }
  }
}
