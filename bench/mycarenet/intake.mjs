/**
 * A few intakes, one after the other as a synchronisation has them, in a process of their own, so that their memory
 * is their own; without a bundle, a bare node. Prints the milliseconds of each and the highest resident set, by the
 * system's count.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const { bundle, file, records, times } = JSON.parse(process.argv[2]);
const wallMs = [];
if (bundle !== undefined) {
  const { takeIn } = await import(bundle);
  for (let time = 0; time < times; time += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'topaz-bench-intake-'));
    const start = performance.now();
    const found = await takeIn(file, join(folder, 'box'));
    wallMs.push(performance.now() - start);
    rmSync(folder, { recursive: true });
    if (found !== records) {
      throw new Error(`${found} records instead of ${records}`);
    }
  }
}
const peakKib = Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
console.log(JSON.stringify({ wallMs, peakKib }));
