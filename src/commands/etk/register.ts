/**
 * `topaz etk register`: an encryption token for a keystore that has none. Needs no card; may be run again
 * after whatever stopped it.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Keystore } from '../../keystore/keystore.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import type { Holder } from '../../x509/holder.js';
import { openAuthority, requestsOf } from '../cert/authority.js';
import { keystoreFiles, withPassword } from '../keystore/open-keystore.js';
import { holderText } from './describe.js';
import {
  chooseKeystore,
  isPublished,
  ownerFields,
  requireReady,
  withOwnToken,
  type NamedKeystore,
  type OwnTokenFlags,
} from './own-token.js';

/** `topaz etk register`. */
export function registerCommand(ctx: Context, run = runRegister): Command {
  const command = withOwnToken(
    new Command('register').summary('register a token for a keystore that has none'),
  ).addHelpText(
    'after',
    `
Examples:
  # the active keystore: colleagues can seal for you then
  $ topaz etk register
  # in a script, another keystore
  $ topaz etk register --alias labo --password-file pw --yes --json

The new key is in the keystore before anything is sent; after a crash the same command
goes on. A dated copy of the keystore is kept. Asks for the password (--password-file)
and for a confirmation (--yes). Exit status 8: the certificate is not there yet.`,
  );
  return command.action((options: OwnTokenFlags) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

/** Tokens that stand at eHealth. */
const REGISTERED: ReadonlySet<string> = new Set(['VALID_ACTIVE', 'WAIT_FOR_ACTIVATION']);

export async function runRegister(run: Run, options: OwnTokenFlags): Promise<void> {
  const named = await chooseKeystore(run, options.alias);
  await withPassword(run, named, options, async (password) => {
    const { openKeystore } = await import('../../keystore/keystore.js');
    const keystore = await run.step(run.t('keystore.open.step', { alias: named.alias }), () =>
      openKeystore(named.path, password),
    );
    const holder = await requireReady(run, keystore, named.alias);
    const [authority, store] = await Promise.all([openAuthority(run), requestsOf(run)]);
    const standing = await run.step(run.t('etk.register.ask'), () =>
      askStanding(authority, store, keystore),
    );
    if (options.dryRun === true) {
      showDryRun(run, named, holder, standing);
      return;
    }
    if (standing !== 'there') {
      await run.confirm(
        run.t('etk.register.question', {
          alias: named.alias,
          who: holderText(ownerFields(holder)),
        }),
      );
    }
    await register(run, { named, holder, standing, password, authority, store });
  });
}

/** `there`: nothing to do; `begun`: a registration that was cut off; `none`: none yet. */
type Standing = 'there' | 'begun' | 'none';

/**
 * Where keystore, record and eHealth stand together.
 *
 * @throws TopazError `E_KEYSTORE_INCOMPLETE` when eHealth has a token whose key is nowhere here.
 */
async function askStanding(
  authority: Authority,
  store: RequestStore,
  keystore: Keystore,
): Promise<Standing> {
  const [{ getCertificateInfoForAuthenticationCertificate }, { raOptions }, lifecycle, keys] =
    await Promise.all([
      import('../../certra/client.js'),
      import('../../lifecycle/authority.js'),
      import('../../lifecycle/etk-registration.js'),
      import('../../keystore/keystore.js'),
    ]);
  const { etkStatus } = await getCertificateInfoForAuthenticationCertificate(
    authority.call,
    authority.certra,
    keys.keystoreSigner(keystore),
    raOptions(authority),
  );
  const isThere = lifecycle.registeredEntry(keystore) !== undefined;
  const isRegistered = REGISTERED.has(etkStatus);
  if (isThere && isRegistered) {
    return 'there';
  }
  const record = await store.find(keys.keystoreRequestId(keystore));
  if (isRegistered && record?.etk === undefined) {
    throw new TopazError(
      'E_KEYSTORE_INCOMPLETE',
      'eHealth has a token for this certificate, and its key is not in this keystore',
      {
        facts: [`eHealth: ${etkStatus}`, 'nothing was changed'],
        hint: 'look for the keystore or the copy that holds it: topaz keystore backups; else a new certificate is needed',
        details: { etkStatus },
      },
    );
  }
  if (isThere) {
    throw new TopazError(
      'E_KEYSTORE_INCOMPLETE',
      'the token of this keystore is not valid any more',
      {
        facts: [`eHealth: ${etkStatus}`, 'nothing was changed'],
        hint: 'request a new certificate: topaz cert request',
        details: { etkStatus },
      },
    );
  }
  return record?.etk === undefined ? 'none' : 'begun';
}

function showDryRun(
  run: Run,
  { alias, path }: NamedKeystore,
  holder: Holder,
  standing: Standing,
): void {
  run.result(
    {
      schema: 'topaz.etk.register/1',
      keystore: { alias, path },
      holder: ownerFields(holder),
      action: standing === 'there' ? 'none' : standing === 'begun' ? 'resume' : 'register',
      dryRun: true,
    },
    () => [run.t(`etk.register.dry.${standing}`, { alias, who: holderText(ownerFields(holder)) })],
  );
}

interface Registering {
  readonly named: NamedKeystore;
  readonly holder: Holder;
  readonly standing: Standing;
  readonly password: Uint8Array;
  readonly authority: Authority;
  readonly store: RequestStore;
}

async function register(
  run: Run,
  { named, holder, standing, password, authority, store }: Registering,
): Promise<void> {
  const [{ finalizeRequest }, { keepCopy }, { backupsOf }, lifecycle, { environment }, folder] =
    await Promise.all([
      import('../../lifecycle/finalize.js'),
      import('../../keystore/replace-file.js'),
      import('../../keystore/backups.js'),
      import('../../lifecycle/etk-registration.js'),
      run.profile(),
      keystoreFiles(run),
    ]);
  const backupFolder = backupsOf(folder);
  if (standing !== 'there') {
    await keepCopy(named.path, { folder: backupFolder, now: run.now() });
  }
  const { keystore, etk } = await run.step(run.t('etk.register.step'), () =>
    finalizeRequest(authority, store, {
      path: named.path,
      password,
      environment,
      etk: true,
      // The certificate is installed already: nothing is checked against roots here.
      roots: () => Promise.resolve([]),
      backupFolder,
      lock: { timeoutMs: run.settings.lockTimeoutMs, signal: run.ctx.signal },
    }),
  );
  const published = await isPublished(
    run,
    holder,
    lifecycle.registeredEntry(keystore)?.certificate,
  );
  const { alias, path } = named;
  const who = holderText(ownerFields(holder));
  run.result(
    {
      schema: 'topaz.etk.register/1',
      keystore: { alias, path },
      holder: ownerFields(holder),
      action: standing === 'there' ? 'none' : standing === 'begun' ? 'resume' : 'register',
      etk,
      published,
      dryRun: false,
    },
    () => [],
    () => [
      [alias, holder.identifier.type, holder.identifier.id, etk.serial ?? '', String(published)],
    ],
  );
  run.done(
    run.t(standing === 'there' ? 'etk.register.there' : 'etk.register.done', { alias, who }),
  );
  if (etk.toBeActivated) {
    run.remark(run.t('etk.register.activate'));
  } else if (!published) {
    run.remark(run.t('etk.register.unpublished'));
  }
}
