#!/usr/bin/env node
// Answers --version before anything is loaded; everything else is in dist.
const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  const { readFileSync } = await import('node:fs');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`topaz ${version}\n`);
} else {
  const { start } = await import('../dist/main.js');
  process.exitCode = await start(argv);
}
