/**
 * For whom a MyCareNet request is made: the profile's word first, then what the session certifies. Both must
 * agree, since the service compares the request with the token (mycarenet §1.3).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { formatNihii, padNihii11, parseNihii } from '../ids/nihii.js';
import type { Nihii11 } from '../ids/nihii.js';
import { isOrganisation, MYCARENET_QUALITIES } from './origin.js';
import type { CareProvider } from './origin.js';

/** The keys `mycarenet.…` of a profile. */
export interface CareProviderSettings {
  readonly quality?: string;
  readonly nihii?: string;
  readonly name?: string;
  readonly cbe?: string;
}

/** What is read of a session. */
export interface CertifiedHolder {
  readonly holder: { readonly type: string; readonly id: string; readonly quality: string };
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[];
}

const PERSON_SSIN = 'urn:be:fgov:person:ssin';

/**
 * The care provider of a profile, and of a session where there is one.
 *
 * @param session `undefined` when nothing is sent: then the profile alone counts.
 * @throws TopazError `E_PROFILE_INVALID` that names the key: unknown quality, no or another number.
 */
export function findCareProvider(
  settings: CareProviderSettings,
  session: CertifiedHolder | undefined,
): CareProvider {
  const quality = settings.quality ?? session?.holder.quality;
  if (quality === undefined || !MYCARENET_QUALITIES.includes(quality)) {
    throw new TopazError(
      'E_PROFILE_INVALID',
      quality === undefined
        ? 'as what you ask MyCareNet is not known'
        : `${quality} is not a quality of MyCareNet`,
      {
        facts: [`qualities: ${MYCARENET_QUALITIES.join(', ')}`],
        hint: 'topaz profile set mycarenet.quality QUALITY',
        details: { key: 'mycarenet.quality' },
      },
    );
  }
  if (session !== undefined) {
    checkQuality(quality, session);
  }
  const certified = certifiedNumbers(quality, session);
  const nihii = readNumber(settings.nihii ?? certified[0], quality);
  if (certified.length > 0 && !certified.map(padNihii11).includes(nihii)) {
    throw new TopazError('E_PROFILE_INVALID', 'the profile and the session name different care providers', {
      facts: [
        `NIHII number of the profile: ${formatNihii(nihii)}`,
        `of the session: ${certified.map(formatNihii).join(', ')}`,
      ],
      hint: 'correct it: topaz profile set mycarenet.nihii NUMBER',
      details: { key: 'mycarenet.nihii' },
    }); // prettier-ignore
  }
  const name = settings.name ?? holderName(session);
  const ssin = isOrganisation(quality) ? undefined : holderSsin(session);
  return {
    quality,
    nihii,
    ...(name === undefined ? {} : { name }),
    ...(ssin === undefined ? {} : { ssin }),
    ...(settings.cbe === undefined || !isOrganisation(quality) ? {} : { cbe: settings.cbe }),
  };
}

function checkQuality(quality: string, { holder }: CertifiedHolder): void {
  // A quality of the STS that MyCareNet does not know says nothing about this one.
  if (holder.quality !== quality && MYCARENET_QUALITIES.includes(holder.quality)) {
    throw new TopazError('E_PROFILE_INVALID', `the session is one as ${holder.quality}, the profile asks as ${quality}`, {
      hint: `topaz session open --as ${quality} --force, or: topaz profile set mycarenet.quality ${holder.quality}`,
      details: { key: 'mycarenet.quality' },
    }); // prettier-ignore
  }
}

function readNumber(text: string | undefined, quality: string): Nihii11 {
  const hint = 'topaz profile set mycarenet.nihii NUMBER';
  const details = { key: 'mycarenet.nihii' };
  if (text === undefined) {
    throw new TopazError('E_PROFILE_INVALID', 'the NIHII number of the care provider is not known', { hint, details }); // prettier-ignore
  }
  const number = parseNihii(text);
  // The last three digits are the qualification: zeros in their place would claim another one.
  if (number.length === 8 && !isOrganisation(quality)) {
    throw new TopazError('E_PROFILE_INVALID', 'the NIHII number of a person is needed with 11 digits', { hint, details }); // prettier-ignore
  }
  return padNihii11(number);
}

/** Numbers of that quality which the session holds. */
function certifiedNumbers(
  quality: string,
  session: CertifiedHolder | undefined,
): readonly string[] {
  return (session?.attributes ?? [])
    .filter(({ name }) => name.includes(`:${quality}:`) && /:(?:nihii11|nihii-number)$/.test(name))
    .flatMap(({ values }) => values)
    .filter((value) => /^(?:[0-9]{8}|[0-9]{11})$/.test(value));
}

const valueOf = (session: CertifiedHolder | undefined, name: string): string | undefined =>
  session?.attributes.find((attribute) => attribute.name === name)?.values[0];

function holderName(session: CertifiedHolder | undefined): string | undefined {
  const names = ['givenname', 'surname'].map((name) =>
    valueOf(session, `${PERSON_SSIN}:ehealth:1.0:${name}`),
  );
  const name = names.filter((part) => part !== undefined).join(' ');
  return name === '' ? undefined : name;
}

const holderSsin = (session: CertifiedHolder | undefined): string | undefined =>
  valueOf(session, PERSON_SSIN) ??
  (session?.holder.type === 'SSIN' ? session.holder.id : undefined);
