#!/usr/bin/env node
'use strict';
// Answers --version and plain requests for help before anything is loaded; everything else is in dist.
const { existsSync, fstatSync, writeSync } = require('node:fs');

const argv = process.argv.slice(2);
try {
  const answer = quickAnswer();
  if (answer === undefined || !written(answer)) {
    const { start } = require('../dist/main.js');
    void start(argv).then((status) => {
      process.exitCode = status;
    });
  }
} catch (error) {
  // A checkout that was never built; an installed package always is.
  if (error.code !== 'MODULE_NOT_FOUND' || existsSync(`${__dirname}/../dist/main.js`)) {
    throw error;
  }
  process.stderr.write('topaz: it is not built yet\n  next: npm run setup\n');
  process.exitCode = 1;
}

function quickAnswer() {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    return Buffer.from(`topaz ${require('../package.json').version}\n`);
  }
  const asked =
    argv.length === 0 || argv[0] === 'help' || argv.includes('--help') || argv.includes('-h');
  // On a terminal there are colours and a pager.
  if (!asked || onTerminal()) {
    return undefined;
  }
  const { staticHelp } = require('../dist/static-help.js');
  return staticHelp(argv, {
    env: process.env,
    platform: process.platform,
    home: require('node:os').homedir(),
    folder: require('node:path').join(__dirname, '../dist'),
  });
}

function onTerminal() {
  try {
    return fstatSync(1).isCharacterDevice() && require('node:tty').isatty(1);
  } catch {
    return true;
  }
}

/** Whether it is done. What cannot be written at all is left to the program, which says why. */
function written(bytes) {
  for (let from = 0; from < bytes.length;) {
    try {
      from += writeSync(1, bytes, from);
    } catch (error) {
      if (error.code === 'EPIPE') {
        return true;
      }
      if (error.code !== 'EAGAIN' && from === 0) {
        return false;
      }
      process.stdout.write(bytes.subarray(from));
      return true;
    }
  }
  return true;
}
