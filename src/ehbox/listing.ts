/**
 * The whole list of a folder from pages of at most 100 messages, whose positions shift while one reads
 * (ehealthbox §3, sync design “Run” 2). Each page begins with the last message of the page before: the same
 * one there means that nothing moved, an older acquaintance that something arrived, a stranger or nothing
 * at all that something was removed and messages may have been skipped.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { canonicalize } from '../xml/c14n.js';
import type { Listed } from './reply.js';
import { PAGE } from './request.js';
import { isRefusal } from './retry.js';

const MAX_ATTEMPTS = 5;
/** Failed windows per page: enough to find three messages among a hundred. */
const MAX_NARROWING = 25;

export type FetchPage = (start: number, end: number) => Promise<readonly Listed[]>;

export interface ListingOptions {
  /** Called with each page as it comes, before the next one is asked for. */
  readonly onPage: (page: readonly Listed[]) => Promise<void>;
  /**
   * Stops at the first page of which every message is known: cheap, but says nothing about what lies below.
   */
  readonly stopAtKnown?: ((id: string) => boolean) | undefined;
}

export interface FolderListing {
  /** Ids of the last attempt, newest first. */
  readonly ids: readonly string[];
  /** Whether every message of the folder was seen in one go. */
  readonly complete: boolean;
  /** Entries without a usable id. */
  readonly unreadable: number;
}

/** @throws TopazError of the calls; a refusal of a later page counts as an empty page. */
export async function listFolder(
  fetchPage: FetchPage,
  options: ListingOptions,
): Promise<FolderListing> {
  let attempt = await listOnce(fetchPage, options);
  for (let n = 1; attempt.restart && n < MAX_ATTEMPTS; n += 1) {
    attempt = await listOnce(fetchPage, options);
  }
  const { ids, complete, unreadable } = attempt;
  return { ids, complete, unreadable };
}

interface Attempt extends FolderListing {
  /** Something was removed while the pages were read. */
  readonly restart: boolean;
}

async function listOnce(
  fetchPage: FetchPage,
  { onPage, stopAtKnown }: ListingOptions,
): Promise<Attempt> {
  // Keys only: the entries of a large box would fill the memory.
  const seen = new Set<string>();
  const ids: string[] = [];
  let whole = true;
  const finish = (complete: boolean, restart: boolean): Attempt => ({
    ids,
    unreadable: seen.size - ids.length,
    complete: complete && whole,
    restart,
  });
  for (let start = 1; ; start += PAGE - 1) {
    const page = await fetchWhole(fetchPage, start);
    whole &&= page.every(({ element }) => element !== undefined);
    await onPage(page);
    const first = page[0];
    if (start > 1 && (first === undefined || !seen.has(keyOf(first)))) {
      return finish(false, true);
    }
    for (const listed of page) {
      const key = keyOf(listed);
      if (!seen.has(key)) {
        seen.add(key);
        ids.push(...(listed.entry === undefined ? [] : [listed.entry.id]));
      }
    }
    if (page.length < PAGE) {
      return finish(true, false);
    }
    const known = ({ entry }: Listed): boolean =>
      entry !== undefined && stopAtKnown?.(entry.id) === true;
    if (page.every(known)) {
      return finish(false, false);
    }
  }
}

/** A page; a refusal after the first one counts as empty. */
async function fetchWhole(fetchPage: FetchPage, start: number): Promise<readonly Listed[]> {
  try {
    return await fetchAround(fetchPage, start, start + PAGE - 1, { left: MAX_NARROWING });
  } catch (error) {
    if (start > 1 && isRefusal(error)) {
      return [];
    }
    throw error;
  }
}

/**
 * A window of the list. One message whose title holds what XML forbids makes a whole page unreadable: then
 * the window is asked for again, and in halves, until that message stands alone.
 *
 * @throws what the last try threw, when it took too many.
 */
async function fetchAround(
  fetchPage: FetchPage,
  start: number,
  end: number,
  budget: { left: number },
): Promise<readonly Listed[]> {
  try {
    return await fetchPage(start, end);
  } catch (error) {
    const garbled = error instanceof TopazError && error.code === 'E_XML_MALFORMED';
    if (!garbled || budget.left === 0) {
      throw error;
    }
    if (budget.left === MAX_NARROWING) {
      // It may have been the line.
      budget.left -= 1;
      return fetchAround(fetchPage, start, end, budget);
    }
    budget.left -= 1;
    if (start === end) {
      return [{ element: undefined, entry: undefined }];
    }
  }
  const middle = Math.floor((start + end) / 2);
  const first = await fetchAround(fetchPage, start, middle, budget);
  return [...first, ...(await fetchAround(fetchPage, middle + 1, end, budget))];
}

/** An entry without id is told apart by its text; what could not be read at all is the same everywhere. */
const keyOf = ({ element, entry }: Listed): string =>
  entry?.id ?? `?${element === undefined ? '' : canonicalize(element)}`;
