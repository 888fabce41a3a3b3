/**
 * Turns the HTML of a contract into text that can be read on a terminal. The document is never rendered
 * actively: scripts, styles and comments are dropped, addresses of links are written out, and nothing in it
 * can steer the terminal. One pass over the characters, so that no document takes long.
 *
 * @module
 */

/** Elements that stand on lines of their own. */
const BLOCKS: ReadonlySet<string> = new Set([
  'address', 'article', 'aside', 'blockquote', 'body', 'center', 'dd', 'div', 'dl', 'dt', 'fieldset', 'figure',
  'footer', 'form', 'header', 'html', 'legend', 'li', 'main', 'nav', 'ol', 'pre', 'section', 'table', 'tbody',
  'tfoot', 'thead', 'tr', 'ul', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'p',
]); // prettier-ignore
/** Blocks with an empty line around them. */
const PARAGRAPHS: ReadonlySet<string> = new Set([
  'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'ol', 'p', 'table', 'ul',
]); // prettier-ignore
/**
 * Elements whose content is not text for people. No others: in doubt more is shown than a browser would, and
 * an element that may stay open (`head`) must not swallow the contract.
 */
const DROPPED: ReadonlySet<string> = new Set(['script', 'style', 'title']);

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', copy: '©', reg: '®', sect: '§', para: '¶', deg: '°',
  euro: '€', hellip: '…', ndash: '–', mdash: '—', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«',
  raquo: '»', bull: '•', middot: '·', times: '×', shy: '', agrave: 'à', aacute: 'á', acirc: 'â', atilde: 'ã',
  auml: 'ä', aring: 'å', aelig: 'æ', ccedil: 'ç', egrave: 'è', eacute: 'é', ecirc: 'ê', euml: 'ë', igrave: 'ì',
  iacute: 'í', icirc: 'î', iuml: 'ï', ntilde: 'ñ', ograve: 'ò', oacute: 'ó', ocirc: 'ô', otilde: 'õ', ouml: 'ö',
  oelig: 'œ', ugrave: 'ù', uacute: 'ú', ucirc: 'û', uuml: 'ü', yuml: 'ÿ', szlig: 'ß', Agrave: 'À', Aacute: 'Á',
  Acirc: 'Â', Auml: 'Ä', Ccedil: 'Ç', Egrave: 'È', Eacute: 'É', Ecirc: 'Ê', Euml: 'Ë', Iuml: 'Ï', Icirc: 'Î',
  Ocirc: 'Ô', Ouml: 'Ö', OElig: 'Œ', Ugrave: 'Ù', Ucirc: 'Û', Uuml: 'Ü',
}; // prettier-ignore

/** Controls, bidirectional overrides and invisible characters: they could hide or turn around what is signed. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/** Text under construction: white space is joined, lines and empty lines are counted, not written twice. */
class Lines {
  readonly #lines: string[] = [];
  #line = '';

  /** Adds running text. */
  write(text: string): void {
    const joined = text.replace(/[\s\u00a0]+/g, ' ').replace(UNSAFE, '');
    this.#line += this.#line === '' || this.#line.endsWith(' ') ? joined.trimStart() : joined;
  }

  /** Ends the line, if there is anything on it. */
  endLine(): void {
    const line = this.#line.trimEnd();
    if (line !== '') {
      this.#lines.push(line);
    }
    this.#line = '';
  }

  /** Ends the line and leaves an empty one. */
  endParagraph(): void {
    this.endLine();
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') {
      this.#lines.push('');
    }
  }

  toString(): string {
    this.endLine();
    return this.#lines.join('\n').trim();
  }
}

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly href: string | undefined;
  /** Position behind the tag. */
  readonly end: number;
}

/**
 * The text of an HTML document, lines as long as its paragraphs.
 *
 * @param html At most a few MB; broken HTML gives some text, never an error.
 */
export function htmlToText(html: string): string {
  const lines = new Lines();
  let link: string | undefined;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) {
      lines.write(decodeEntities(html.slice(at)));
      break;
    }
    if (open > at) {
      lines.write(decodeEntities(html.slice(at, open)));
    }
    const tag = readTag(html, open);
    if (tag === undefined) {
      lines.write('<');
      at = open + 1;
      continue;
    }
    at = tag.end;
    if (DROPPED.has(tag.name) && !tag.closing) {
      at = endOf(html, tag);
    } else if (tag.name === 'a') {
      if (tag.closing && link !== undefined) {
        lines.write(` (${link})`);
      }
      link = tag.closing ? undefined : tag.href;
    } else {
      layOut(lines, tag);
    }
  }
  return lines.toString();
}

function layOut(lines: Lines, { name, closing }: Tag): void {
  if (PARAGRAPHS.has(name)) {
    lines.endParagraph();
  } else if (BLOCKS.has(name) || name === 'br') {
    lines.endLine();
  } else if ((name === 'td' || name === 'th') && closing) {
    lines.write('  ');
  }
  if (name === 'li' && !closing) {
    lines.write('- ');
  }
}

/** Comments and declarations count as tags without a name; `undefined`: a plain `<`. */
function readTag(html: string, open: number): Tag | undefined {
  if (html.startsWith('<!--', open)) {
    const close = html.indexOf('-->', open + 4);
    return nameless(close < 0 ? html.length : close + 3);
  }
  const next = html[open + 1] ?? '';
  if (next === '!' || next === '?') {
    const close = html.indexOf('>', open);
    return nameless(close < 0 ? html.length : close + 1);
  }
  const closing = next === '/';
  const start = open + (closing ? 2 : 1);
  const name = /^[A-Za-z][A-Za-z0-9]{0,15}(?![A-Za-z0-9])/.exec(html.slice(start, start + 17))?.[0];
  if (name === undefined) {
    return closing ? nameless(after(html, start)) : undefined;
  }
  const end = endOfTag(html, start + name.length);
  return {
    name: name.toLowerCase(),
    closing,
    href: closing ? undefined : hrefOf(html.slice(start + name.length, end)),
    end,
  };
}

const nameless = (end: number): Tag => ({ name: '', closing: false, href: undefined, end });

const after = (html: string, from: number): number => {
  const close = html.indexOf('>', from);
  return close < 0 ? html.length : close + 1;
};

/** Behind the `>` that is not inside quotes. */
function endOfTag(html: string, from: number): number {
  let quote = '';
  for (let at = from; at < html.length; at += 1) {
    const character = html.charAt(at);
    if (quote !== '') {
      quote = character === quote ? '' : quote;
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '>') {
      return at + 1;
    }
  }
  return html.length;
}

/** Address of a link, where it leads out of the document. */
function hrefOf(attributes: string): string | undefined {
  const [, double, single] = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes) ?? [];
  const address = decodeEntities(double ?? single ?? '').trim();
  return /^(?:https?|mailto):[^\s<>]{1,500}$/i.test(address) ? address : undefined;
}

/** Behind the closing tag of an element whose content is dropped. */
function endOf(html: string, { name, end }: Tag): number {
  // A `</script` inside a script ends it in every browser; so it does here.
  const close = new RegExp(`</${name}[\\s/>]`, 'gi');
  close.lastIndex = end;
  const found = close.exec(html);
  return found === null ? html.length : after(html, found.index);
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z]{2,8}));/g,
    (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
      if (name !== undefined) {
        return ENTITIES[name] ?? whole;
      }
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );
}
