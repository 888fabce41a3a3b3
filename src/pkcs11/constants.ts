/**
 * Numbers of PKCS#11 2.40 that a signing card needs, under the names of the standard, and the names that
 * the eID middleware gives to its objects. Only constants.
 *
 * @module
 */

/** Mechanisms. */
export const CKM = {
  RSA_PKCS: 0x1,
  SHA1_RSA_PKCS: 0x6,
  SHA256_RSA_PKCS: 0x40,
  SHA384_RSA_PKCS: 0x41,
  SHA512_RSA_PKCS: 0x42,
  SHA256_RSA_PKCS_PSS: 0x43,
  SHA256: 0x250,
  ECDSA: 0x1041,
  ECDSA_SHA256: 0x1044,
  ECDSA_SHA384: 0x1045,
  ECDSA_SHA512: 0x1046,
} as const;

/** Object classes. */
export const CKO = { DATA: 0, CERTIFICATE: 1, PUBLIC_KEY: 2, PRIVATE_KEY: 3 } as const;

/** Attributes. */
export const CKA = {
  CLASS: 0x0,
  TOKEN: 0x1,
  PRIVATE: 0x2,
  LABEL: 0x3,
  VALUE: 0x11,
  OBJECT_ID: 0x12,
  CERTIFICATE_TYPE: 0x80,
  ISSUER: 0x81,
  SERIAL_NUMBER: 0x82,
  KEY_TYPE: 0x100,
  SUBJECT: 0x101,
  ID: 0x102,
  SENSITIVE: 0x103,
  DECRYPT: 0x105,
  SIGN: 0x108,
  VERIFY: 0x10a,
  MODULUS: 0x120,
  PUBLIC_EXPONENT: 0x122,
  PRIVATE_EXPONENT: 0x123,
  PRIME_1: 0x124,
  PRIME_2: 0x125,
  EXPONENT_1: 0x126,
  EXPONENT_2: 0x127,
  COEFFICIENT: 0x128,
  EXTRACTABLE: 0x162,
  EC_PARAMS: 0x180,
  EC_POINT: 0x181,
  ALWAYS_AUTHENTICATE: 0x202,
} as const;

/** Key types. */
export const CKK = { RSA: 0, EC: 3 } as const;

/** Users of `C_Login`. */
export const CKU = { SO: 0, USER: 1, CONTEXT_SPECIFIC: 2 } as const;

/** Flags of the token info. */
export const CKF_TOKEN = {
  LOGIN_REQUIRED: 0x4,
  USER_PIN_INITIALIZED: 0x8,
  PROTECTED_AUTHENTICATION_PATH: 0x100,
  TOKEN_INITIALIZED: 0x400,
  WRITE_PROTECTED: 0x2,
  USER_PIN_COUNT_LOW: 0x10000,
  USER_PIN_FINAL_TRY: 0x20000,
  USER_PIN_LOCKED: 0x40000,
} as const;

/** Flag of the slot info: a token is in the slot. */
export const CKF_TOKEN_PRESENT = 0x1;

/** Flags of `C_OpenSession`. */
export const CKF_SESSION = { RW: 0x2, SERIAL: 0x4 } as const;

/** Labels of certificates; the keys of the holder have those of their certificates. */
export type CertificateLabel = 'Authentication' | 'Signature' | 'CA' | 'Root';

/** Labels of the holder's keys. */
export type KeyLabel = 'Authentication' | 'Signature';

/** `CKA_OBJECT_ID` of the groups of data objects (eid-pkcs11 §6). */
export type DataGroup =
  | 'id'
  | 'address'
  | 'photo'
  | 'rncert'
  | 'sign_data_file'
  | 'sign_address_file'
  | 'basic_key_file'
  | 'carddata'
  | 'tokeninfo';
