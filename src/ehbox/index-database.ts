/**
 * The index of a mirror, `index.sqlite`: summaries for lists and texts for searches, made from the files and
 * deletable at any time (design decision 9). The only place that loads better-sqlite3, which may be missing.
 *
 * @module
 */

import { open, stat } from 'node:fs/promises';

import type Sqlite from 'better-sqlite3';

import { diskError } from '../disk/atomic.js';
import { TopazError } from '../errors.js';
import { isDamage, removeIndex } from './index-damage.js';
import { conditions } from './index-query.js';
import type { IndexHit, IndexQuery, IndexRow } from './index-query.js';

/** Raised with every change of the tables or of what is put in them. */
const VERSION = 2;
const BUSY_MS = 5_000;

const TABLES = `
CREATE TABLE messages (
  rowid INTEGER PRIMARY KEY,
  side TEXT NOT NULL,
  id TEXT NOT NULL,
  stamp TEXT NOT NULL,
  folder TEXT NOT NULL,
  unread INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  date TEXT NOT NULL,
  sender TEXT NOT NULL,
  summary TEXT NOT NULL,
  UNIQUE (side, id)
) STRICT;
CREATE INDEX by_date ON messages (date, folder, unread, closed, sender, id);
CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = "trigram case_sensitive 1");
INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);
PRAGMA user_version = ${VERSION};
`;

export type SqliteModule = typeof Sqlite;

/** The package, or `undefined` where it is not installed or its native part does not load. */
export async function loadSqlite(): Promise<SqliteModule | undefined> {
  try {
    const { default: sqlite } = await import('better-sqlite3');
    // The native part is loaded with the first database only.
    new sqlite(':memory:').close();
    return sqlite;
  } catch {
    return undefined;
  }
}

export class IndexDatabase {
  readonly #database: Sqlite.Database;
  readonly #path: string;
  readonly #inode: number;

  constructor(database: Sqlite.Database, path: string, inode: number) {
    this.#database = database;
    this.#path = path;
    this.#inode = inode;
  }

  /**
   * Opens the index, a new one when there is none, it is damaged or of another version.
   *
   * @returns `fresh` when it is empty and everything must be put in.
   * @throws TopazError `E_NATIVE_MISSING`, `E_DISK_FULL`, `E_READ_ONLY`.
   */
  static async open(
    path: string,
    options: { readonly check?: boolean; readonly load?: typeof loadSqlite } = {},
  ): Promise<{ readonly index: IndexDatabase; readonly fresh: boolean }> {
    const sqlite = await (options.load ?? loadSqlite)();
    if (sqlite === undefined) {
      throw new TopazError('E_NATIVE_MISSING', 'the package better-sqlite3 is not installed', {
        hint: 'lists and searches read the files instead; to get it: npm install better-sqlite3',
      });
    }
    const first = await openFile(sqlite, path, options.check === true);
    if (first !== undefined) {
      return first;
    }
    await removeIndex(path);
    const second = await openFile(sqlite, path, false);
    if (second === undefined) {
      throw new TopazError('E_READ_ONLY', `cannot make ${path}`, {
        hint: 'check the permissions of the folder',
      });
    }
    return second;
  }

  /** Whether the file at its path is still the one that is open. */
  async isCurrent(): Promise<boolean> {
    const there = await stat(this.#path).catch(() => undefined);
    return there?.ino === this.#inode;
  }

  /** Stamps by `side/id`. */
  stamps(): Map<string, string> {
    const rows = this.#database
      .prepare<[], { key: string; stamp: string }>(
        "SELECT side || '/' || id AS key, stamp FROM messages",
      )
      .all();
    return new Map(rows.map(({ key, stamp }) => [key, stamp]));
  }

  stamp(side: string, id: string): string | undefined {
    return this.#database
      .prepare<[string, string], { stamp: string }>(
        'SELECT stamp FROM messages WHERE side = ? AND id = ?',
      )
      .get(side, id)?.stamp;
  }

  /** Replaces and removes rows, all or nothing. */
  write(rows: readonly IndexRow[], removed: readonly { side: string; id: string }[] = []): void {
    const find = this.#database.prepare<[string, string], { rowid: number }>(
      'SELECT rowid FROM messages WHERE side = ? AND id = ?',
    );
    const remove = this.#database.prepare<[number]>('DELETE FROM messages WHERE rowid = ?');
    const removeText = this.#database.prepare<[number]>('DELETE FROM texts WHERE rowid = ?');
    const insert = this.#database.prepare(
      'INSERT INTO messages (side, id, stamp, folder, unread, closed, date, sender, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const insertText = this.#database.prepare('INSERT INTO texts (rowid, text) VALUES (?, ?)');
    const drop = ({ side, id }: { side: string; id: string }): void => {
      const rowid = find.get(side, id)?.rowid;
      if (rowid !== undefined) {
        removeText.run(rowid);
        remove.run(rowid);
      }
    };
    const all = this.#database.transaction(() => {
      removed.forEach(drop);
      for (const row of rows) {
        drop(row);
        const { lastInsertRowid } = insert.run(row.side, row.id, row.stamp, row.folder, row.unread ? 1 : 0, row.closed ? 1 : 0, row.date, row.sender, row.summary); // prettier-ignore
        insertText.run(lastInsertRowid, row.text);
      }
    });
    all.immediate();
  }

  /** Rows that match, newest day first; with a limit, all of the day on which it is reached. */
  find(query: IndexQuery): readonly IndexHit[] {
    const { where, values } = conditions(query);
    const { limit = Infinity } = query;
    const hits: IndexHit[] = [];
    // Read along the dates and left as soon as possible: nothing is sorted.
    const statement = this.#database.prepare<unknown[], IndexHit>(
      `SELECT rowid, id, date FROM messages ${where} ORDER BY date DESC`,
    );
    for (const hit of statement.iterate(...values)) {
      if (hits.length >= limit && hit.date !== hits.at(-1)?.date) {
        break;
      }
      hits.push(hit);
    }
    return hits;
  }

  /** JSON of the summary of a row. */
  summaries(rowids: readonly number[]): readonly string[] {
    const get = this.#database.prepare<[number], { summary: string }>(
      'SELECT summary FROM messages WHERE rowid = ?',
    );
    return rowids.flatMap((rowid) => get.get(rowid)?.summary ?? []);
  }

  /** Gives back what removed rows held. */
  vacuum(): void {
    this.#database.exec('VACUUM');
    this.#database.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** Everything in it, for comparing with a rebuild. */
  dump(): readonly IndexRow[] {
    return this.#database
      .prepare<[], Omit<IndexRow, 'unread' | 'closed'> & { unread: number; closed: number }>(
        'SELECT side, id, stamp, folder, unread, closed, date, sender, summary, text FROM messages JOIN texts ON texts.rowid = messages.rowid ORDER BY side, id',
      )
      .all()
      .map((row) => ({ ...row, unread: row.unread === 1, closed: row.closed === 1 }));
  }

  get size(): number {
    return (
      this.#database.prepare<[], { n: number }>('SELECT count(*) AS n FROM messages').get()?.n ?? 0
    );
  }

  close(): void {
    this.#database.close();
  }
}

async function openFile(
  sqlite: SqliteModule,
  path: string,
  check: boolean,
): Promise<{ readonly index: IndexDatabase; readonly fresh: boolean } | undefined> {
  try {
    // Made first: the database and its companions take over the permissions.
    await (await open(path, 'a', 0o600)).close();
  } catch (error) {
    throw diskError(error, path);
  }
  let database: Sqlite.Database | undefined;
  try {
    database = new sqlite(path, { timeout: BUSY_MS });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('secure_delete = ON');
    database.pragma('trusted_schema = OFF');
    const empty = makeTables(database);
    const version = Number(database.pragma('user_version', { simple: true }));
    if (version !== VERSION || (check && !empty && !isSound(database))) {
      database.close();
      return undefined;
    }
    const { ino } = await stat(path);
    return { index: new IndexDatabase(database, path, ino), fresh: empty };
  } catch (error) {
    database?.close();
    if (isDamage(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Makes the tables of an empty database; of two commands at the same time, one does. */
function makeTables(database: Sqlite.Database): boolean {
  const count = database.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema');
  if (count.get()?.n !== 0) {
    return false;
  }
  return database
    .transaction(() => {
      const empty = count.get()?.n === 0;
      if (empty) {
        database.exec(TABLES);
      }
      return empty;
    })
    .immediate();
}

function isSound(database: Sqlite.Database): boolean {
  const verdict: unknown = database.pragma('quick_check(1)', { simple: true });
  database.exec("INSERT INTO texts (texts) VALUES ('integrity-check')");
  return verdict === 'ok';
}
