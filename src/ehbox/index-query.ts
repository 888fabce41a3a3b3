/**
 * What the index holds and what it can be asked, as rows and as SQL.
 *
 * @module
 */

/** A message as the index holds it. */
export interface IndexRow {
  readonly side: string;
  readonly id: string;
  /** Changes with each change of the files that the row was made from. */
  readonly stamp: string;
  readonly folder: string;
  readonly unread: boolean;
  /** Does not open, or not wholly. */
  readonly closed: boolean;
  /** Day of publication; empty when unknown. */
  readonly date: string;
  /** `TYPE=ID`. */
  readonly sender: string;
  /** JSON of the summary. */
  readonly summary: string;
  /** Folded. */
  readonly text: string;
}

export interface IndexQuery {
  readonly folder?: string | undefined;
  readonly unread?: boolean | undefined;
  readonly closed?: boolean | undefined;
  readonly from?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Folded; each must occur. */
  readonly words: readonly string[];
  /** Rows older than those of so many newest ones may be left out. */
  readonly limit?: number | undefined;
}

/** Where a row stands in a list. */
export interface IndexHit {
  readonly rowid: number;
  readonly id: string;
  readonly date: string;
}

/** The SQL of a query, and its values in order. */
export function conditions(query: IndexQuery): {
  readonly where: string;
  readonly values: readonly unknown[];
} {
  const parts: [string, unknown][] = [];
  const add = (sql: string, value: unknown): void => {
    if (value !== undefined) {
      parts.push([sql, value]);
    }
  };
  add('folder = ?', query.folder);
  add('unread = ?', query.unread === true ? 1 : undefined);
  add('closed = ?', query.closed === true ? 1 : undefined);
  add('sender = ?', query.from);
  add('date >= ?', query.since);
  add('date <= ?', query.until);
  // Three characters are the least that the index knows; shorter words are looked for one by one.
  const long = query.words.filter((word) => /^.{3}/su.test(word));
  const phrases = long.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ');
  add('rowid IN (SELECT rowid FROM texts WHERE texts MATCH ?)', long.length === 0 ? undefined : phrases); // prettier-ignore
  for (const word of query.words.filter((short) => !long.includes(short))) {
    add('rowid IN (SELECT rowid FROM texts WHERE instr(text, ?) > 0)', word);
  }
  return {
    where: parts.length === 0 ? '' : `WHERE ${parts.map(([sql]) => sql).join(' AND ')}`,
    values: parts.map(([, value]) => value),
  };
}
