/**
 * Completion for PowerShell (5.1 and 7): tables as hash tables, and one argument completer.
 *
 * @module
 */

import type { CommandEntry, FlagEntry, ValueKind } from './describe-tree.js';

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const namesOf = ({ long, short }: FlagEntry): readonly string[] =>
  short === undefined ? [long] : [long, short];

const list = (words: readonly string[]): string => `@(${words.map(quote).join(', ')})`;

/** `-text` = a list that topaz gives; `/` = what the disk holds, which PowerShell completes by itself. */
function valueText(value: ValueKind): string {
  switch (value.kind) {
    case 'words':
      return list(value.words);
    case 'file':
    case 'folder':
      return `@('/')`;
    case 'free':
      return '@()';
    case 'profiles':
    case 'keystores':
    case 'messages':
      return list([`-${value.kind}`]);
  }
}

/** The script. */
export function powershellScript(tree: readonly CommandEntry[]): string {
  const table = (rows: readonly string[]): string => rows.map((row) => `  ${row}`).join('\n');
  const children = tree
    .filter((entry) => entry.children.length > 0)
    .map(({ path, children: names }) => `${quote(path)} = ${list(names.map(({ name }) => name))}`);
  const flags = tree.map(
    ({ path, flags: own }) => `${quote(path)} = ${list(own.flatMap(namesOf))}`,
  );
  const values = tree.flatMap(({ path, flags: own }) =>
    own.flatMap((flag) => {
      const { value } = flag;
      return value === undefined
        ? []
        : namesOf(flag).map((name) => `${quote(`${path} ${name}`)} = ${valueText(value)}`);
    }),
  );
  const args = tree.flatMap(({ path, argument }) =>
    argument === undefined ? [] : [`${quote(path)} = ${valueText(argument)}`],
  );
  return `# Completion of topaz for PowerShell: topaz completion powershell | Out-String | Invoke-Expression

$topazTree = New-Object 'System.Collections.Hashtable' ([StringComparer]::Ordinal)
$topazFlags = New-Object 'System.Collections.Hashtable' ([StringComparer]::Ordinal)
$topazValues = New-Object 'System.Collections.Hashtable' ([StringComparer]::Ordinal)
$topazArguments = New-Object 'System.Collections.Hashtable' ([StringComparer]::Ordinal)
${table(children.map((row) => `$topazTree[${row.replace(' = ', '] = ')}`))}
${table(flags.map((row) => `$topazFlags[${row.replace(' = ', '] = ')}`))}
${table(values.map((row) => `$topazValues[${row.replace(' = ', '] = ')}`))}
${table(args.map((row) => `$topazArguments[${row.replace(' = ', '] = ')}`))}

Register-ArgumentCompleter -Native -CommandName topaz -ScriptBlock {
  param($current, $ast, $position)
  $path = ''
  $flag = ''
  foreach ($element in ($ast.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $position -and $current -ne '') { break }
    $word = $element.Extent.Text
    if ($flag -ne '') { $flag = ''; continue }
    if ($word.StartsWith('-')) {
      if ($topazValues.ContainsKey("$path $word") -or $topazValues.ContainsKey(" $word")) { $flag = $word }
      continue
    }
    if ($topazTree.ContainsKey($path) -and $topazTree[$path] -ccontains $word) { $path = "$path $word".Trim() }
  }
  if ($flag -ne '') {
    $words = if ($topazValues.ContainsKey("$path $flag")) { $topazValues["$path $flag"] } else { $topazValues[" $flag"] }
  } elseif ($current.StartsWith('-')) {
    $words = @($topazFlags[$path]) + @($topazFlags[''])
  } elseif ($topazTree.ContainsKey($path)) {
    $words = $topazTree[$path]
  } else {
    $words = $topazArguments[$path]
  }
  foreach ($word in $words) {
    if ($word -ceq '/') { continue }
    $found = if ($flag -ne '' -or -not $current.StartsWith('-')) {
      if ($word -cmatch '^-(profiles|keystores|messages)$') { & topaz __complete $word.Substring(1) 2>$null } else { $word }
    } else { $word }
    foreach ($candidate in $found) {
      if ($candidate.StartsWith($current)) {
        $text = if ($candidate -match '\\s') { "'" + $candidate.Replace("'", "''") + "'" } else { $candidate }
        [System.Management.Automation.CompletionResult]::new($text, $candidate, 'ParameterValue', $candidate)
      }
    }
  }
}
`;
}
