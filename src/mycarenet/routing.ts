/**
 * `Routing`: by whom the broker lets a request be answered, where the business document does not say it
 * (mycarenet §4.6). MemberData is routed by its query and is sent without.
 *
 * @module
 */

import type { ElementFactory } from '../xml/build.js';
import type { XmlElement } from '../xml/tree.js';
import type { LocalDate } from './belgian-day.js';

/** A patient: by SSIN, or by mutuality and membership number. */
export type CareReceiver =
  { readonly ssin: string } | { readonly mutuality: string; readonly registrationNumber: string };

export interface Routing {
  readonly careReceiver: CareReceiver;
  readonly referenceDate: LocalDate;
  /** Both days included. */
  readonly period?: { readonly from: LocalDate; readonly to: LocalDate };
}

/**
 * The element `Routing`.
 *
 * @param protocol Makes `Routing` itself.
 * @param core Makes what is inside.
 */
export const routingElement = (
  protocol: ElementFactory,
  core: ElementFactory,
  { careReceiver, referenceDate, period }: Routing,
): XmlElement =>
  protocol(
    'Routing',
    {},
    core(
      'CareReceiver',
      {},
      'ssin' in careReceiver
        ? core('Ssin', {}, careReceiver.ssin)
        : [
            core('RegNrWithMut', {}, careReceiver.registrationNumber),
            core('Mutuality', {}, careReceiver.mutuality),
          ],
    ),
    core('ReferenceDate', {}, referenceDate),
    period === undefined
      ? undefined
      : core('Period', {}, core('Start', {}, period.from), core('End', {}, period.to)),
  );
