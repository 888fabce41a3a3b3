/**
 * Where `topaz cert status` finds certificates: what `cert finalize` wrote down, where it still fits the file,
 * else the keystore itself, with its password.
 *
 * @module
 */

import type { Run, SecretFlags } from '../../cli/run.js';
import { PendingError } from '../../errors.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { Profile } from '../../profile/profile.js';
import { profileFolders } from '../../profile/paths.js';
import type { Certificate } from '../../x509/certificate.js';

/** A keystore of a profile. */
export interface Source {
  readonly profile: Profile;
  readonly path: string;
  readonly alias: string;
}

export interface Found {
  readonly source: Source;
  /** `authentication`, or the decimal serial number. */
  readonly alias: string;
  readonly usage: 'authentication' | 'encryption';
  readonly certificate: Certificate;
  /** What is known of its request here. */
  readonly record: RequestRecord | undefined;
}

/**
 * The certificates in use of a keystore: authentication, and the encryption certificate that belongs to it.
 * Older encryption keys are of no account here: they end, and go on opening old messages.
 *
 * @throws TopazError `E_REQUEST_PENDING`, and as `openKeystore` and `Run.secret`.
 */
export async function certificatesOf(
  run: Run,
  source: Source,
  flags: SecretFlags,
): Promise<readonly Found[]> {
  const { passwordFile, passwordFd } = flags;
  const known =
    passwordFile === undefined && passwordFd === undefined
      ? await knownCertificates(run, source)
      : undefined;
  return known ?? opened(run, source, await recordsOf(run, source), flags);
}

/** The same without any password: `undefined` where only the keystore itself could tell. */
export async function knownCertificates(
  run: Run,
  source: Source,
): Promise<readonly Found[] | undefined> {
  const records = await recordsOf(run, source);
  return (await remembered(source, records)) ?? (await held(run, source, records));
}

async function recordsOf(run: Run, { profile }: Source): Promise<readonly RequestRecord[]> {
  const { openRequestStore } = await import('../../lifecycle/request-store.js');
  return openRequestStore(profileFolders(run.paths, profile.name).state).list();
}

async function remembered(
  source: Source,
  records: readonly RequestRecord[],
): Promise<readonly Found[] | undefined> {
  const [{ keystoreDigest }, { parseCertificate, serialDecimal }] = await Promise.all([
    import('../../lifecycle/keystore-digest.js'),
    import('../../x509/certificate.js'),
  ]);
  const digest = await keystoreDigest(source.path);
  const record = records.find(({ fileDigest }) => fileDigest === digest);
  return record?.certificates?.map((base64, index): Found => {
    const certificate = parseCertificate(Uint8Array.from(Buffer.from(base64, 'base64')));
    const found = { source, certificate, record };
    return index === 0
      ? { ...found, alias: 'authentication', usage: 'authentication' }
      : { ...found, alias: serialDecimal(certificate), usage: 'encryption' };
  });
}

/** Certificates of the keys that the session agent of this profile holds, as long as the file is the same. */
async function held(
  run: Run,
  source: Source,
  records: readonly RequestRecord[],
): Promise<readonly Found[] | undefined> {
  if (!run.settings.useAgent || source.profile.name !== run.settings.profileName) {
    return undefined;
  }
  const { agentState, findHeld } = await import('../session/held-keys.js');
  const keystore = await findHeld(await agentState(run), source.path);
  if (keystore === undefined) {
    return undefined;
  }
  const [{ tokenOf }, { publicKeyIdentifier }, { serialDecimal }] = await Promise.all([
    import('../../lifecycle/etk-activation.js'),
    import('../../x509/key-identifier.js'),
    import('../../x509/certificate.js'),
  ]);
  const { signer, decrypters } = keystore;
  const id = publicKeyIdentifier(signer.certificate.publicKeyInfo);
  const found = { source, record: records.find((entry) => entry.id === id) };
  const token = tokenOf({ signer, encryption: decrypters.map(({ certificate }) => certificate) });
  return [
    { ...found, alias: 'authentication', usage: 'authentication', certificate: signer.certificate },
    ...(token === undefined
      ? []
      : [
          {
            ...found,
            alias: serialDecimal(token),
            usage: 'encryption' as const,
            certificate: token,
          },
        ]),
  ];
}

async function opened(
  run: Run,
  source: Source,
  records: readonly RequestRecord[],
  flags: SecretFlags,
): Promise<readonly Found[]> {
  const { alias, path } = source;
  const [{ keystoreRequestId, openKeystore }, { registeredEntry }, { withPassword }] =
    await Promise.all([
      import('../../keystore/keystore.js'),
      import('../../lifecycle/etk-registration.js'),
      import('../keystore/open-keystore.js'),
    ]);
  const keystore = await withPassword(run, { alias, path }, flags, (password) =>
    run.step(run.t('keystore.open.step', { alias }), () => openKeystore(path, password)),
  );
  const id = keystoreRequestId(keystore);
  if (keystore.state === 'pending') {
    throw new PendingError(id, { facts: [`keystore "${alias}" has no certificate yet`] });
  }
  const record = records.find((entry) => entry.id === id);
  const [certificate] = keystore.authentication.chain;
  const token = registeredEntry(keystore);
  const found = { source, record };
  return [
    { ...found, alias: 'authentication', usage: 'authentication', certificate },
    ...(token === undefined
      ? []
      : [
          {
            ...found,
            alias: token.alias,
            usage: 'encryption' as const,
            certificate: token.certificate,
          },
        ]),
  ];
}
