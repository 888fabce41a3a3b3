/**
 * Completion for fish: one line for each word, valid where a function says that the line stands there.
 *
 * @module
 */

import type { CommandEntry, FlagEntry, ValueKind } from './describe-tree.js';

/** fish knows two escapes within single quotes. */
const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const namesOf = ({ long, short }: FlagEntry): readonly string[] =>
  short === undefined ? [long] : [long, short];

function valueArguments(value: ValueKind): string {
  switch (value.kind) {
    case 'words':
      return `-x -a ${quote(value.words.join(' '))}`;
    case 'file':
      return '-r -F';
    case 'folder':
      return `-x -a '(__fish_complete_directories)'`;
    case 'free':
      return '-x';
    case 'profiles':
    case 'keystores':
    case 'messages':
      return `-x -a '(topaz __complete ${value.kind} 2>/dev/null)'`;
  }
}

const flagLine = (condition: string, { long, short, description, value }: FlagEntry): string =>
  [
    'complete -c topaz',
    ...(condition === '' ? [] : [`-n ${quote(condition)}`]),
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    `-l ${long.slice(2)}`,
    `-d ${quote(description)}`,
    ...(value === undefined ? [] : [valueArguments(value)]),
  ].join(' ');

/** The script. */
export function fishScript(tree: readonly CommandEntry[]): string {
  const [root] = tree;
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  const taking = [
    ...new Set(
      tree.flatMap(({ flags }) =>
        flags.filter(({ value }) => value !== undefined).flatMap(namesOf),
      ),
    ),
  ];
  const at = (path: string): string => `__topaz_at "${path}"`;
  const lines = tree.flatMap(({ path, children, flags, argument }) => [
    ...children.map(
      ({ name, summary }) =>
        `complete -c topaz -n ${quote(at(path))} -a ${quote(name)} -d ${quote(summary)}`,
    ),
    ...(path === '' ? [] : flags.map((flag) => flagLine(at(path), flag))),
    ...(argument === undefined || argument.kind === 'free'
      ? []
      : [`complete -c topaz -n ${quote(at(path))} ${valueArguments(argument).replace(/^-[rx] /, '')}`]), // prettier-ignore
  ]);
  return `# Completion of topaz for fish: topaz completion fish | source

set -g __topaz_paths ${paths.join(' ')}
set -g __topaz_taking ${taking.map(quote).join(' ')}

# Whether the words before the cursor name this command, and no longer one.
function __topaz_at
    set -l place ''
    set -l skip 0
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if test $skip -eq 1
            set skip 0
            continue
        end
        if string match -q -- '-*' $word
            if contains -- $word $__topaz_taking
                set skip 1
            end
            continue
        end
        set -l next (string trim -- "$place $word")
        if contains -- $next $__topaz_paths
            set place $next
        end
    end
    test "$place" = "$argv[1]"
end

complete -c topaz -f
${(root?.flags ?? []).map((flag) => flagLine('', flag)).join('\n')}
${lines.join('\n')}
`;
}
