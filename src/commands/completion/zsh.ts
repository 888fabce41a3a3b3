/**
 * Completion for zsh: the same tables as for bash, shown with their descriptions.
 *
 * @module
 */

import type { CommandEntry, FlagEntry, ValueKind } from './describe-tree.js';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `name:description`, as `_describe` reads it. */
const described = (name: string, text: string): string =>
  quote(`${name.replaceAll(':', '\\:')}:${text}`);

const namesOf = ({ long, short }: FlagEntry): readonly string[] =>
  short === undefined ? [long] : [long, short];

const flagRows = (flags: readonly FlagEntry[]): string =>
  flags.flatMap((flag) => namesOf(flag).map((name) => described(name, flag.description))).join(' ');

function valueCode(value: ValueKind): string {
  switch (value.kind) {
    case 'words':
      return `compadd -- ${value.words.map(quote).join(' ')}`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'free':
      return ':';
    case 'profiles':
    case 'keystores':
    case 'messages':
      return `compadd -- \${(f)"$(topaz __complete ${value.kind} 2>/dev/null)"}`;
  }
}

/** The script; it also works as a file \`_topaz\` in a folder of \`fpath\`. */
export function zshScript(tree: readonly CommandEntry[]): string {
  const [root] = tree;
  const row = (pattern: string, body: string): string => `    ${pattern}) ${body} ;;`;
  const children = tree
    .filter((entry) => entry.children.length > 0)
    .map(
      ({ path, children: names }) =>
      row(quote(path), `reply=(${names.map(({ name, summary }) => described(name, summary)).join(' ')})`), // prettier-ignore
    );
  const flags = tree
    .filter(({ path, flags: own }) => path !== '' && own.length > 0)
    .map(({ path, flags: own }) => row(quote(path), `reply=(${flagRows(own)})`));
  const values = tree.flatMap(({ path, flags: own }) =>
    own.flatMap((flag) => {
      const { value } = flag;
      return value === undefined
        ? []
        : namesOf(flag).map((name) =>
            row(path === '' ? `*' ${name}'` : quote(`${path} ${name}`), valueCode(value)),
          );
    }),
  );
  const takes = tree.flatMap(({ path, flags: own }) =>
    own
      .filter(({ value }) => value !== undefined)
      .flatMap((flag) =>
        namesOf(flag).map((name) =>
          row(path === '' ? `*' ${name}'` : quote(`${path} ${name}`), 'return 0'),
        ),
      ),
  );
  const args = tree.flatMap(({ path, argument }) =>
    argument === undefined ? [] : [row(quote(path), valueCode(argument))],
  );
  return `#compdef topaz
# Completion of topaz for zsh: source <(topaz completion zsh)

_topaz_children() {
  reply=()
  case "$1" in
${children.join('\n')}
  esac
}

_topaz_flags() {
  reply=()
  case "$1" in
${flags.join('\n')}
  esac
  reply+=(${flagRows(root?.flags ?? [])})
}

_topaz_takes() {
  case "$1 $2" in
${takes.join('\n')}
  esac
  return 1
}

_topaz_value() {
  case "$1 $2" in
${values.join('\n')}
  esac
}

_topaz_argument() {
  case "$1" in
${args.join('\n')}
  esac
}

_topaz() {
  local topaz_path='' topaz_flag='' topaz_word topaz_index
  local -a reply
  for ((topaz_index = 2; topaz_index < CURRENT; topaz_index++)); do
    topaz_word="\${words[topaz_index]}"
    if [[ -n "$topaz_flag" ]]; then topaz_flag=''; continue; fi
    if [[ "$topaz_word" == -* ]]; then
      if [[ "$topaz_word" != *=* ]] && _topaz_takes "$topaz_path" "$topaz_word"; then topaz_flag="$topaz_word"; fi
      continue
    fi
    _topaz_children "$topaz_path"
    if (( \${reply[(I)$topaz_word:*]} )); then topaz_path="\${topaz_path:+$topaz_path }$topaz_word"; fi
  done
  if [[ -n "$topaz_flag" ]]; then
    _topaz_value "$topaz_path" "$topaz_flag"
  elif [[ "\${words[CURRENT]}" == --*=* ]]; then
    topaz_flag="\${words[CURRENT]%%=*}"
    compset -P '*='
    _topaz_value "$topaz_path" "$topaz_flag"
  elif [[ "\${words[CURRENT]}" == -* ]]; then
    _topaz_flags "$topaz_path"
    _describe -o -t options 'flag' reply
  else
    _topaz_children "$topaz_path"
    if (( \${#reply} )); then _describe -t commands 'command' reply
    else _topaz_argument "$topaz_path"; fi
  fi
}

if [[ "\${funcstack[1]}" == _topaz ]]; then _topaz "$@"; else compdef _topaz topaz; fi
`;
}
