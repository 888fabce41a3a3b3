/**
 * What `register` and `activate` share: the keystore whose token it is about, and whether the depot shows that
 * token by now.
 *
 * @module
 */

import type { Command } from 'commander';

import { withPasswordFile } from '../../cli/flags.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { day } from '../../cli/text.js';
import { PendingError, TopazError } from '../../errors.js';
import { keystoreHolder, keystoreRequestId } from '../../keystore/keystore.js';
import type { Keystore } from '../../keystore/keystore.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Holder } from '../../x509/holder.js';
import { activeKeystore, checkEnvironment, keystorePath } from '../keystore/open-keystore.js';
import { holderFields, type HolderFields } from './describe.js';
import { etkSource } from './etk-source.js';

export interface OwnTokenFlags extends SecretFlags {
  alias?: string;
  dryRun?: boolean;
}

/** `--alias`, the flags of its password, `--dry-run`. */
export const withOwnToken = (command: Command): Command =>
  withPasswordFile(
    command
      .option('--alias <name>', 'another keystore than the active one: alias or file')
      .option('--dry-run', 'say what would be done, change nothing'),
  );

export interface NamedKeystore {
  readonly alias: string;
  readonly path: string;
}

/** The keystore of `--alias`, else the active one. @throws TopazError `E_KEYSTORE_UNKNOWN`. */
export async function chooseKeystore(run: Run, alias: string | undefined): Promise<NamedKeystore> {
  const { aliasOf } = await import('../../keystore/store.js');
  const path = await keystorePath(run, await activeKeystore(run, alias));
  return { alias: aliasOf(path), path };
}

/**
 * The holder of a keystore that can sign for its token now.
 *
 * @throws PendingError; TopazError `E_CERT_EXPIRED`, `E_KEYSTORE_INCOMPLETE`, `E_ENVIRONMENT_MISMATCH`.
 */
export async function requireReady(run: Run, keystore: Keystore, alias: string): Promise<Holder> {
  if (keystore.state === 'pending') {
    throw new PendingError(keystoreRequestId(keystore), {
      facts: [`keystore "${alias}" has no certificate yet`],
      hint: 'topaz cert finalize installs the certificate and registers its token',
    });
  }
  const [{ notAfter }] = keystore.authentication.chain;
  await checkEnvironment(run, keystore.authentication.chain[0], alias);
  if (run.now() > notAfter) {
    throw new TopazError('E_CERT_EXPIRED', `the certificate of keystore "${alias}" has expired`, {
      facts: [`valid until ${day(notAfter)}`],
      hint: 'topaz cert request',
    });
  }
  return requireOrdinary(keystoreHolder(keystore), alias);
}

/** @throws TopazError `E_KEYSTORE_INCOMPLETE` for a certificate that is not one of eHealth. */
export function requireOrdinary(holder: Holder | undefined, alias: string): Holder {
  if (holder?.isEid !== false) {
    throw new TopazError('E_KEYSTORE_INCOMPLETE', `keystore "${alias}" names no holder`, {
      facts: ['its certificate is not one of eHealth'],
      hint: 'choose another keystore: topaz keystore list',
    });
  }
  return holder;
}

export const ownerFields = (holder: Holder): HolderFields =>
  holderFields({ ...holder.identifier, ...holder });

/**
 * Whether the depot gives this certificate out. A fresh look, so that the copy at hand is the new one too;
 * the depot may take a while, which is no failure.
 */
export async function isPublished(
  run: Run,
  { identifier, applicationId }: Holder,
  encryption: Certificate | undefined,
): Promise<boolean> {
  try {
    const { lookUpEtk } = await import('../../etk/obtain.js');
    const { etk } = await lookUpEtk(await etkSource(run), identifier, {
      applicationId: applicationId ?? '',
      refresh: true,
      signal: run.ctx.signal,
    });
    return encryption !== undefined && etk.certificate.serial === encryption.serial;
  } catch (error) {
    if (error instanceof TopazError && error.code !== 'E_INTERRUPTED') {
      return false;
    }
    throw error;
  }
}
