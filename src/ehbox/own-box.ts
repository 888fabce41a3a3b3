/**
 * Which box to work with: the one that the session proves, another quality of the same holder, or one that
 * the user names. What the service answers must be what was meant: a mirror never mixes two boxes.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../errors.js';
import type { Identifier } from '../ids/identifier.js';
import { nihii8 } from '../ids/nihii.js';
import type { Call } from '../soap/call.js';
import { addressOf, sameAddress } from './address.js';
import type { BoxAddress } from './address.js';
import { fetchBoxInfo } from './client.js';
import type { ConsultationOptions } from './client.js';
import type { BoxInfo } from './reply.js';

export interface BoxWish {
  /** Named by the user. */
  readonly box?: BoxAddress | undefined;
  /** Quality of the profile, `DOCTOR`. */
  readonly quality?: string | undefined;
  /** Of the certificate. */
  readonly holder: Identifier;
  /** NIHII numbers that the session certifies for the holder. */
  readonly nihiis?: readonly string[] | undefined;
}

export interface FoundBox {
  readonly info: BoxInfo;
  /** For the requests that follow; `undefined` = the default box, which needs no name. */
  readonly box: BoxAddress | undefined;
}

/**
 * Asks which box this is, and whether it is the right one.
 *
 * @throws TopazError `E_BOX_MISMATCH`, and those of {@link fetchBoxInfo}.
 */
export async function findBox(
  call: Call,
  url: string,
  { box, quality, holder, nihiis = [] }: BoxWish,
  options: Omit<ConsultationOptions, 'box'>,
): Promise<FoundBox> {
  const wanted = box ?? addressOf(holder, quality?.toUpperCase());
  if (box === undefined) {
    const info = await fetchBoxInfo(call, url, options);
    const expected = wanted ?? addressOf(holder, info.box.quality);
    if (expected === undefined || fits(info.box, expected, nihiis)) {
      return { info, box: undefined };
    }
  }
  if (wanted === undefined) {
    throw mismatch(undefined);
  }
  // Another quality than the default one of the session.
  const info = await fetchNamed(call, url, { ...options, box: wanted });
  if (!fits(info.box, wanted, nihiis)) {
    throw mismatch(wanted);
  }
  return { info, box: wanted };
}

async function fetchNamed(call: Call, url: string, options: ConsultationOptions): Promise<BoxInfo> {
  try {
    return await fetchBoxInfo(call, url, options);
  } catch (error) {
    const refused =
      error instanceof SoapFaultError
        ? error.faultCode === '810'
        : error instanceof TopazError && error.details?.['statusCode'] === '810';
    throw refused ? mismatch(options.box, error) : error;
  }
}

/** A person's box may be named by SSIN or by NIHII: then only a certified number can tell. */
function fits(answered: BoxAddress, wanted: BoxAddress, nihiis: readonly string[]): boolean {
  if (answered.type === wanted.type || answered.quality !== wanted.quality) {
    return sameAddress(answered, wanted);
  }
  return (
    answered.type === 'NIHII' &&
    wanted.type === 'INSS' &&
    (nihiis.length === 0 || nihiis.some((nihii) => nihii8(nihii) === nihii8(answered.id)))
  );
}

const mismatch = (wanted: BoxAddress | undefined, cause?: unknown): TopazError =>
  new TopazError('E_BOX_MISMATCH', 'this session does not open the eHealthBox that is meant', {
    facts: wanted === undefined ? [] : [`wanted quality: ${wanted.quality}`],
    hint: 'check ehbox.quality of the profile, --box, and as whom the session was opened',
    cause,
  });
