/**
 * `topaz cert finalize`: install the certificate in its keystore and register the encryption token. Needs no
 * card; may be run again after whatever stopped it.
 *
 * @module
 */

import { dirname } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { facts, formatDay, seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { formatSsin } from '../../ids/ssin.js';
import type { Finalized } from '../../lifecycle/finalize.js';
import { renewableFrom } from '../../lifecycle/replacement.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import type { Holder } from '../../x509/holder.js';
import { keystoreFiles, keystorePath, withPassword } from '../keystore/open-keystore.js';
import { setActive } from '../keystore/use.js';
import { openAuthority, requestsOf } from './authority.js';
import { requestDocument, shortId } from './documents.js';
import { finalizeKeystore } from './finalize-keystore.js';

export interface FinalizeFlags extends SecretFlags {
  request?: string;
  use?: boolean;
  /** `--no-etk`. */
  etk: boolean;
}

/** `topaz cert finalize`. */
export function finalizeCommand(ctx: Context, run = runFinalize): Command {
  const command = withPasswordFile(
    new Command('finalize')
      .summary('install the certificate, register the ETK')
      .argument('[keystore]', 'alias or file; without it that of the request in progress')
      .option('--request <id>', 'the request, by 8 or more digits of its reference')
      .option('--use', 'make the keystore the active one of the profile')
      .option('--no-etk', 'register no encryption token (ETK) yet'),
  ).addHelpText(
    'after',
    `
Examples:
  # the request in progress, once eHealth has approved it
  $ topaz cert finalize --use
  # a keystore by its name
  $ topaz cert finalize doctor.p12
  # in a script: 8 means not yet
  $ topaz cert finalize --password-file pw --json

Asks for the password of the keystore (--password-file, --password-fd).
Exit status 8: not yet approved; 7: refused. See also: cert validate`,
  );
  return command.action((keystore: string | undefined, options: FinalizeFlags) =>
    action(ctx, command, (session) => run(session, keystore, options)),
  );
}

export async function runFinalize(
  run: Run,
  keystore: string | undefined,
  options: FinalizeFlags,
): Promise<void> {
  const store = await requestsOf(run);
  const path = await pathOf(run, store, keystore, options.request);
  const [{ aliasOf }, profile, folder] = await Promise.all([
    import('../../keystore/store.js'),
    run.profile(),
    keystoreFiles(run),
  ]);
  const authority = await openAuthority(run);
  const { finalized, changed } = await withPassword(
    run,
    { alias: aliasOf(path), path },
    options,
    (password) => finalizeKeystore(run, authority, store, { path, password, etk: options.etk }),
  );
  if (options.use === true) {
    await setActive(run, path, finalized.record.as === 'organisation');
  }
  const { keystoreHolder } = await import('../../keystore/keystore.js');
  show(run, finalized, keystoreHolder(finalized.keystore), path);
  if (changed) {
    run.remark(run.t('cert.finalize.copies'));
  }
  if (finalized.etk.toBeActivated) {
    run.remark(run.t('cert.finalize.activate'));
  }
  const isOrganisation = finalized.record.as === 'organisation';
  const inUse = isOrganisation ? profile.organisationKeystore : profile.keystore;
  if (options.use !== true && inUse === undefined) {
    const alias = dirname(path) === folder ? aliasOf(path) : path;
    run.remark(
      run.t(isOrganisation ? 'cert.finalize.next.organisation' : 'cert.finalize.next', { alias }),
    );
  }
}

/** The keystore that is meant: named, of the request named, of the only one in progress, of the last one. */
async function pathOf(
  run: Run,
  store: RequestStore,
  keystore: string | undefined,
  request: string | undefined,
): Promise<string> {
  if (keystore !== undefined && request !== undefined) {
    throw new TopazError('E_USAGE', 'a keystore and --request are given; one is enough', {
      hint: 'leave out --request',
    });
  }
  if (keystore !== undefined) {
    return keystorePath(run, keystore);
  }
  const { chooseRequest } = await import('../../lifecycle/request-store.js');
  const records = await store.list();
  const last = records.findLast(({ state }) => state === 'issued');
  if (request === undefined && last !== undefined && !records.some(isWaiting)) {
    return last.keystore;
  }
  return chooseRequest(records, request).keystore;
}

const isWaiting = ({ state }: RequestRecord): boolean => state !== 'issued' && state !== 'refused';

const holderText = ({ type, id, name }: { type: string; id: string; name?: string }): string =>
  [...(name === undefined ? [] : [name]), `${type} ${type === 'SSIN' ? formatSsin(id) : id}`].join(
    ', ',
  );

function show(
  run: Run,
  { record, keystore, etk }: Finalized,
  owner: Holder | undefined,
  path: string,
): void {
  const [{ notBefore, notAfter }] = keystore.authentication.chain;
  const holder = owner && {
    ...owner.identifier,
    ...(owner.name === undefined ? {} : { name: owner.name }),
  };
  run.result(
    {
      schema: 'topaz.cert.finalize/1',
      request: requestDocument(record),
      keystore: {
        path,
        ...(holder === undefined ? {} : { holder }),
        notBefore: seconds(notBefore),
        notAfter: seconds(notAfter),
      },
      etk,
    },
    () =>
      facts([
        [run.t('cert.finalize.request'), shortId(record.id)],
        ...(holder === undefined
          ? []
          : [[run.t('cert.finalize.holder'), holderText(holder)] as const]), // prettier-ignore
        [
          run.t('cert.finalize.valid'),
          run.t('cert.finalize.period', {
            from: formatDay(run, notBefore),
            until: formatDay(run, notAfter),
            renewal: formatDay(run, renewableFrom(notAfter, record)),
          }),
        ],
        [
          run.t('cert.finalize.etk'),
          run.t(
            !etk.registered
              ? 'cert.finalize.etk.none'
              : etk.toBeActivated
                ? 'cert.finalize.etk.waiting'
                : 'cert.finalize.etk.done',
          ),
        ],
        [run.t('cert.finalize.file'), path],
      ]),
    () => [
      [record.id, record.state, path, seconds(notBefore), seconds(notAfter), etk.serial ?? ''],
    ],
  );
}
