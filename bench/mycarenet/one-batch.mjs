/**
 * One batch in a process of its own, so that its memory is its own: warm-up, then so many questions. Prints the
 * milliseconds, and the resident set at the marks.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { openClassic } from './classic.mjs';
import { openLimit } from './limit.mjs';
import { patients, questions } from './people.mjs';
import { ASSERTION, ASSERTION_ID, requestOf } from './request.mjs';

const { kind, bundle, url, files, people, count, warmUp, connections, marks } = JSON.parse(
  process.argv[2],
);
const folder = mkdtempSync(join(tmpdir(), 'topaz-bench-batch-'));
const shared = {
  url,
  caPem: readFileSync(files.caPem, 'utf8'),
  keyPem: readFileSync(files.clientKey, 'utf8'),
  certificatePem: readFileSync(files.clientPem, 'utf8'),
  connections,
};
const open = {
  product: async () => {
    const { openBatch } = await import(bundle);
    return openBatch({ ...shared, folder, assertion: ASSERTION, assertionId: ASSERTION_ID });
  },
  limit: () => openLimit({ ...shared, requestOf }),
  classic: () => openClassic({ ...shared, requestOf, journal: join(folder, 'journal.jsonl') }),
};
const side = await open[kind]();
const all = questions(count + warmUp, patients(people));
const SPACING = Math.max(1, Math.floor((marks[0] ?? 0) / 100));
const resident = [];
if (kind === 'product') {
  const read = await side.check(all[0]);
  if (read !== 'insured []') {
    throw new Error(`the answer is read as ${read}`);
  }
}
if (warmUp > 0) {
  await side.ask(all.slice(count));
}
const start = performance.now();
const answered = await side.ask(all.slice(0, count), (reached) => {
  // A few before each mark: one alone may fall on a moment that is not like the others.
  if (
    marks.some(
      (mark) =>
        reached <= mark && reached > mark - 20 * SPACING && (mark - reached) % SPACING === 0,
    )
  ) {
    globalThis.gc?.();
    resident.push(process.memoryUsage.rss());
  }
});
const ms = performance.now() - start;
await side.close();
rmSync(folder, { recursive: true });
if (answered !== count) {
  throw new Error(`${answered} answers to ${count} questions`);
}
console.log(JSON.stringify({ ms, resident }));
process.exit(0);
