/** Sealing and unsealing: `npm run bench -- etee`. */
import { fileURLToPath } from 'node:url';

import { bundle } from '../support/bundle.mjs';
import { report } from '../support/report.mjs';
import { fileRows } from './files.mjs';
import { memoryRows } from './memory.mjs';
import { timingRows } from './timing.mjs';

const smoke = process.argv.includes('--smoke');
const keys = fileURLToPath(new URL('../../fixtures/cms/pki/', import.meta.url));

const subject = await bundle('bench/etee/subject.ts');
const program = await bundle('bench/etee/file-subject.ts');
try {
  const product = await import(subject.path);
  report('etee', [
    ...(await memoryRows(product, keys, smoke)),
    ...(await fileRows(program.path, keys, smoke)),
    ...(await timingRows(product, keys, smoke)),
  ]);
} finally {
  await subject.dispose();
  await program.dispose();
}
