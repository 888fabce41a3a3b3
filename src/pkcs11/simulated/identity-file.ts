/**
 * Raw files of the card (eid-pkcs11 §7): tag 1 byte; length in bytes of which each `FF` counts 255 and
 * stands for "more"; value. Tag 00 is the structure version at the start and padding anywhere else.
 *
 * @module
 */

/** Labels of the identity file (`DATA_FILE`) by tag; tag 00, the version, has none. */
export const IDENTITY_LABELS: readonly string[] = [
  '', 'card_number', 'chip_number', 'validity_begin_date', 'validity_end_date', 'issuing_municipality',
  'national_number', 'surname', 'firstnames', 'first_letter_of_third_given_name', 'nationality',
  'location_of_birth', 'date_of_birth', 'gender', 'nobility', 'document_type', 'special_status', 'photo_hash',
  'duplicata', 'special_organization', 'member_of_family', 'date_and_country_of_protection',
  'work_permit_mention', 'employer_vat_1', 'employer_vat_2', 'regional_file_number', 'basic_key_hash',
  'brexit_mention_1', 'brexit_mention_2', 'cardA_mention_1', 'cardA_mention_2', 'cardEU_start_date',
]; // prettier-ignore

/** Labels of the address file (`ADDRESS_FILE`) by tag. */
export const ADDRESS_LABELS: readonly string[] = [
  '',
  'address_street_and_number',
  'address_zip',
  'address_municipality',
];

export interface Field {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** Fields until the end or the padding; a cut field ends the file. */
export function decodeFields(file: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < file.length) {
    const tag = file[at] ?? 0;
    if (tag === 0 && at > 0) {
      break;
    }
    at += 1;
    let length = 0;
    while (file[at] === 0xff) {
      length += 0xff;
      at += 1;
    }
    length += file[at] ?? 0;
    at += 1;
    if (at + length > file.length) {
      break;
    }
    fields.push({ tag, value: file.slice(at, at + length) });
    at += length;
  }
  return fields;
}

/** Writes fields; text is UTF-8. */
export function encodeFields(
  fields: readonly (readonly [tag: number, value: string | Uint8Array])[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [tag, value] of fields) {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    const more = Math.floor(bytes.length / 0xff);
    parts.push(
      Uint8Array.of(tag, ...new Array<number>(more).fill(0xff), bytes.length - more * 0xff),
      bytes,
    );
  }
  return Uint8Array.from(Buffer.concat(parts));
}

/** The data objects that the module makes of a raw file: one per tag that is there and has a label. */
export function labelledFields(
  file: Uint8Array,
  labels: readonly string[],
): readonly { label: string; value: Uint8Array }[] {
  return decodeFields(file).flatMap(({ tag, value }) => {
    const label = labels[tag] ?? '';
    return label === '' ? [] : [{ label, value }];
  });
}
