/**
 * The data objects that the simulated module shows, by group (eid-pkcs11 §6).
 *
 * @module
 */

import { join } from 'node:path';

import type { DataGroup } from '../constants.js';
import type { DataObject } from '../module.js';
import { RAW_FOLDER, readOptional } from './card-folder.js';
import type { CardState } from './card-folder.js';
import { ADDRESS_LABELS, IDENTITY_LABELS, labelledFields } from './identity-file.js';

/** Groups that hold one raw file. */
const FILES: Readonly<Partial<Record<DataGroup, string>>> = {
  photo: 'PHOTO_FILE',
  rncert: 'CERT_RN_FILE',
  sign_data_file: 'SIGN_DATA_FILE',
  sign_address_file: 'SIGN_ADDRESS_FILE',
  basic_key_file: 'BASIC_KEY_FILE',
};
const APPLET_WITH_COUNTER = 0x18;

/**
 * The objects of a group.
 *
 * @param counter Tries left when the session was opened: the module caches it.
 */
export async function readGroup(
  dir: string,
  group: DataGroup,
  { serial, applet }: CardState,
  counter: number,
): Promise<readonly DataObject[]> {
  switch (group) {
    case 'id':
      return readFields(dir, 'DATA_FILE', IDENTITY_LABELS);
    case 'address':
      return readFields(dir, 'ADDRESS_FILE', ADDRESS_LABELS);
    case 'carddata':
      return [
        { label: 'carddata_serialnumber', value: Uint8Array.from(Buffer.from(serial, 'hex')) },
        { label: 'carddata_appl_version', value: Uint8Array.of(applet) },
        // Only applet 1.8 tells its counter through the module.
        ...(applet >= APPLET_WITH_COUNTER
          ? [{ label: 'carddata_pin_counter', value: Uint8Array.of(counter) }]
          : []),
      ];
    default: {
      const label = FILES[group];
      return label === undefined ? [] : readRaw(dir, label);
    }
  }
}

async function readRaw(dir: string, label: string): Promise<readonly DataObject[]> {
  const bytes = await readOptional(join(dir, RAW_FOLDER, label));
  return bytes === undefined ? [] : [{ label, value: Uint8Array.from(bytes) }];
}

async function readFields(
  dir: string,
  label: string,
  labels: readonly string[],
): Promise<readonly DataObject[]> {
  const [file] = await readRaw(dir, label);
  return file === undefined ? [] : [file, ...labelledFields(file.value, labels)];
}
