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
import type { Run, SecretFlags } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Keystore } from '../../keystore/keystore.js';
import type { Due } from '../../lifecycle/renewal.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import type { Authority } from '../../lifecycle/authority.js';
import { withReader } from '../eid/open-card.js';
import {
  activeKeystore,
  checkEnvironment,
  keystorePath,
  withPassword,
} from '../keystore/open-keystore.js';
import { openAuthority, requestsOf } from './authority.js';
import { CardPin } from './card-pin.js';
import { readCard } from './read-card.js';
import { showDryRenewal, showNothingToDo, showRenewal } from './renew-result.js';
import { contactOf } from './request-dialogue.js';
import { checkContactFlags, readPassword, refuseMissing } from './request-input.js';
import type { ContactFlags } from './request-input.js';
import { placeOf } from './request-place.js';
import type { Whom } from './request-whom.js';
import { lockOf, submitRequest } from './send-request.js';
import { withCard } from './with-card.js';

export interface RenewOptions extends SecretFlags, ContactFlags {
  newPasswordFile?: string;
  newPasswordFd?: string;
  acceptTerms?: boolean;
  contractOut?: string;
  out?: string;
  ifDue?: boolean;
  new?: boolean;
  dryRun?: boolean;
  reader?: string;
}

/** `topaz cert renew`. */
export function renewCommand(ctx: Context, run = runRenew): Command {
  const command = withReader(
    withPinFile(
      withNewPasswordFile(
        withPasswordFile(
          new Command('renew')
            .summary('ask for the next certificate, before this one ends')
            .argument('[keystore]', 'alias or file; without it the active one')
            .option('--if-due', 'where nothing is to be done yet, exit with 0')
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
  # from cron, with a test card: silent until it is time
  $ topaz cert renew --if-due --accept-terms --password-file pw --quiet

Asks for the password of the keystore, the PIN, and the contract. The new one
has the same password, or that of --new-password-file. On a real card a person
types the PIN of the signature in a window or on the reader.
Exit status 2: not yet possible; 8: the renewal waits for approval.
Then: cert finalize, and etk activate once every place has the new keystore`,
  );
  return command.action((keystore: string | undefined, options: RenewOptions) =>
    action(ctx, command, (session) => run(session, keystore, options)),
  );
}

/** What is renewed. */
interface Old {
  readonly path: string;
  readonly alias: string;
  readonly keystore: Keystore;
  /** UTF-8; wiped by whoever asked. */
  readonly password: Uint8Array;
}

export async function runRenew(
  run: Run,
  named: string | undefined,
  options: RenewOptions,
): Promise<void> {
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
    await store.exclusively(lockOf(run), () =>
      journey(run, options, { path, alias, keystore, password }, authority, store),
    );
  });
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
): Promise<void> {
  if (options.new !== true && (await isRenewed(run, options, old, authority, store))) {
    return;
  }
  const { askDue } = await import('../../lifecycle/renewal.js');
  const due = await run.step(run.t('cert.renew.asking'), () =>
    askDue(authority, store, old.keystore),
  );
  if (!due.due) {
    if (options.ifDue === true) {
      showNothingToDo(run, { renewableFrom: due.from });
      return;
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
  await sendRenewal(run, options, old, authority, store, due);
}

/** The renewal of this keystore that was made before: sent if it was not, or told where it stands. */
async function isRenewed(
  run: Run,
  options: RenewOptions,
  { path, keystore }: Old,
  authority: Authority,
  store: RequestStore,
): Promise<boolean> {
  const [{ renewalOf }, { keystoreRequestId }, { resumeRequest }] = await Promise.all([
    import('../../lifecycle/renewal.js'),
    import('../../keystore/keystore.js'),
    import('../../lifecycle/resume.js'),
  ]);
  const renewal = renewalOf(await store.list(), { id: keystoreRequestId(keystore), path });
  if (renewal === undefined) {
    return false;
  }
  if (renewal.state === 'issued') {
    if (options.ifDue === true) {
      showNothingToDo(run, { renewal });
      return true;
    }
    throw new TopazError('E_USAGE', 'this keystore is renewed already', {
      facts: [`by ${renewal.keystore}`],
      hint: 'topaz keystore use with the new one; to renew again all the same: --new',
      details: { requestId: renewal.id },
    });
  }
  const { outcome, record } = await run.step(run.t('cert.request.earlier'), () =>
    resumeRequest(authority, store, renewal, {
      dryRun: options.dryRun === true,
      authenticate: () => Promise.reject(inDoubt(renewal.id)),
    }),
  );
  if (outcome === 'over') {
    run.warn(run.t('cert.request.over', { id: record.id.slice(0, 8) }));
    return false;
  }
  if (renewal.state === 'new') {
    showRenewal(run, record);
  } else if (options.ifDue === true) {
    showNothingToDo(run, { renewal: record });
  } else if (record.state === 'approved') {
    throw new TopazError('E_USAGE', `renewal ${record.id.slice(0, 8)} is approved already`, {
      facts: [record.keystore],
      hint: 'topaz cert finalize',
      details: { requestId: record.id },
    });
  } else {
    throw new PendingError(record.id, {
      facts: [record.keystore],
      hint: 'topaz cert validate --watch',
    });
  }
  return true;
}

const inDoubt = (id: string): TopazError =>
  new TopazError(
    'E_REQUEST_REFUSED',
    `eHealth gives no certificate for renewal ${id.slice(0, 8)}`,
    {
      facts: ['without the card it is not sure whether it was refused'],
      hint: 'topaz cert validate --detail asks with the card; then renew again',
      details: { requestId: id },
    },
  );

async function sendRenewal(
  run: Run,
  options: RenewOptions,
  old: Old,
  authority: Authority,
  store: RequestStore,
  { info, holder }: Due,
): Promise<void> {
  const { identifier, applicationId } = holder;
  const whom: Whom = {
    holder: identifier,
    ...(identifier.type === 'SSIN'
      ? {}
      : { organisation: { identifier, applicationId, name: info.holder.name.trim() } }),
  };
  const place = await placeOf(run, { holder: identifier, applicationId }, options.out);
  const contact = await contactOf(run, options, info.contact);
  const { takenOverFrom } = await import('../../lifecycle/renewal.js');
  const pin = new CardPin(run, options);
  const password = options.dryRun === true ? undefined : await newPassword(run, options, old);
  try {
    await withCard(run, options, async (card) => {
      const identity = await readCard(run, card, pin);
      if (identifier.type === 'SSIN' && identity.ssin !== identifier.id) {
        throw new TopazError('E_CARD_MISMATCH', 'this is the card of somebody else', {
          facts: ['nothing was sent'],
          hint: 'insert the card of the holder of the keystore',
        });
      }
      const record = await submitRequest(
        run,
        { authority, store, card, pin, identity },
        {
          whom,
          contact,
          place,
          password,
          acceptTerms: options.acceptTerms === true,
          contractOut: options.contractOut,
          renews: { path: old.path, takenOver: takenOverFrom(old.keystore) },
          onPrepared: showDryRenewal,
        },
      );
      if (record !== undefined) {
        showRenewal(run, record, place.shown);
      }
    });
  } finally {
    password?.fill(0);
    pin.wipe();
  }
}

/** That of the old keystore, unless another one is given or that one may not be used any more. */
async function newPassword(
  run: Run,
  options: RenewOptions,
  { password }: Old,
): Promise<Uint8Array> {
  if (options.newPasswordFile !== undefined || options.newPasswordFd !== undefined) {
    return readPassword(run, options, 'newPassword');
  }
  const { checkNewPassword } = await import('../../keystore/password.js');
  try {
    checkNewPassword(password);
  } catch (error) {
    if (run.settings.canAskSecret && error instanceof TopazError) {
      return readPassword(run, options, 'newPassword');
    }
    throw error;
  }
  return Uint8Array.from(password);
}
