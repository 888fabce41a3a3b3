/**
 * The sheet to print: lines with their checks, codes to scan, and how the key is read back. One page of HTML with
 * everything inside: nothing is loaded from elsewhere.
 *
 * @module
 */

import { create } from 'qrcode';

import { formatLine, paperLines, scanParts } from './paper-lines.js';
import { keyFingerprint } from './user-key.js';
import type { PartyId } from './user-key.js';

export interface SheetTexts {
  readonly title: string;
  /** What it is and where it belongs. */
  readonly purpose: string;
  /** Whether a passphrase is needed. */
  readonly secrecy: string;
  /** How it is read back. */
  readonly recovery: string;
  readonly id: string;
  readonly fingerprint: string;
  readonly printed: string;
  readonly code: string;
}

export interface SheetOptions {
  readonly id: PartyId;
  /** PKCS#8, plain or encrypted. */
  readonly der: Uint8Array;
  readonly spki: Uint8Array;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly language: string;
  readonly texts: SheetTexts;
}

/** The page. */
export function paperSheet({ id, der, spki, day, language, texts }: SheetOptions): string {
  const lines = paperLines(der).map(formatLine);
  const codes = scanParts(id, der).map(
    (part, index, all) =>
      `<figure>${qrSvg(part)}<figcaption>${escapeHtml(texts.code)} ${index + 1}/${all.length}</figcaption></figure>`,
  );
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(texts.title)}</title>
<style>
@page { size: A4; margin: 12mm; }
body { font: 10pt/1.3 sans-serif; margin: 0; color: #000; background: #fff; }
h1 { font-size: 15pt; margin: 0 0 2mm; }
p, dl { margin: 0 0 2mm; }
dt { float: left; clear: left; width: 32mm; font-weight: bold; }
dd { margin: 0 0 0 33mm; font-family: monospace; }
code { white-space: nowrap; }
main { display: flex; gap: 6mm; align-items: flex-start; margin-top: 4mm; }
pre { font: 8.5pt/1.2 monospace; margin: 0; }
figure { margin: 0 0 5mm; text-align: center; break-inside: avoid; }
svg { display: block; width: 54mm; height: 54mm; }
@media screen { body { max-width: 186mm; margin: 12mm auto; } }
</style>
</head>
<body>
<h1>${escapeHtml(texts.title)}</h1>
<p>${escapeHtml(texts.purpose)}</p>
<p><strong>${escapeHtml(texts.secrecy)}</strong></p>
<dl>
<dt>${escapeHtml(texts.id)}</dt><dd>${id}</dd>
<dt>${escapeHtml(texts.fingerprint)}</dt><dd>${keyFingerprint(spki)}</dd>
<dt>${escapeHtml(texts.printed)}</dt><dd>${escapeHtml(day)}</dd>
</dl>
<p>${escapeHtml(texts.recovery).replace(/topaz key import .*$/, '<code>$&</code>')}</p>
<main>
<pre>
${inColumns(lines).join('\n')}
</pre>
<div>${codes.join('')}</div>
</main>
</body>
</html>
`;
}

/** The checks of all lines below each other: the last line may be shorter. */
function inColumns(lines: readonly string[]): readonly string[] {
  const width = Math.max(...lines.map((line) => line.length));
  return lines.map((line) => {
    const at = line.lastIndexOf(' ') + 1;
    return line.slice(0, at) + line.slice(at).padStart(width - at);
  });
}

/** A code as one path: a square of 1 per dark module, with the quiet zone of 4 that scanners want. */
export function qrSvg(text: string): string {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const { size, data } = modules;
  const quiet = 4;
  const path: string[] = [];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (data[row * size + column] === 1) {
        path.push(`M${column + quiet} ${row + quiet}h1v1h-1z`);
      }
    }
  }
  const side = size + 2 * quiet;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path.join('')}"/></svg>`;
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
