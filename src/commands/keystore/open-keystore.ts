/**
 * Opens the keystore that a command line means: `--keystore`, or the active one of the profile. Every command
 * that signs or unseals with an eHealth certificate comes through here, so that the rules are the same
 * everywhere: password asked once, pending and expired ones refused, no test keystore outside the sandbox.
 *
 * @module
 */

import type { Command } from 'commander';

import type { HeldKeystore } from '../../agent/client.js';
import { withPasswordFile } from '../../cli/flags.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { day } from '../../cli/text.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Decrypter, Signer } from '../../keys/keys.js';
import type { Keystore } from '../../keystore/keystore.js';
import type { Environment } from '../../profile/environment.js';
import { profileFolders } from '../../profile/paths.js';
import { OID_SANDBOX_POLICY } from '../../profile/trust.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Holder } from '../../x509/holder.js';
import { profileOrNone } from '../eid/open-card.js';
import type { KeystoreFile } from '../session/held-keys.js';
import { warnBeforeEnd } from './ending-soon.js';
import type { RememberFlags } from './remember.js';

export interface KeystoreFlags extends SecretFlags, RememberFlags {
  /** `--keystore`: alias or file. */
  readonly keystore?: string;
}

/** A file whose password was right; it may be pending or expired. */
export interface LoadedKeystore {
  readonly path: string;
  readonly alias: string;
  readonly keystore: Keystore;
}

/** A keystore that can be used now, wherever its keys are. */
export interface OpenedKeystore {
  readonly path: string;
  readonly alias: string;
  readonly signer: Signer;
  /** Newest first. */
  readonly decrypters: readonly Decrypter[];
  readonly holder: Holder;
}

/** The keys of a keystore that unseal, whether its certificate is still valid or not. */
export interface OpenedDecrypters {
  readonly alias: string;
  readonly certificate: Certificate;
  readonly signer: Signer;
  /** Newest first. */
  readonly decrypters: readonly Decrypter[];
}

/** Adds `--keystore` and the flags of its password. */
export const withKeystore = (command: Command): Command =>
  withPasswordFile(
    command.option('--keystore <alias>', 'another keystore than the active one: alias or file'),
  );

/** The folder of the profile's keystores; it may not exist yet. */
export const keystoreFiles = (run: Run): Promise<string> =>
  Promise.resolve(profileFolders(run.paths, run.settings.profileName).keystores);

/**
 * Opens the active keystore, or the one of `--keystore`.
 *
 * @throws TopazError `E_KEYSTORE_UNKNOWN` when there is none, and as {@link openNamedKeystore}.
 */
export async function openActiveKeystore(run: Run, flags: KeystoreFlags): Promise<OpenedKeystore> {
  return openNamedKeystore(run, await activeKeystore(run, flags.keystore), flags);
}

/**
 * Opens a keystore for use; the caller says which. Its keys come from the session agent where that holds them.
 *
 * @throws TopazError `E_ACCESS_DENIED`, `E_SESSION_LOCKED`, `E_AGENT_UNSAFE`, and as {@link unlockKeystore}.
 */
export async function openNamedKeystore(
  run: Run,
  aliasOrPath: string,
  flags: SecretFlags,
): Promise<OpenedKeystore> {
  const file = await keystoreFile(run, aliasOrPath);
  const held = await heldByAgent(run, file, flags);
  return held === undefined
    ? unlockKeystore(run, aliasOrPath, flags)
    : usable(run, { ...file, signer: held.signer, decrypters: held.decrypters });
}

/**
 * Opens a keystore for use with its password.
 *
 * @throws TopazError `E_KEYSTORE_UNKNOWN`, `E_KEYSTORE_PASSWORD`, `E_KEYSTORE_FORMAT`,
 *   `E_KEYSTORE_INCOMPLETE`, `E_REQUEST_PENDING`, `E_CERT_EXPIRED`, `E_CERT_NOT_YET_VALID`,
 *   `E_ENVIRONMENT_MISMATCH`.
 */
export async function unlockKeystore(
  run: Run,
  aliasOrPath: string,
  flags: SecretFlags,
): Promise<OpenedKeystore & LoadedKeystore> {
  const loaded = await loadKeystore(run, aliasOrPath, flags);
  const { keystore, alias } = loaded;
  const { keystoreDecrypters, keystoreRequestId, keystoreSigner } =
    await import('../../keystore/keystore.js');
  if (keystore.state === 'pending') {
    throw new PendingError(keystoreRequestId(keystore), {
      facts: [`keystore "${alias}" has no certificate yet`],
    });
  }
  const signer = keystoreSigner(keystore);
  const opened = { ...loaded, signer, decrypters: keystoreDecrypters(keystore) };
  return { ...loaded, ...(await usable(run, opened)) };
}

/** @throws TopazError what speaks against the use of this keystore now. */
async function usable(run: Run, opened: Omit<OpenedKeystore, 'holder'>): Promise<OpenedKeystore> {
  const { alias, signer } = opened;
  const { certificate } = signer;
  await checkEnvironment(run, certificate, alias);
  checkValidity(certificate, alias, run.now());
  const { readHolder } = await import('../../x509/holder.js');
  const holder = readHolder(certificate.subject);
  if (holder === undefined) {
    throw new TopazError('E_KEYSTORE_INCOMPLETE', `keystore "${alias}" names no holder`, {
      facts: ['its certificate is not one of eHealth'],
      hint: 'choose another keystore: topaz keystore list',
    });
  }
  await warnBeforeEnd(run, certificate);
  return { ...opened, holder };
}

/**
 * The keys of a keystore that unseal: from the session agent where that holds them, else with the password. The
 * certificate may have expired: old messages open only with old keys.
 *
 * @throws TopazError `E_SESSION_LOCKED`, `E_AGENT_UNSAFE`, and as {@link loadKeystore}.
 */
export async function openDecrypters(
  run: Run,
  aliasOrPath: string,
  flags: SecretFlags,
): Promise<OpenedDecrypters> {
  const { alias, path } = await keystoreFile(run, aliasOrPath);
  const held = await heldByAgent(run, { alias, path }, flags);
  if (held !== undefined) {
    const { signer, decrypters } = held;
    return { alias, certificate: signer.certificate, signer, decrypters };
  }
  const { keystore } = await loadKeystore(run, path, flags);
  const { keystoreDecrypters, keystoreSigner } = await import('../../keystore/keystore.js');
  const signer = keystoreSigner(keystore);
  const { certificate } = signer;
  return { alias, certificate, signer, decrypters: keystoreDecrypters(keystore) };
}

async function heldByAgent(
  run: Run,
  file: KeystoreFile,
  flags: SecretFlags,
): Promise<HeldKeystore | undefined> {
  const [{ admit }, { heldKeystore }] = await Promise.all([
    import('../access/admit.js'),
    import('../session/held-keys.js'),
  ]);
  await admit(run, file);
  return heldKeystore(run, file, flags);
}

async function keystoreFile(run: Run, aliasOrPath: string): Promise<KeystoreFile> {
  const { aliasOf } = await import('../../keystore/store.js');
  const path = await keystorePath(run, aliasOrPath);
  return { path, alias: aliasOf(path) };
}

/**
 * Opens a keystore to look at it, in whatever state it is. The password is asked once.
 *
 * @throws TopazError as {@link openNamedKeystore}, but for state and dates.
 */
export async function loadKeystore(
  run: Run,
  aliasOrPath: string,
  flags: SecretFlags,
): Promise<LoadedKeystore> {
  const { path, alias } = await keystoreFile(run, aliasOrPath);
  const keystore = await withPassword(run, { alias, path }, flags, async (password) => {
    const { openKeystore } = await import('../../keystore/keystore.js');
    return run.step(run.t('keystore.open.step', { alias }), () => openKeystore(path, password));
  });
  return { path, alias, keystore };
}

/**
 * Asks for a keystore's password, and wipes it afterwards.
 *
 * @throws TopazError `E_ACCESS_DENIED` before anything is asked, and as `Run.secret`.
 */
export async function withPassword<T>(
  run: Run,
  { alias, path }: KeystoreFile,
  flags: KeystoreFlags,
  work: (password: Uint8Array) => Promise<T>,
): Promise<T> {
  const { admit } = await import('../access/admit.js');
  await admit(run, { alias, path });
  const remembered = await rememberedFor(run, { alias, path }, flags);
  const bytes = remembered ?? (await typedPassword(run, alias, flags));
  try {
    const result = await work(bytes);
    if (flags.remember === true) {
      const { rememberPassword } = await import('./remember.js');
      await rememberPassword(run, { alias, path }, bytes);
    }
    return result;
  } catch (error) {
    throw remembered === undefined ? error : notTheRightOne(error, alias);
  } finally {
    bytes.fill(0);
  }
}

async function typedPassword(run: Run, alias: string, flags: SecretFlags): Promise<Uint8Array> {
  const { bytes } = await run.secret('password', flags, run.t('keystore.password', { alias }), { alias }); // prettier-ignore
  return bytes;
}

/** From the keyring, where the profile says so and the command line says nothing else. */
async function rememberedFor(
  run: Run,
  file: KeystoreFile,
  flags: KeystoreFlags,
): Promise<Uint8Array | undefined> {
  if (flags.remember === true || run.secretFrom('password', flags, file.alias) !== undefined) {
    return undefined;
  }
  const { rememberedPassword } = await import('./remember.js');
  return rememberedPassword(run, file);
}

const notTheRightOne = (error: unknown, alias: string): unknown =>
  error instanceof TopazError && error.code === 'E_KEYSTORE_PASSWORD'
    ? new TopazError(error.code, 'the remembered password is not that of the keystore any more', {
        facts: error.facts,
        hint: `topaz keystore use "${alias}" --forget`,
        cause: error,
      })
    : error;

/** The file of an alias, or a file itself. */
export async function keystorePath(run: Run, aliasOrPath: string): Promise<string> {
  const { findKeystore } = await import('../../keystore/store.js');
  return findKeystore(await keystoreFiles(run), aliasOrPath, { cwd: run.ctx.cwd });
}

/**
 * The one that a flag names, else the active one.
 *
 * @throws TopazError `E_KEYSTORE_UNKNOWN` with what to do next.
 */
export async function activeKeystore(run: Run, named: string | undefined): Promise<string> {
  if (named !== undefined && named !== '') {
    return named;
  }
  const { keystore, name } = await run.profile();
  if (keystore !== undefined) {
    return keystore;
  }
  const { listKeystores } = await import('../../keystore/store.js');
  const [first] = await listKeystores(await keystoreFiles(run));
  throw new TopazError('E_KEYSTORE_UNKNOWN', `no active keystore in profile "${name}"`, {
    hint:
      first === undefined
        ? 'topaz keystore import FILE, or: topaz cert request'
        : `topaz keystore use "${first.alias}"`,
  });
}

/**
 * A certificate of a sandbox is of no use elsewhere, and must not look like a real one.
 *
 * @throws TopazError `E_ENVIRONMENT_MISMATCH`.
 */
export async function checkEnvironment(
  run: Run,
  { policies }: Certificate,
  alias: string,
): Promise<void> {
  if (policies.includes(OID_SANDBOX_POLICY)) {
    const environment = (await profileOrNone(run))?.environment ?? run.settings.env ?? 'acc';
    refuseSandbox(environment, { policies }, alias);
  }
}

/** @throws TopazError `E_ENVIRONMENT_MISMATCH`. */
export function refuseSandbox(
  environment: Environment,
  { policies }: Pick<Certificate, 'policies'>,
  alias: string,
): void {
  if (environment !== 'sandbox' && policies.includes(OID_SANDBOX_POLICY)) {
    throw new TopazError(
      'E_ENVIRONMENT_MISMATCH',
      `keystore "${alias}" was made in a sandbox and is of no use in ${environment}`,
      { hint: 'choose the profile of the sandbox with --profile, or another keystore' },
    );
  }
}

function checkValidity({ notBefore, notAfter }: Certificate, alias: string, now: Date): void {
  if (now.getTime() >= notAfter.getTime() + 1000) {
    throw new TopazError('E_CERT_EXPIRED', `the certificate of keystore "${alias}" has expired`, {
      facts: [`valid until ${day(notAfter)}`],
      hint: 'topaz cert request',
    });
  }
  if (now < notBefore) {
    throw new TopazError(
      'E_CERT_NOT_YET_VALID',
      `the certificate of keystore "${alias}" is not valid yet`,
      { facts: [`valid from ${day(notBefore)}`], hint: 'check the clock of this machine' },
    );
  }
}
