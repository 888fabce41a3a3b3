/**
 * Completion for bash (4 and later; 3.2 of macOS takes it too): tables of words, and a walk over the line.
 *
 * @module
 */

import type { CommandEntry, FlagEntry, ValueKind } from './describe-tree.js';

/** A word in single quotes. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const namesOf = ({ long, short }: FlagEntry): readonly string[] =>
  short === undefined ? [long] : [long, short];

/** A `case` that prints one list by the place in the tree. */
function cases(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([pattern, body]) => `    ${quote(pattern)}) ${body} ;;`).join('\n');
}

function valueCode(value: ValueKind): string {
  switch (value.kind) {
    case 'words':
      return `printf '%s\\n' ${value.words.map(quote).join(' ')}`;
    case 'file':
    case 'folder':
    case 'free':
      return `echo @${value.kind}`;
    case 'profiles':
    case 'keystores':
    case 'messages':
      return `topaz __complete ${value.kind} 2>/dev/null`;
  }
}

/** The script. */
export function bashScript(tree: readonly CommandEntry[]): string {
  const [root] = tree;
  const globals = root?.flags ?? [];
  const children = tree
    .filter((entry) => entry.children.length > 0)
    .map(({ path, children: names }): [string, string] => [
      path,
      `printf '%s\\n' ${names.map(({ name }) => quote(name)).join(' ')}`,
    ]);
  const flags = tree
    .filter(({ path, flags: own }) => path !== '' && own.length > 0)
    .map(({ path, flags: own }): [string, string] => [
      path,
      `printf '%s\\n' ${own.flatMap(namesOf).map(quote).join(' ')}`,
    ]);
  const values = tree.flatMap(({ path, flags: own }) =>
    own.flatMap((flag) => {
      const { value } = flag;
      const prefix = path === '' ? '*' : path;
      return value === undefined
        ? []
        : namesOf(flag).map((name) =>
            path === ''
              ? `    *' ${name}') ${valueCode(value)} ;;`
              : `    ${quote(`${prefix} ${name}`)}) ${valueCode(value)} ;;`,
          );
    }),
  );
  const args = tree.flatMap(({ path, argument }): [string, string][] =>
    argument === undefined ? [] : [[path, valueCode(argument)]],
  );
  return `# Completion of topaz for bash: source <(topaz completion bash)

_topaz_children() {
  case "$1" in
${cases(children)}
  esac
}

_topaz_flags() {
  case "$1" in
${cases(flags)}
  esac
  printf '%s\\n' ${globals.flatMap(namesOf).map(quote).join(' ')}
}

# What a flag takes: words, one a line, or @file, @folder, @free. Nothing where it takes none.
_topaz_value() {
  case "$1 $2" in
${values.join('\n')}
  esac
}

_topaz_argument() {
  case "$1" in
${cases(args)}
  esac
}

# Candidates for the word under the cursor. Spaces in names are kept: one candidate a line.
_topaz_reply() {
  local current="$1" line
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      @file)
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
        return ;;
      @folder)
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current")
        return ;;
      @free) return ;;
    esac
    if [[ -n "$line" && "$line" == "$current"* ]]; then COMPREPLY+=("$(printf '%q' "$line")"); fi
  done
}

_topaz() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' word='' flag='' ended='' index next
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [[ -n "$flag" ]]; then flag=''; continue; fi
    if [[ "$word" == '=' ]]; then continue; fi
    if [[ -z "$ended" && "$word" == '--' ]]; then ended=1; continue; fi
    if [[ -z "$ended" && "$word" == -* ]]; then
      if [[ "\${COMP_WORDS[index + 1]}" != '=' && -n "$(_topaz_takes "$path" "$word")" ]]; then flag="$word"; fi
      continue
    fi
    next="\${path:+$path }$word"
    if _topaz_children "$path" | grep -qxF -- "$word"; then path="$next"; fi
  done
  # \`--flag=value\` comes in three words.
  if [[ "$current" == '=' ]]; then current=''; flag="\${COMP_WORDS[COMP_CWORD - 1]}"
  elif [[ "\${COMP_WORDS[COMP_CWORD - 1]}" == '=' ]]; then flag="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  if [[ -n "$flag" ]]; then
    _topaz_reply "$current" < <(_topaz_value "$path" "$flag")
  elif [[ -z "$ended" && "$current" == -* ]]; then
    _topaz_reply "$current" < <(_topaz_flags "$path")
  elif [[ -n "$(_topaz_children "$path")" ]]; then
    _topaz_reply "$current" < <(_topaz_children "$path")
  else
    _topaz_reply "$current" < <(_topaz_argument "$path")
  fi
}

# Whether a flag takes a value, without asking for the values themselves.
_topaz_takes() {
  case "$1 $2" in
${tree
  .flatMap(({ path, flags: own }) =>
    own
      .filter(({ value }) => value !== undefined)
      .flatMap(
        (flag) =>
        namesOf(flag).map((name) => (path === '' ? `    *' ${name}'` : `    ${quote(`${path} ${name}`)}`)), // prettier-ignore
      ),
  )
  .map((pattern) => `${pattern}) echo yes ;;`)
  .join('\n')}
  esac
}

complete -F _topaz topaz
`;
}
