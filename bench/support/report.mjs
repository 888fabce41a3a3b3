/**
 * What a bench says at its end: one row per figure, a ratio against a peer of the same run and the target
 * that the ratio is held against.
 */

/**
 * Prints the rows as a table on stderr and as one line of JSON on stdout, which `npm run bench` collects.
 *
 * @param {string} bench - the folder's name.
 * @param {{case: string, measure: string, peer: string, value: number, atLeast?: number, atMost?: number}[]} rows
 *   `value` is the ratio (or the figure `measure` names); exactly one bound, or none for information.
 */
export function report(bench, rows) {
  const judged = rows.map((row) => ({ ...row, value: round(row.value), met: meets(row) }));
  const cells = judged.map((row) => [
    row.case,
    row.measure,
    row.peer,
    String(row.value),
    boundOf(row),
    row.met === undefined ? '' : row.met ? 'met' : 'MISSED',
  ]);
  const head = ['case', 'measure', 'peer', 'value', 'target', ''];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column].length)),
  );
  console.error(`\n${bench}`);
  for (const row of [head, ...cells]) {
    console.error(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
  }
  console.log(JSON.stringify({ bench, rows: judged }));
}

function meets({ value, atLeast, atMost }) {
  if (atLeast !== undefined) {
    return value >= atLeast;
  }
  return atMost === undefined ? undefined : value <= atMost;
}

function boundOf({ atLeast, atMost }) {
  if (atLeast !== undefined) {
    return `>= ${atLeast}`;
  }
  return atMost === undefined ? '' : `<= ${atMost}`;
}

const round = (value) => Number(value.toPrecision(3));
