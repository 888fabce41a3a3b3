/**
 * Test cards: a folder that the simulated module reads, and on demand a SoftHSM2 token with the same keys,
 * certificates and data objects. Made-up people only; the PIN of a test card is no secret.
 *
 * @module
 */

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { TopazError } from '../errors.js';
import { parseSsin } from '../ids/ssin.js';
import { CARD_FILE, DIALOG_FILE, MAX_TRIES, RAW_FOLDER } from '../pkcs11/simulated/card-folder.js';
import type { CardState, CardType } from '../pkcs11/simulated/card-folder.js';
import type { Certificate } from '../x509/certificate.js';
import { issueHolderCertificate, openCitizenPki, publicKeyInfoOf, toPem } from './citizen-pki.js';
import type { Holder } from './citizen-pki.js';
import { makeCardFiles } from './card-files.js';
import { createSofthsmToken } from './softhsm-card.js';
import type { SofthsmCard } from './softhsm-card.js';

export interface CreateCardOptions {
  /** Folder of the card; made, or empty of a card. */
  readonly dir: string;
  /** Data folder of the home (`Paths.data`), where the citizen PKI lives. */
  readonly dataFolder: string;
  readonly ssin: string;
  /** `First Last`: the first word is the given name, the rest the surname. */
  readonly name: string;
  readonly key: 'rsa' | 'ec';
  /** 4 to 12 digits. */
  readonly pin: string;
  readonly type: CardType;
  readonly now: Date;
  /** Makes a SoftHSM2 token as well, in `dir/softhsm`. */
  readonly softhsm?: boolean | undefined;
  /** Environment for the process that fills the token. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The SoftHSM2 library, where it is not in a usual place. */
  readonly softhsmModule?: string | undefined;
  /** See `openNativeModule`; for tests. */
  readonly childFile?: string | undefined;
}

export interface CreatedCard {
  readonly dir: string;
  readonly ssin: string;
  /** `sandbox:DIR`: the value of `TOPAZ_PKCS11_MODULE`. */
  readonly module: string;
  readonly softhsm?: SofthsmCard;
}

/** A key of the holder with its certificate. */
export interface HolderKey {
  readonly label: 'Authentication' | 'Signature';
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
}

/** Years that a card is valid before and after the day it is made: ten in all, as a real one. */
const YEARS_BEFORE = 4;
const YEARS_AFTER = 6;

/**
 * Makes a test card that every sandbox of this home trusts.
 *
 * A kids card has no Signature certificate.
 *
 * @throws TopazError `E_SSIN_INVALID`, `E_USAGE` (name or PIN), `E_FILE_EXISTS`, `E_MODULE_NOT_FOUND`
 *   (SoftHSM2 asked for and missing).
 */
export async function createCard(options: CreateCardOptions): Promise<CreatedCard> {
  const dir = resolve(options.dir);
  const ssin = parseSsin(options.ssin);
  const holder = holderOf(ssin, options.name);
  if (!/^[0-9]{4,12}$/.test(options.pin)) {
    throw new TopazError('E_USAGE', 'the PIN of a test card has 4 to 12 digits', {
      hint: '--pin 1234',
    });
  }
  await refuseExisting(dir);
  const pki = await openCitizenPki(options.dataFolder);
  const issuer = options.type === 'foreigner' ? pki.foreignerCa : pki.citizenCa;
  const validity = {
    notBefore: addYears(options.now, -YEARS_BEFORE),
    notAfter: addYears(options.now, YEARS_AFTER),
  };
  const purposes =
    options.type === 'kids'
      ? (['Authentication'] as const)
      : (['Authentication', 'Signature'] as const);
  const keys = purposes.map((label): HolderKey => {
    const privateKey = generateKey(options.key);
    return {
      label,
      privateKey,
      certificate: issueHolderCertificate(issuer, holder, publicKeyInfoOf(privateKey), {
        purpose: label,
        ...validity,
      }),
    };
  });
  const serial = Uint8Array.from(Buffer.concat([Buffer.from('534c494e', 'hex'), randomBytes(12)]));
  const applet = options.key === 'ec' ? 0x18 : 0x17;
  const files = makeCardFiles(holder, pki.nationalRegister, {
    type: options.type,
    applet,
    serial,
    birthDate: birthDateOf(ssin),
    ...validity,
  });
  const issuers = { CA: issuer.certificate, Root: pki.root.certificate };

  await makePrivateFolder(join(dir, RAW_FOLDER));
  for (const [label, bytes] of files) {
    await writeFileAtomic(join(dir, RAW_FOLDER, label), bytes);
  }
  for (const { label, privateKey, certificate } of keys) {
    const name = label.toLowerCase();
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFileAtomic(join(dir, `${name}.key`), pem);
    await writeFileAtomic(join(dir, `${name}.crt`), toPem(certificate.der), { mode: 0o644 });
  }
  for (const [name, certificate] of [
    ['ca', issuers.CA],
    ['root', issuers.Root],
    ['rrn', pki.nationalRegister.certificate],
  ] as const) {
    await writeFileAtomic(join(dir, `${name}.crt`), toPem(certificate.der), { mode: 0o644 });
  }
  await writeFileAtomic(join(dir, DIALOG_FILE), 'right\n');

  const softhsm =
    options.softhsm === true
      ? await createSofthsmToken({
          folder: join(dir, 'softhsm'),
          pin: options.pin,
          keys,
          issuers,
          files,
          serial,
          applet,
          env: options.env,
          module: options.softhsmModule,
          childFile: options.childFile,
        })
      : undefined;

  const state: CardState = {
    schema: 'topaz.sandbox.card-file/1',
    ssin,
    name: options.name,
    type: options.type,
    keyType: options.key,
    applet,
    serial: Buffer.from(serial).toString('hex'),
    pin: options.pin,
    triesLeft: MAX_TRIES,
    present: true,
    delayMs: 0,
  };
  // Last: with it, the folder is a card.
  await writeFileAtomic(join(dir, CARD_FILE), `${JSON.stringify(state, undefined, 2)}\n`, {
    overwrite: false,
  });
  return {
    dir,
    ssin,
    module: `sandbox:${dir}`,
    ...(softhsm === undefined ? {} : { softhsm }),
  };
}

function holderOf(ssin: string, name: string): Holder {
  const [first, ...rest] = name.trim().split(/\s+/);
  if (first === undefined || first === '' || rest.length === 0) {
    throw new TopazError('E_USAGE', 'the name of a test card is a first name and a last name', {
      hint: '--name "Jean Exemple"',
    });
  }
  return { ssin, firstNames: first, lastName: rest.join(' ') };
}

async function refuseExisting(dir: string): Promise<void> {
  const there = await access(join(dir, CARD_FILE)).then(
    () => true,
    () => false,
  );
  if (there) {
    throw new TopazError('E_FILE_EXISTS', `${dir} holds a card already`, {
      hint: 'choose another --out, or remove that folder',
    });
  }
}

const generateKey = (type: 'rsa' | 'ec'): KeyObject =>
  type === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;

function addYears(date: Date, years: number): Date {
  const moved = new Date(date);
  moved.setUTCFullYear(moved.getUTCFullYear() + years);
  moved.setUTCHours(0, 0, 0, 0);
  return moved;
}

/** Birth date in the number; `undefined` for bis numbers and unknown dates. */
function birthDateOf(ssin: string): string | undefined {
  const before2000 = 97 - (Number(ssin.slice(0, 9)) % 97) === Number(ssin.slice(9));
  const month = Number(ssin.slice(2, 4));
  const day = Number(ssin.slice(4, 6));
  return month >= 1 && month <= 12 && day >= 1
    ? `${before2000 ? '19' : '20'}${ssin.slice(0, 2)}-${ssin.slice(2, 4)}-${ssin.slice(4, 6)}`
    : undefined;
}
