/**
 * The MIME type that a file is sent with: by its first bytes, and by its name where the bytes only say
 * "archive", "text" or nothing.
 *
 * @module
 */

import { sniffMimeType } from '../sniff.js';

/** Formats that are ZIP archives inside. */
const ARCHIVES: Readonly<Record<string, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
};
const OLE: Readonly<Record<string, string>> = {
  doc: 'application/msword',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
};
const TEXTS: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  htm: 'text/html',
  html: 'text/html',
  json: 'application/json',
  xml: 'application/xml',
};
const UNKNOWN = 'application/octet-stream';

/** The content decides; a name never makes a PDF of something else. */
export function mimeTypeOf(fileName: string, bytes: Uint8Array): string {
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
  const sniffed = sniffMimeType(bytes);
  switch (sniffed) {
    case 'application/zip':
      return ARCHIVES[extension] ?? sniffed;
    case 'application/x-ole-storage':
      return OLE[extension] ?? sniffed;
    case undefined:
      return isText(bytes) ? (TEXTS[extension] ?? 'text/plain') : UNKNOWN;
    default:
      return sniffed;
  }
}

/** UTF-8 without control characters but tabs and line ends. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // eslint-disable-next-line no-control-regex -- those are what is looked for
    return !/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(text);
  } catch {
    return false;
  }
}
