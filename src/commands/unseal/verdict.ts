/**
 * What the opening of a sealed message means for a person, and the refusal of one that is not genuine.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatMoment, seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { Sender } from '../../etee/sender.js';
import type { Judgement, Rejected } from '../../etee/unseal.js';
import { serialDecimal } from '../../x509/certificate.js';
import { formatRfc2253 } from '../../x509/name.js';
import { holderFields, holderText } from '../etk/describe.js';

/** What an expired certificate brings with it; nothing else is wrong with such a message. */
const EXPIRED = 'OUTER_CERTIFICATE_EXPIRED';
const WITH_EXPIRED: ReadonlySet<string> = new Set([
  EXPIRED,
  'OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED',
  'OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED',
  'INNER_SIGNATURE_COULD_NOT_BE_VERIFIED',
]);

/** The error of a message that opens and must not be trusted. */
export function refusal({ errors, warnings, sender }: Rejected): TopazError {
  const isOnlyExpired = errors.includes(EXPIRED) && errors.every((name) => WITH_EXPIRED.has(name));
  return new TopazError('E_SEAL_INVALID', 'the seal of this message is not genuine', {
    facts: [
      errors.join(', '),
      ...(sender === undefined ? [] : [`claims to be sealed by ${claimedName(sender)}`]),
      'nothing was written',
    ],
    hint: isOnlyExpired
      ? 'the certificate of the sender had ended; to open it all the same: --allow-expired-sender'
      : 'do not trust the content; report it to the sender',
    details: { errors, warnings },
  });
}

/** Without the number: this is a message, not a result. */
const claimedName = ({ name, type }: Sender): string => name ?? (type === '' ? 'someone' : type);

/** The facts of an opened message in JSON. */
export function describeUnsealed({
  verdict,
  sender,
  signingTime,
  errors,
  warnings,
  sizeBytes,
}: Judgement): Readonly<Record<string, unknown>> {
  return {
    verdict,
    ...(sender === undefined ? {} : { sender: describeSender(sender) }),
    ...(signingTime === undefined ? {} : { signingTime: seconds(signingTime) }),
    errors,
    warnings,
    sizeBytes,
  };
}

function describeSender(sender: Sender): Readonly<Record<string, unknown>> {
  const { certificate } = sender;
  return {
    ...holderFields(sender),
    certificate: {
      subject: formatRfc2253(certificate.subject),
      issuer: formatRfc2253(certificate.issuer),
      serial: serialDecimal(certificate),
      notBefore: seconds(certificate.notBefore),
      notAfter: seconds(certificate.notAfter),
    },
  };
}

/** Says who sealed it, when, and what is to be known about that. */
export function sayVerdict(
  run: Run,
  { verdict, sender, signingTime, errors, warnings }: Judgement,
): void {
  if (verdict === 'refused') {
    run.warn(run.t('seal.unverified', { errors: errors.join(', ') }));
  }
  if (warnings.includes('SIGNING_TIME_MISSING')) {
    run.warn(run.t('seal.noTime'));
  }
  if (warnings.some((name) => name.endsWith('_CERTIFICATE_STATUS_UNKNOWN'))) {
    run.warn(run.t('seal.statusUnknown'));
  }
  // SIGNING_TIME_EXPIRED is the normal case of a stored message: the date below says it.
  const who = sender === undefined ? run.t('seal.someone') : holderText(sender);
  const when = signingTime === undefined ? '' : formatMoment(run, signingTime);
  const isExpired = warnings.some((name) => name.endsWith('_CERTIFICATE_EXPIRED'));
  const key =
    verdict === 'refused'
      ? 'seal.opened.unverified'
      : isExpired
        ? 'seal.opened.expired'
        : 'seal.opened';
  run.done(run.t(when === '' ? `${key}.undated` : key, { who, date: when }));
}
