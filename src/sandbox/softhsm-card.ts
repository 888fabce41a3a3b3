/**
 * A SoftHSM2 token that looks like an eID behind the middleware: the same labels, the same groups of data
 * objects, ids of eight bytes; for the real PKCS#11 path without a card. Differences that stay
 * (eid-pkcs11 §14): it never locks, hides private keys before login, and signs with both keys alike.
 *
 * @module
 */

import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { integer, octetString } from '../der/writer.js';
import { CKA, CKK, CKO } from '../pkcs11/constants.js';
import { findSofthsm } from '../pkcs11/discovery.js';
import { openNativeModule } from '../pkcs11/native-module.js';
import {
  ADDRESS_LABELS,
  IDENTITY_LABELS,
  labelledFields,
} from '../pkcs11/simulated/identity-file.js';
import type { AttributeValue } from '../pkcs11/worker/protocol.js';
import type { Certificate } from '../x509/certificate.js';

/** What a program needs to use the token. */
export interface SofthsmCard {
  /** Value of `SOFTHSM2_CONF`. */
  readonly conf: string;
  /** The library. */
  readonly module: string;
  readonly label: string;
}

export interface SofthsmOptions {
  readonly folder: string;
  readonly pin: string;
  readonly keys: readonly {
    readonly label: 'Authentication' | 'Signature';
    readonly privateKey: KeyObject;
    readonly certificate: Certificate;
  }[];
  readonly issuers: { readonly CA: Certificate; readonly Root: Certificate };
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly serial: Uint8Array;
  readonly applet: number;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly module?: string | undefined;
  readonly childFile?: string | undefined;
}

type Attributes = readonly (readonly [type: number, value: AttributeValue['value']])[];
type TokenObject = readonly AttributeValue[];

const LABEL = 'BELPIC';
const SO_PIN = '12345678';
/** `06052b81040022`: secp384r1. */
const P384 = Buffer.from('06052b81040022', 'hex');
const IDS = { Authentication: 2, Signature: 3, CA: 4, Root: 6 } as const;

/** Groups of data objects and the files in them. */
const GROUPS = [
  ['photo', 'PHOTO_FILE'],
  ['rncert', 'CERT_RN_FILE'],
  ['sign_data_file', 'SIGN_DATA_FILE'],
  ['sign_address_file', 'SIGN_ADDRESS_FILE'],
] as const;

/**
 * Makes the token and fills it, in a child process with its own `SOFTHSM2_CONF`.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND` without SoftHSM2, `E_NATIVE_MISSING` without pkcs11js.
 */
export async function createSofthsmToken(options: SofthsmOptions): Promise<SofthsmCard> {
  const module = options.module ?? (await findSofthsm());
  const tokens = join(options.folder, 'tokens');
  const conf = join(options.folder, 'softhsm2.conf');
  await makePrivateFolder(tokens);
  await writeFileAtomic(
    conf,
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const native = await openNativeModule({
    path: module,
    env: { ...options.env, SOFTHSM2_CONF: conf },
    childFile: options.childFile,
  });
  try {
    await native.provision({
      label: LABEL,
      soPin: Buffer.from(SO_PIN),
      pin: Buffer.from(options.pin),
      objects: tokenObjects(options),
    });
  } finally {
    await native.close();
  }
  return { conf, module, label: LABEL };
}

function tokenObjects({ keys, issuers, files, serial, applet }: SofthsmOptions): TokenObject[] {
  const identity = files.get('DATA_FILE') ?? new Uint8Array();
  const address = files.get('ADDRESS_FILE') ?? new Uint8Array();
  return [
    ...keys.map(({ label, certificate }) => certificateObject(label, certificate)),
    certificateObject('CA', issuers.CA),
    certificateObject('Root', issuers.Root),
    ...keys.flatMap(({ label, privateKey }) => keyObjects(label, privateKey)),
    dataObject('id', 'DATA_FILE', identity),
    ...labelledFields(identity, IDENTITY_LABELS).map(({ label, value }) =>
      dataObject('id', label, value),
    ),
    dataObject('address', 'ADDRESS_FILE', address),
    ...labelledFields(address, ADDRESS_LABELS).map(({ label, value }) =>
      dataObject('address', label, value),
    ),
    ...GROUPS.map(([group, label]) =>
      dataObject(group, label, files.get(label) ?? new Uint8Array()),
    ),
    dataObject('carddata', 'carddata_serialnumber', serial),
    dataObject('carddata', 'carddata_appl_version', Uint8Array.of(applet)),
  ];
}

const objectOf = (attributes: Attributes): TokenObject =>
  attributes.map(([type, value]) => ({ type, value }));

/** Quirk: the middleware's ids are a native CK_ULONG. */
function idOf(label: keyof typeof IDS): Uint8Array {
  const id = Buffer.alloc(8);
  id.writeBigUInt64LE(BigInt(IDS[label]));
  return id;
}

function certificateObject(label: keyof typeof IDS, certificate: Certificate): TokenObject {
  return objectOf([
    [CKA.CLASS, CKO.CERTIFICATE],
    [CKA.CERTIFICATE_TYPE, 0],
    [CKA.TOKEN, true],
    [CKA.PRIVATE, false],
    [CKA.LABEL, label],
    [CKA.ID, idOf(label)],
    [CKA.VALUE, certificate.der],
    [CKA.SUBJECT, certificate.subject.der],
    [CKA.ISSUER, certificate.issuer.der],
    [CKA.SERIAL_NUMBER, integer(certificate.serial)],
  ]);
}

const dataObject = (group: string, label: string, value: Uint8Array): TokenObject =>
  objectOf([
    [CKA.CLASS, CKO.DATA],
    [CKA.TOKEN, true],
    [CKA.PRIVATE, false],
    [CKA.LABEL, label],
    [CKA.OBJECT_ID, Buffer.from(group)],
    [CKA.VALUE, value],
  ]);

function keyObjects(label: 'Authentication' | 'Signature', privateKey: KeyObject): TokenObject[] {
  const jwk = privateKey.export({ format: 'jwk' });
  const part = (value: string | undefined): Uint8Array => Buffer.from(value ?? '', 'base64url');
  const named: Attributes = [
    [CKA.TOKEN, true],
    [CKA.LABEL, label],
    [CKA.ID, idOf(label)],
  ];
  const secret: Attributes = [
    [CKA.CLASS, CKO.PRIVATE_KEY],
    ...named,
    [CKA.PRIVATE, true],
    [CKA.SENSITIVE, true],
    [CKA.EXTRACTABLE, false],
    [CKA.SIGN, true],
    [CKA.DECRYPT, false],
  ];
  const open: Attributes = [
    [CKA.CLASS, CKO.PUBLIC_KEY],
    ...named,
    [CKA.PRIVATE, false],
    [CKA.VERIFY, true],
  ];
  if (jwk.kty === 'RSA') {
    const modulus: Attributes = [
      [CKA.KEY_TYPE, CKK.RSA],
      [CKA.MODULUS, part(jwk.n)],
      [CKA.PUBLIC_EXPONENT, part(jwk.e)],
    ];
    return [
      objectOf([...open, ...modulus]),
      objectOf([
        ...secret,
        ...modulus,
        [CKA.PRIVATE_EXPONENT, part(jwk.d)],
        [CKA.PRIME_1, part(jwk.p)],
        [CKA.PRIME_2, part(jwk.q)],
        [CKA.EXPONENT_1, part(jwk.dp)],
        [CKA.EXPONENT_2, part(jwk.dq)],
        [CKA.COEFFICIENT, part(jwk.qi)],
      ]),
    ];
  }
  // Quirk: SoftHSM wants the point wrapped in an OCTET STRING, as the standard says.
  const point = octetString(Buffer.concat([Uint8Array.of(4), part(jwk.x), part(jwk.y)]));
  return [
    objectOf([...open, [CKA.KEY_TYPE, CKK.EC], [CKA.EC_PARAMS, P384], [CKA.EC_POINT, point]]),
    objectOf([...secret, [CKA.KEY_TYPE, CKK.EC], [CKA.EC_PARAMS, P384], [CKA.VALUE, part(jwk.d)]]),
  ];
}
