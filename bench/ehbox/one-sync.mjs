/** One synchronisation in a process of its own, so that its memory is its own. Prints its time and highest resident set. */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const { bundle, url, caFile, keyFile, certificateFile, folder, messages } = JSON.parse(process.argv[2]); // prettier-ignore
const { synchronise } = await import(bundle);
const start = performance.now();
const stored = await synchronise({
  url,
  caPem: readFileSync(caFile, 'utf8'),
  keyPem: readFileSync(keyFile, 'utf8'),
  certificatePem: readFileSync(certificateFile, 'utf8'),
  folder,
});
const ms = performance.now() - start;
if (stored !== messages) {
  throw new Error(`${stored} of ${messages} messages were stored`);
}
// By its own count: that of the kernel begins with what the parent had.
const peak =
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
console.log(JSON.stringify({ ms, peak: peak || process.memoryUsage.rss() }));
process.exit(0);
