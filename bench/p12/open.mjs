/**
 * One run of the subject as a process of its own: opens a keystore once and ends. With `--lag` it says on stdout by
 * how many milliseconds a timer of five was late at worst.
 */
import { clearInterval, setInterval } from 'node:timers';
import { pathToFileURL } from 'node:url';

const [bundle, file, password, ...flags] = process.argv.slice(2);
const { openKeystore } = await import(pathToFileURL(bundle));

const EVERY_MS = 5;
let worst = 0;
let last = performance.now();
const timer = flags.includes('--lag')
  ? setInterval(() => {
      const now = performance.now();
      worst = Math.max(worst, now - last - EVERY_MS);
      last = now;
    }, EVERY_MS)
  : undefined;

const keystore = await openKeystore(file, Buffer.from(password));
clearInterval(timer);
if (keystore.state !== 'ready') {
  throw new Error('no keystore');
}
console.log(Math.max(worst, performance.now() - last - EVERY_MS));
