/**
 * How a session is shown: never its assertion.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatMoment, seconds } from '../../cli/text.js';
import { secondsLeft } from '../../sts/session.js';
import type { Session } from '../../sts/session.js';

/** `session` of every JSON document. */
export function sessionDocument(session: Session, now: Date): Readonly<Record<string, unknown>> {
  const { via, holder, environment, protocol, openedAt, notOnOrAfter, assertionId } = session;
  return {
    via,
    holder,
    environment,
    ...(protocol === undefined ? {} : { protocol }),
    openedAt: seconds(openedAt),
    notOnOrAfter: seconds(notOnOrAfter),
    secondsLeft: secondsLeft(session, now),
    assertionId,
  };
}

/** One line for people. */
export function sessionLine(run: Run, session: Session): string {
  const left = secondsLeft(session, run.now());
  return run.t('session.open.line', {
    quality: session.holder.quality,
    until: formatMoment(run, session.notOnOrAfter),
    left: `${Math.floor(left / 3600)} h ${String(Math.floor((left % 3600) / 60)).padStart(2, '0')}`,
    environment: session.environment,
  });
}
