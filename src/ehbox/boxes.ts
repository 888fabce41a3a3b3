/**
 * The mirrors of a profile on this machine: one folder per environment and box.
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode, TopazError } from '../errors.js';
import { boxFolderName, formatAddress, sameAddress } from './address.js';
import type { BoxAddress } from './address.js';
import { readRecord } from './records.js';
import type { BoxRecord } from './records.js';

export interface KnownBox {
  readonly folder: string;
  readonly record: BoxRecord;
}

/** Where the mirror of a box is, or will be. */
export const mirrorFolder = (ehboxFolder: string, environment: string, box: BoxAddress): string =>
  join(ehboxFolder, environment, boxFolderName(box));

/** Boxes that were synchronised at least once. */
export async function listBoxes(
  ehboxFolder: string,
  environment: string,
): Promise<readonly KnownBox[]> {
  const parent = join(ehboxFolder, environment);
  let names: string[];
  try {
    names = (await readdir(parent)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
  const boxes: KnownBox[] = [];
  for (const name of names) {
    const folder = join(parent, name);
    const record = await readRecord<BoxRecord>(join(folder, 'box.json'), 'topaz.ehbox.box/1');
    if (record !== undefined) {
      boxes.push({ folder, record });
    }
  }
  return boxes;
}

export interface BoxChoice {
  /** Named by the user. */
  readonly box?: BoxAddress | undefined;
  /** Quality of the profile. */
  readonly quality?: string | undefined;
}

/**
 * The mirror to read.
 *
 * @throws TopazError `E_MESSAGE_UNKNOWN` when there is none yet, `E_USAGE` when there are several.
 */
export function chooseBox(boxes: readonly KnownBox[], { box, quality }: BoxChoice): KnownBox {
  const fitting = boxes.filter(({ record }) =>
    box === undefined
      ? quality === undefined || record.box.quality === quality
      : sameAddress(record.box, box),
  );
  const [only, ...others] = fitting;
  if (only === undefined) {
    throw new TopazError('E_MESSAGE_UNKNOWN', 'no eHealthBox was mirrored to this machine yet', {
      hint: 'topaz ehbox sync',
    });
  }
  if (others.length > 0) {
    throw new TopazError('E_USAGE', 'this profile mirrors several boxes', {
      facts: fitting.map(({ record }) => boxText(record.box)),
      hint: `choose one: --box ${boxText(only.record.box)}`,
    });
  }
  return only;
}

/** `NIHII-LABO=71234523:LABO`; of a person only the type and quality, since messages hold no SSIN. */
const boxText = (box: BoxAddress): string =>
  box.type === 'INSS' ? `SSIN=…:${box.quality}` : `${formatAddress(box)}:${box.quality}`;
