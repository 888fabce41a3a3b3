/** Pages about commands, from plain values: Markdown for reading, roff for `man`. */

const sentence = (text) =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('?') ? '' : '.'}`;
const fileName = (path) => `topaz-${path.replaceAll(' ', '-')}`;
const parentOf = (path) => path.split(' ').slice(0, -1).join(' ');

// ── Markdown ────────────────────────────────────────────────────────────────────────────────────────────────

const GENERATED = '<!-- Made by `npm run docs` from the commands themselves. -->';

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
const table = (rows) => [
  '|   |   |',
  '|---|---|',
  ...rows.map(([name, text]) => `| ${code(name)} | ${cell(text)} |`),
];
const part = (title, lines) => (lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines]);
const fenced = (lines) =>
  lines.length === 0 ? [] : ['```sh', ...lines.map((line) => line.replace(/^ {2}/, '')), '```'];
const link = ({ path, summary }) => `- [\`topaz ${path}\`](${fileName(path)}.md): ${summary}`;

/** One command or group. */
export function markdownPage({
  path,
  summary,
  usage,
  examples,
  notes,
  arguments: args,
  flags,
  children,
}) {
  const parent = parentOf(path);
  return `${[
    GENERATED,
    '',
    `# topaz ${path}`,
    '',
    sentence(summary),
    '',
    '```',
    usage,
    '```',
    ...part('Commands', children.map(link)),
    ...part('Examples', fenced(examples)),
    ...part('Arguments', args.length === 0 ? [] : table(args)),
    ...part('Flags', flags.length === 0 ? [] : table(flags)),
    ...part('Notes', notes.length === 0 ? [] : ['```', ...notes, '```']),
    '',
    `See also: ${[...(parent === '' ? [] : [`[topaz ${parent}](${fileName(parent)}.md)`]), '[all commands](README.md)'].join(', ')}`,
  ].join('\n')}\n`;
}

/** All commands, under the headings of the overview. */
export function markdownIndex({ summary, groups, commands, flags }) {
  const below = (noun) =>
    commands.filter(({ path }) => path === noun || path.startsWith(`${noun} `));
  return `${[
    GENERATED,
    '',
    '# Commands of topaz',
    '',
    `${summary}.`,
    ...groups.flatMap(({ title, nouns }) => [
      '',
      `## ${title}`,
      '',
      ...nouns.flatMap((noun) => below(noun).map(link)),
    ]),
    ...part('Flags of every command', table(flags)),
  ].join('\n')}\n`;
}

// ── roff ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A line that begins with a dot or quote is a request; dashes are typed ones; the rest is named by its code. */
const roff = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
    .replace(
      /[^ -~]/gu,
      (character) => `\\[u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
const heading = (title, lines) => (lines.length === 0 ? [] : [`.SH ${title}`, ...lines]);
const items = (rows) =>
  rows.flatMap(([name, text]) => ['.TP', `\\fB${roff(name)}\\fR`, roff(text)]);
const asIs = (lines) =>
  lines.length === 0
    ? []
    : ['.nf', ...lines.map((line) => (line === '' ? '.sp' : roff(line))), '.fi'];
const title = (path, version) =>
  `.TH "${fileName(path).replace(/-$/, '').toUpperCase()}" "1" "" "topaz ${version}" "topaz"`;
const reference = (path) => `.BR ${fileName(path).replaceAll('-', '\\-')} (1)`;
const listed = (lines) =>
  lines.map((line, index) => (index < lines.length - 1 ? `${line} ,` : line));

/** `topaz-cert-request(1)`. */
export function manPage(
  { path, summary, usage, examples, notes, arguments: args, flags, children },
  version,
) {
  const parent = parentOf(path);
  return `${[
    title(path, version),
    '.SH NAME',
    `${roff(fileName(path))} \\- ${roff(summary)}`,
    '.SH SYNOPSIS',
    `.B ${roff(usage)}`,
    ...heading('COMMANDS', items(children.map((child) => [`topaz ${child.path}`, child.summary]))),
    ...heading('EXAMPLES', asIs(examples)),
    ...heading('ARGUMENTS', items(args)),
    ...heading('OPTIONS', items(flags)),
    ...heading('NOTES', asIs(notes)),
    '.SH SEE ALSO',
    ...listed([
      '.BR topaz (1)',
      ...(parent === '' ? [] : [reference(parent)]),
      ...children.map((child) => reference(child.path)),
    ]),
  ].join('\n')}\n`;
}

/** `topaz(1)`: the overview, the flags of every command, exit statuses, and the topics of help. */
export function rootManPage({ summary, groups, commands, flags, exits, topics }, version) {
  const of = (noun) => commands.find(({ path }) => path === noun);
  const nouns = groups.flatMap((group) => group.nouns);
  return `${[
    `.TH "TOPAZ" "1" "" "topaz ${version}" "topaz"`,
    '.SH NAME',
    `topaz \\- ${roff(summary)}`,
    '.SH SYNOPSIS',
    '.B topaz <command> [<argument>...] [flags]',
    '.br',
    '.B topaz help [<command> | <topic>]',
    '.SH COMMANDS',
    ...groups.flatMap((group) => [
      `.SS ${group.title}`,
      ...items(group.nouns.map((noun) => [`topaz ${noun}`, of(noun)?.summary ?? ''])),
    ]),
    ...heading('OPTIONS', items(flags)),
    ...heading('EXIT STATUS', items(exits)),
    ...topics
      .filter(({ name }) => !['flags', 'exit-codes', 'glossary'].includes(name))
      .flatMap(({ name, lines }) => heading(name.toUpperCase(), asIs(lines))),
    '.SH SEE ALSO',
    ...listed(nouns.map(reference)),
  ].join('\n')}\n`;
}
