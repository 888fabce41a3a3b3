/**
 * What `topaz profile set` knows about a value beyond its kind: numbers are checked and brought into their usual form;
 * names that are not known, and files that are not there, are told with the nearest ones.
 *
 * @module
 */

import { access } from 'node:fs/promises';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { keyRule } from '../../profile/keys.js';
import { nearest } from '../../profile/nearest.js';
import { profileOrNone } from '../eid/open-card.js';

/**
 * The value to store.
 *
 * @throws TopazError `E_SSIN_INVALID`, `E_NIHII_INVALID`, `E_CBE_INVALID`, `E_IDENTIFIER_INVALID`.
 */
export async function checkedValue(run: Run, key: string, value: string): Promise<string> {
  switch (key) {
    case 'mycarenet.responsible':
      return (await import('../../ids/ssin.js')).parseSsin(value);
    case 'mycarenet.nihii':
    case 'mycarenet.sender.nihii':
      return (await import('../../ids/nihii.js')).parseNihii(value);
    case 'mycarenet.cbe':
    case 'mycarenet.sender.cbe':
      return parseCbe(value);
    case 'holder.type':
      return holderType(value);
    case 'holder.id':
      return holderId(run, value);
    case 'holder.quality':
    case 'mycarenet.quality':
    case 'mycarenet.sender.quality':
      warnUnknown(run, key, value, await qualitiesFor(key));
      return value;
    case 'keystore':
    case 'organisationKeystore':
      await warnUnknownKeystore(run, key, value);
      return value;
    default:
      if (keyRule(key)?.kind === 'file') {
        await access(value).catch(() => {
          run.warn(run.t('profile.set.noFile', { key, file: value }));
        });
      }
      return value;
  }
}

/** Ten digits, the last two of which check the others. */
function parseCbe(text: string): string {
  const digits = text.replace(/^BE|[\s.-]/gi, '').padStart(10, '0');
  if (!/^[01]\d{9}$/.test(digits) || Number(digits.slice(8)) !== 97 - (Number(digits.slice(0, 8)) % 97)) {
    throw new TopazError('E_CBE_INVALID', 'this is not an enterprise number', {
      hint: 'ten digits, for example 0123.456.749',
    });
  }
  return digits;
} // prettier-ignore

async function holderType(value: string): Promise<string> {
  const { identifierTypes } = await import('../../ids/identifier.js');
  const known = identifierTypes();
  const found = known.find((type) => type === value.toUpperCase());
  if (found === undefined) {
    const near = nearest(value, known);
    throw new TopazError('E_IDENTIFIER_INVALID', 'there is no such type of holder', {
      facts: [known.join(', ')],
      hint: near.length === 0 ? 'for example SSIN' : `did you mean ${near.join(' or ')}?`,
    });
  }
  return found;
}

/** Held against the type, where the profile says it. */
async function holderId(run: Run, value: string): Promise<string> {
  const type = (await profileOrNone(run).catch(() => undefined))?.holder.type;
  const { identifierTypes, parseIdentifier } = await import('../../ids/identifier.js');
  return type !== undefined && identifierTypes().includes(type)
    ? parseIdentifier(`${type}=${value}`).id
    : value;
}

async function qualitiesFor(key: string): Promise<readonly string[]> {
  return key === 'holder.quality'
    ? (await import('../../sts/qualities.js')).qualityNames()
    : (await import('../../mycarenet/origin.js')).MYCARENET_QUALITIES;
}

/** Not refused: eHealth may know more than this table does. */
function warnUnknown(run: Run, key: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) {
    const near = nearest(value, known);
    const names = near.length === 0 ? known.slice(0, 5) : near;
    run.warn(run.t('profile.set.unknown', { key, value, names: names.join(', ') }));
  }
}

async function warnUnknownKeystore(run: Run, key: string, value: string): Promise<void> {
  const { keystorePath } = await import('../keystore/open-keystore.js');
  try {
    await keystorePath(run, value);
  } catch (error) {
    if (!(error instanceof TopazError) || error.code !== 'E_KEYSTORE_UNKNOWN') {
      throw error;
    }
    const [said = ''] = error.facts;
    run.warn(run.t('profile.set.noKeystore', { key, value, said }).trimEnd());
  }
}
