/**
 * What bytes look like, by their first few: only to be shown beside what the sender declared.
 *
 * @module
 */

const MAGIC: readonly (readonly [string, string])[] = [
  ['255044462d', 'application/pdf'],
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['47494638', 'image/gif'],
  ['49492a00', 'image/tiff'],
  ['4d4d002a', 'image/tiff'],
  ['504b0304', 'application/zip'],
  ['4d5a', 'application/x-msdownload'],
  ['7f454c46', 'application/x-elf'],
  ['d0cf11e0a1b11ae1', 'application/x-ole-storage'],
  ['7b5c727466', 'application/rtf'],
];

/** The MIME type by content, or `undefined` when it is not one of those known here. */
export function sniffMimeType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  const found = MAGIC.find(([magic]) => head.startsWith(magic));
  if (found !== undefined) {
    return found[1];
  }
  const start = Buffer.from(bytes.subarray(0, 100)).toString('utf8').replace(/^\uFEFF?\s*/, ''); // prettier-ignore
  return /^<(?:!doctype html|html)/i.test(start)
    ? 'text/html'
    : start.startsWith('<?xml')
      ? 'application/xml'
      : undefined;
}
