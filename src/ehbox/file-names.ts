/**
 * File names for what others sent: whatever a sender writes, the name stays inside its folder, opens
 * nothing by itself and reads as what it is (sync design, “File names”).
 *
 * @module
 */

const MAX_BYTES = 100;
const EMPTY = 'annex';

/** Device names of Windows, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;

/** Extensions that run or act when they are opened. */
const ACTIVE = new Set([
  'ade', 'adp', 'apk', 'app', 'appx', 'bat', 'chm', 'cmd', 'com', 'command', 'cpl', 'desktop', 'dll', 'dmg',
  'docm', 'dotm', 'elf', 'exe', 'hta', 'htm', 'html', 'inf', 'iso', 'jar', 'jnlp', 'js', 'jse', 'lnk', 'mht',
  'mhtml', 'mjs', 'msc', 'msi', 'msp', 'mst', 'one', 'pif', 'pkg', 'pptm', 'ps1', 'psm1', 'py', 'rb', 'reg',
  'run', 'scf', 'scr', 'sct', 'sh', 'shtml', 'svg', 'sys', 'url', 'vb', 'vbe', 'vbs', 'vhd', 'vhdx', 'website',
  'ws', 'wsc', 'wsf', 'wsh', 'xhtml', 'xlam', 'xll', 'xlsm',
]); // prettier-ignore

/**
 * A name that is safe as one segment of a path on every system.
 *
 * @returns At most 100 bytes before `.blocked`, which executable and active kinds get.
 */
export function safeName(original: string): string {
  const segment = original.split(/[/\\]/).at(-1) ?? '';
  const clean = segment
    .normalize('NFC')
    // Control, zero-width, bidi and unassigned characters, lone surrogates, then what Windows forbids.
    .replace(/[\p{C}\p{Zl}\p{Zp}<>:"|?*]/gu, '')
    .replace(/\s+/gu, ' ')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  const dot = clean.lastIndexOf('.');
  const stem = dot > 0 ? clean.slice(0, dot) : clean;
  const extension = dot > 0 ? cut(clean.slice(dot), MAX_BYTES / 2) : '';
  // Of `con.tar.gz` the first word counts.
  const [first = '', ...rest] = stem.split('.');
  const harmless = RESERVED.test(first.trim()) ? [`${first.trim()}_`, ...rest].join('.') : stem;
  const kept = cut(harmless, MAX_BYTES - Buffer.byteLength(extension)).replace(/[. ]+$/, '');
  const name = kept === '' ? `${EMPTY}${extension}` : `${kept}${extension}`;
  return ACTIVE.has(extension.slice(1).toLowerCase()) ? `${name}.blocked` : name;
}

/** `01-results.pdf`: the position keeps equal names apart, on systems without case too. */
export const partFileName = (position: number, original: string): string =>
  `${String(position).padStart(2, '0')}-${safeName(original)}`;

/** Cuts to a number of UTF-8 bytes, never inside a character. */
function cut(text: string, maxBytes: number): string {
  let size = 0;
  let kept = '';
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > maxBytes) {
      break;
    }
    kept += character;
  }
  return kept;
}
