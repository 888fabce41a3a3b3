/**
 * Who stands in a request: the care provider, and the office that sends for it where there is one; and whether the
 * session is one of theirs (mycarenet §1.2, §1.3, §5). What the session contradicts is refused here: the service
 * would refuse it too, with less to say.
 *
 * UNCERTAIN: no source shows a request of an office. The schema has `Sender` for it, and the rule that values agree
 * with the token is taken to hold for whoever the token is of.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { formatNihii, padNihii11, parseNihii } from '../ids/nihii.js';
import { isSsin, maskSsin } from '../ids/ssin.js';
import { findCareProvider } from './care-provider.js';
import type { CareProviderSettings, CertifiedHolder } from './care-provider.js';
import { isOrganisation, MYCARENET_QUALITIES } from './origin.js';
import type { Origin } from './origin.js';

export interface PartySettings extends CareProviderSettings {
  /** SSIN of the person who answers for an organisation. */
  readonly responsible?: string;
  /** The office that sends for the care provider. */
  readonly sender?: CareProviderSettings;
}

export type Parties = Pick<Origin, 'careProvider' | 'sender'>;

const PERSON_SSIN = 'urn:be:fgov:person:ssin';

/**
 * The parties of a profile, and of a session where there is one.
 *
 * @param session `undefined` when nothing is sent: then the profile alone counts.
 * @throws TopazError `E_PROFILE_INVALID` that names the key.
 */
export function findParties(
  settings: PartySettings,
  session: CertifiedHolder | undefined,
): Parties {
  const { sender: office, responsible } = settings;
  if (office === undefined) {
    const careProvider = findCareProvider(settings, session);
    checkResponsible(careProvider.quality, responsible, session);
    return { careProvider };
  }
  const sender = findSender(office);
  if (session !== undefined) {
    checkSender(sender, session);
  }
  checkResponsible(sender.quality, responsible, session);
  // The session is the office's: what it says of itself must not be taken for the care provider's.
  return { careProvider: findCareProvider(settings, undefined), sender };
}

/** An office is named in full: nothing of it can be taken from elsewhere. */
function findSender({ quality, nihii, name, cbe }: CareProviderSettings): NonNullable<Origin['sender']> {
  const refuse = (key: string, problem: string): TopazError =>
    new TopazError('E_PROFILE_INVALID', `of the office that sends, ${problem}`, {
      hint: `topaz profile set mycarenet.sender.${key} VALUE, or: topaz profile unset mycarenet.sender`,
      details: { key: `mycarenet.sender.${key}` },
    });
  if (quality === undefined || !MYCARENET_QUALITIES.includes(quality)) {
    throw refuse('quality', 'the quality is not one of MyCareNet');
  }
  if (!isOrganisation(quality)) {
    throw refuse('quality', `${quality} is the quality of a person`);
  }
  if (nihii === undefined) {
    throw refuse('nihii', 'the NIHII number is not known');
  }
  return {
    quality,
    nihii: padNihii11(parseNihii(nihii)),
    ...(name === undefined ? {} : { name }),
    ...(cbe === undefined ? {} : { cbe }),
  };
} // prettier-ignore

function checkSender(
  { quality, nihii }: NonNullable<Origin['sender']>,
  { holder, attributes }: CertifiedHolder,
): void {
  const certified = attributes
    .filter(({ name }) => name.includes(`:${quality}:`) && /:(?:nihii11|nihii-number)$/.test(name))
    .flatMap(({ values }) => values)
    .filter((value) => /^(?:[0-9]{8}|[0-9]{11})$/.test(value));
  if (!certified.map(padNihii11).includes(nihii)) {
    throw new TopazError('E_PROFILE_INVALID', 'the session is not one of the office that sends', {
      facts: [
        `the profile names ${formatNihii(nihii)} as ${quality}`,
        certified.length === 0
          ? `the session is one as ${holder.quality}, and certifies no number as ${quality}`
          : `the session certifies ${certified.map(formatNihii).join(', ')}`,
      ],
      hint: `topaz session open --as ${quality} --force, or: topaz profile unset mycarenet.sender`,
      details: { key: 'mycarenet.sender.nihii' },
    });
  }
}

/** Where the session of an organisation names a person, it is the one who answers for it. */
function checkResponsible(
  quality: string,
  responsible: string | undefined,
  session: CertifiedHolder | undefined,
): void {
  const person = session?.attributes.find(({ name }) => name === PERSON_SSIN)?.values[0];
  const expected = responsible?.replace(/\D/g, '') ?? '';
  if (isOrganisation(quality) && isSsin(expected) && person !== undefined && person !== expected) {
    throw new TopazError('E_PROFILE_INVALID', 'the session was opened by another person than the responsible', {
      facts: [
        `responsible in the profile: ${maskSsin(expected)}`,
        `in the session: ${maskSsin(person)}`,
      ],
      hint: 'open it as the responsible: topaz session open --force, or: topaz profile set mycarenet.responsible SSIN',
      details: { key: 'mycarenet.responsible' },
    }); // prettier-ignore
  }
}
