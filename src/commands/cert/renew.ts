/**
 * `topaz cert renew`: ask for the next certificate of the same holder, in the replacement period. The new
 * keystore holds every encryption key of the old one; the old file stays as it is.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withNewPasswordFile, withPasswordFile, withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Keystore } from '../../keystore/keystore.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import { withReader } from '../eid/open-card.js';
import {
  activeKeystore,
  checkEnvironment,
  keystorePath,
  withPassword,
} from '../keystore/open-keystore.js';
import { openAuthority, requestsOf } from './authority.js';
import { earlierRenewal } from './renew-earlier.js';
import { finishRenewal, untilOf } from './renew-finish.js';
import type { Old, RenewOptions, Sent } from './renew-parts.js';
import { showNothingToDo, showRenewal } from './renew-result.js';
import { laterPassword, sendRenewal } from './renew-send.js';
import { checkContactFlags, refuseMissing } from './request-input.js';
import { lockOf } from './send-request.js';

/** `topaz cert renew`. */
export function renewCommand(ctx: Context, run = runRenew): Command {
  const command = withReader(
    withPinFile(
      withNewPasswordFile(
        withPasswordFile(
          new Command('renew')
            .summary('ask for the next certificate, before this one ends')
            .argument('[keystore]', 'alias or file; without it the active one')
            .option('--if-due', 'for a scheduled job: exit with 0 while nothing is to be done')
            .option('--until <duration>', 'with --if-due: wait so long for it, 2m without it')
            .option('--use', 'with --if-due: make the new keystore the active one')
            .option('--email <address>', 'another address than eHealth has')
            .option('--phone <number>', 'another number than eHealth has')
            .option('--email-general <address>', 'address for everybody, beside it')
            .option('--phone-general <number>', 'number for everybody, beside it')
            .option('--accept-terms', 'accept the contract without being asked')
            .option('--contract-out <file>', 'write the contract there as text')
            .option('-o, --out <file>', 'the new keystore (PKCS#12)')
            .option('--new', 'another renewal although one is in progress')
            .option('--dry-run', 'do everything up to the signature that binds; send no request'),
        ),
      ),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # in the last 90 days of the certificate in use
  $ topaz cert renew
  # from cron, with a test card: does nothing until it is time, then all of it
  $ topaz cert renew --if-due --use --accept-terms --password-file pw --quiet

Asks for the password of the keystore, the PIN, and the contract. The new one
has the same password, or that of --new-password-file. On a real card a person
types the PIN of the signature in a window or on the reader.
Then: cert finalize, and etk activate once every place has the new keystore.
With --if-due it finalizes by itself; where people look at the renewal it exits
with 8, and the next run goes on. Exit status 2: not yet possible; 8: it waits`,
  );
  return command.action((keystore: string | undefined, options: RenewOptions) =>
    action(ctx, command, (session) => run(session, keystore, options)),
  );
}

export async function runRenew(
  run: Run,
  named: string | undefined,
  options: RenewOptions,
): Promise<void> {
  checkScheduled(options);
  await checkContactFlags(options);
  if (options.ifDue !== true && options.dryRun !== true && options.acceptTerms !== true) {
    refuseMissing(run, run.settings.canAsk ? [] : ['--accept-terms']);
  }
  const path = await keystorePath(run, await activeKeystore(run, named));
  const { aliasOf } = await import('../../keystore/store.js');
  const alias = aliasOf(path);
  await withPassword(run, { alias, path }, options, async (password) => {
    const { openKeystore } = await import('../../keystore/keystore.js');
    const keystore = await run.step(run.t('keystore.open.step', { alias }), () =>
      openKeystore(path, password),
    );
    await checkUsable(run, keystore, alias);
    const [authority, store] = await Promise.all([openAuthority(run), requestsOf(run)]);
    const old = { path, alias, keystore, password };
    const sent = await store.exclusively(lockOf(run), () =>
      journey(run, options, old, authority, store),
    );
    await conclude(run, options, old, sent, { authority, store });
  });
}

/** @throws TopazError `E_USAGE`. */
function checkScheduled({ ifDue, until, use }: RenewOptions): void {
  if (ifDue !== true && (until !== undefined || use === true)) {
    throw new TopazError('E_USAGE', '--until and --use belong to --if-due', {
      hint: 'add --if-due; else: topaz cert finalize --use',
    });
  }
  untilOf(until);
}

/** With `--if-due` to the end; else that is what `cert finalize` is for. */
async function conclude(
  run: Run,
  options: RenewOptions,
  old: Old,
  sent: Sent | undefined,
  { authority, store }: { readonly authority: Authority; readonly store: RequestStore },
): Promise<void> {
  if (sent === undefined) {
    return;
  }
  const { record, shown } = sent;
  const password = sent.password ?? (options.ifDue === true ? await laterPassword(run, options, old) : undefined); // prettier-ignore
  try {
    if (password === undefined || options.ifDue !== true) {
      showRenewal(run, record, shown);
      return;
    }
    const use = options.use === true;
    await finishRenewal(run, authority, store, record, { password, use, untilMs: untilOf(options.until) }); // prettier-ignore
  } finally {
    password?.fill(0);
  }
}

async function checkUsable(run: Run, keystore: Keystore, alias: string): Promise<void> {
  const { keystoreRequestId } = await import('../../keystore/keystore.js');
  if (keystore.state === 'pending') {
    throw new PendingError(keystoreRequestId(keystore), {
      facts: [`keystore "${alias}" has no certificate yet`],
    });
  }
  const [certificate] = keystore.authentication.chain;
  await checkEnvironment(run, certificate, alias);
  if (run.now() > certificate.notAfter) {
    throw new TopazError('E_CERT_EXPIRED', `the certificate of keystore "${alias}" has expired`, {
      facts: [`valid until ${seconds(certificate.notAfter)}; after that it cannot be renewed`],
      hint: 'topaz cert request; keep the old keystore for old messages',
    });
  }
}

async function journey(
  run: Run,
  options: RenewOptions,
  old: Old,
  authority: Authority,
  store: RequestStore,
): Promise<Sent | undefined> {
  const earlier = options.new === true ? undefined : await earlierRenewal(run, options, old, authority, store); // prettier-ignore
  if (earlier !== undefined) {
    return earlier === 'done' ? undefined : earlier;
  }
  const { askDue } = await import('../../lifecycle/renewal.js');
  const due = await run.step(run.t('cert.renew.asking'), () =>
    askDue(authority, store, old.keystore),
  );
  if (!due.due) {
    if (options.ifDue === true) {
      showNothingToDo(run, { renewableFrom: due.from });
      return undefined;
    }
    throw new TopazError('E_RENEWAL_EARLY', 'the certificate cannot be renewed yet', {
      facts: [`possible from ${seconds(due.from)}; nothing was sent`],
      hint: 'in a scheduled job: topaz cert renew --if-due',
      details: { renewableFrom: seconds(due.from) },
    });
  }
  if (options.dryRun !== true && options.acceptTerms !== true) {
    refuseMissing(run, run.settings.canAsk ? [] : ['--accept-terms']);
  }
  return sendRenewal(run, options, old, authority, store, due);
}
