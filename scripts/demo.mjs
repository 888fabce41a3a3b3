/**
 * `npm run demo`: the main job, played on the sandbox with a simulated card. Each step is an ordinary
 * topaz command, printed before it runs; everything happens in a temporary home that is removed at the end.
 *
 *   npm run demo              says each step
 *   npm run demo -- --json    prints one report: {"schema":"topaz.demo/1","ok":…,"steps":[…]}
 *   npm run demo -- --keep    keeps the temporary home and says where it is
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOPAZ = fileURLToPath(new URL('../bin/topaz.js', import.meta.url));
const json = process.argv.includes('--json');
const keep = process.argv.includes('--keep');
const started = performance.now();

const home = mkdtempSync(join(tmpdir(), 'topaz-demo-'));
const card = join(home, 'card');
const data = join(home, 'sandbox-data');
const pin = join(home, 'pin');
const password = join(home, 'password');
writeFileSync(pin, '1234\n', { mode: 0o600 });
writeFileSync(password, 'demo only, twelve or more\n', { mode: 0o600 });

const env = {
  ...process.env,
  TOPAZ_HOME: home,
  TOPAZ_PROFILE: 'sandbox',
  TOPAZ_PKCS11_MODULE: `sandbox:${card}`,
};
for (const name of Object.keys(env)) {
  if (/^TOPAZ_(PIN|KEYSTORE|ENV|LANG|READER|VIA|MYCARENET)/.test(name)) {
    delete env[name];
  }
}

const steps = [];
const say = (line) => {
  if (!json) {
    process.stdout.write(`${line}\n`);
  }
};

/** Runs one command with --json and gives its document. */
async function topaz(title, args, tell = () => '') {
  say(`\n▸ ${title}`);
  say(
    `  $ topaz ${args
      .map((arg) => (/[\s"]/.test(arg) ? `"${arg}"` : arg))
      .join(' ')
      .replaceAll(home, '~demo')}`,
  );
  const from = performance.now();
  const { status, stdout, stderr } = await run([...args, '--json']);
  const ms = Math.round(performance.now() - from);
  if (status !== 0) {
    steps.push({ title, command: args.slice(0, 2).join(' '), status, ms });
    throw new Error(`${title}: exit status ${status}\n${stderr}`);
  }
  const document = stdout.trim() === '' ? {} : JSON.parse(stdout);
  const summary = tell(document);
  steps.push({ title, command: args.slice(0, 2).join(' '), status, ms, summary });
  say(`  ✓ ${summary} (${(ms / 1000).toFixed(1)} s)`);
  return document;
}

function run(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [TOPAZ, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

function check(condition, what) {
  if (!condition) {
    throw new Error(`the demo expected ${what}`);
  }
}

const tellInsurability = (d) =>
  `${d.patient?.lastName ?? ''} ${d.patient?.firstName ?? ''}: ${d.status}` +
  (d.periods?.[0] === undefined
    ? ''
    : `, mutuality ${d.periods[0].mutuality}, CT1/CT2 ${d.periods[0].ct1}/${d.periods[0].ct2}`);

let failure;
try {
  say(
    'topaz demo: a doctor gets an eHealth certificate and starts to work. Nothing leaves this machine.',
  );
  await topaz(
    'Start the sandbox, which plays the eHealth services',
    ['sandbox', 'start', '--detach', '--seed', 'demo', '--approve', 'manual', '--data', data],
    (d) => `answers at ${d.url}`,
  );
  await topaz(
    'Make a test identity card',
    [
      'sandbox',
      'card',
      'create',
      '--out',
      card,
      '--ssin',
      '79021599732',
      '--name',
      'Jean Exemple',
      '--key',
      'ec',
    ],
    () => 'an EC card; its PIN is 1234',
  );
  await topaz(
    'Read the card',
    ['eid', 'read'],
    (d) => `${d.identity.firstNames} ${d.identity.lastName}`,
  );
  const { request } = await topaz(
    'Ask eHealth for a certificate',
    ['cert', 'request', '--as', 'person', '--email', 'jean@exemple.test', '--phone', '+3221234567', '--accept-terms',
      '--pin-file', pin, '--password-file', password],
    (d) => `request ${d.request.id.slice(0, 8)} sent`,
  ); // prettier-ignore
  await topaz('eHealth approves the request', ['sandbox', 'approve', request.id], () => 'approved');
  const finalized = await topaz(
    'Install the certificate and register the encryption token (ETK)',
    ['cert', 'finalize', '--use', '--password-file', password],
    (d) => `keystore valid until ${d.keystore.notAfter.slice(0, 10)}, ETK registered`,
  );
  check(finalized.etk.registered === true, 'a registered ETK');
  for (const [key, value] of [
    ['holder.quality', 'doctor'],
    ['ehbox.quality', 'DOCTOR'],
    ['mycarenet.quality', 'doctor'],
    ['mycarenet.nihii', '19547181004'],
    ['mycarenet.name', 'Jean Exemple'],
  ]) {
    const { status, stderr } = await run(['profile', 'set', key, value]);
    check(status === 0, `profile set ${key} to work: ${stderr}`);
  }
  await topaz(
    'Open a session with the card',
    [
      'session',
      'open',
      '--via',
      'eid',
      '--as',
      'doctor',
      '--pin-file',
      pin,
      '--password-file',
      password,
    ],
    (d) => `open as ${d.session.holder.quality} until ${d.session.notOnOrAfter}`,
  );
  await topaz('Close it', ['session', 'close'], () => 'closed');
  await topaz(
    'Open a session by the fallback, with the certificate alone',
    ['session', 'open', '--via', 'keystore', '--as', 'doctor', '--password-file', password],
    (d) => `open as ${d.session.holder.quality} until ${d.session.notOnOrAfter}`,
  );
  const sync = await topaz(
    'Mirror the eHealthBox',
    // From here on the session agent holds the keys: no password any more.
    ['ehbox', 'sync'],
    (d) => `${d.new} new messages, ${d.stored} stored`,
  );
  check(sync.stored > 0, 'messages in the box');
  const { messages } = await topaz(
    'List them',
    ['ehbox', 'list'],
    (d) => `${d.messages.length} messages`,
  );
  const sealed = messages.find((message) => message.sealed && message.sealStatus === 'ok');
  check(sealed !== undefined, 'a sealed message that opened');
  await topaz(
    'Read the sealed one',
    ['ehbox', 'show', sealed.id],
    () => `“${sealed.subject}”, unsealed and verified`,
  );
  for (const ssin of ['85061199814', '60031599728', '85071599796']) {
    await topaz('Is this patient insured?', ['mycarenet', 'insurability', ssin], tellInsurability);
  }
  await topaz('Close the session', ['session', 'close'], () => 'closed, the keys are locked');
  say('\nThat was the main job. Try it yourself:');
  say('  node bin/topaz.js sandbox start --seed demo      the services, until Ctrl-C');
  say('  node bin/topaz.js --help                         all commands');
  say('  docs and a five-minute tour: README.md');
} catch (error) {
  failure = error;
} finally {
  // A step that failed may have left the session agent behind.
  await run(['session', 'close']);
  const stopped = await run(['sandbox', 'stop', '--data', data]);
  if (stopped.status !== 0 && failure === undefined) {
    failure = new Error(`the sandbox did not stop: ${stopped.stderr}`);
  }
  if (keep) {
    say(`\nkept: ${home}`);
  } else {
    rmSync(home, { recursive: true, force: true });
  }
}

if (json) {
  process.stdout.write(
    `${JSON.stringify({
      schema: 'topaz.demo/1',
      ok: failure === undefined,
      seconds: Math.round((performance.now() - started) / 100) / 10,
      steps,
      ...(failure === undefined ? {} : { error: failure.message }),
    })}\n`,
  );
}
if (failure !== undefined) {
  process.stderr.write(`demo: ${failure.message}\n`);
  process.exitCode = 1;
}
