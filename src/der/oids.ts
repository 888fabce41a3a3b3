/**
 * Object identifiers that topaz reads or writes, by area. Sources: RFC 5280, 5652, 7292, 8017, 8018, 5758.
 *
 * @module
 */

// Names (X.520, RFC 4519)
export const OID_COMMON_NAME = '2.5.4.3';
export const OID_SURNAME = '2.5.4.4';
export const OID_SERIAL_NUMBER = '2.5.4.5';
export const OID_COUNTRY = '2.5.4.6';
export const OID_LOCALITY = '2.5.4.7';
export const OID_STATE = '2.5.4.8';
export const OID_STREET = '2.5.4.9';
export const OID_ORGANIZATION = '2.5.4.10';
export const OID_ORGANIZATIONAL_UNIT = '2.5.4.11';
export const OID_TITLE = '2.5.4.12';
export const OID_GIVEN_NAME = '2.5.4.42';
export const OID_USER_ID = '0.9.2342.19200300.100.1.1';
export const OID_DOMAIN_COMPONENT = '0.9.2342.19200300.100.1.25';

// Certificate extensions (RFC 5280)
export const OID_SUBJECT_KEY_ID = '2.5.29.14';
export const OID_KEY_USAGE = '2.5.29.15';
export const OID_SUBJECT_ALT_NAME = '2.5.29.17';
export const OID_BASIC_CONSTRAINTS = '2.5.29.19';
export const OID_CRL_REASON = '2.5.29.21';
export const OID_INVALIDITY_DATE = '2.5.29.24';
export const OID_CRL_NUMBER = '2.5.29.20';
export const OID_CRL_DISTRIBUTION_POINTS = '2.5.29.31';
export const OID_ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
export const OID_AUTHORITY_INFORMATION_ACCESS = '1.3.6.1.5.5.7.1.1';
export const OID_CERTIFICATE_POLICIES = '2.5.29.32';
export const OID_ANY_POLICY = '2.5.29.32.0';
export const OID_AUTHORITY_KEY_ID = '2.5.29.35';
export const OID_EXTENDED_KEY_USAGE = '2.5.29.37';
export const OID_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const OID_CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

// Revocation (RFC 6960)
export const OID_OCSP = '1.3.6.1.5.5.7.48.1';
export const OID_CA_ISSUERS = '1.3.6.1.5.5.7.48.2';
export const OID_OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1';
export const OID_OCSP_NONCE = '1.3.6.1.5.5.7.48.1.2';
export const OID_OCSP_NO_CHECK = '1.3.6.1.5.5.7.48.1.5';
export const OID_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

// Keys
export const OID_RSA = '1.2.840.113549.1.1.1';
export const OID_EC = '1.2.840.10045.2.1';
export const OID_P256 = '1.2.840.10045.3.1.7';
export const OID_P384 = '1.3.132.0.34';
export const OID_P521 = '1.3.132.0.35';

// Signatures
export const OID_RSA_SHA1 = '1.2.840.113549.1.1.5';
export const OID_RSA_PSS = '1.2.840.113549.1.1.10';
export const OID_RSA_OAEP = '1.2.840.113549.1.1.7';
export const OID_MGF1 = '1.2.840.113549.1.1.8';
export const OID_RSA_SHA256 = '1.2.840.113549.1.1.11';
export const OID_RSA_SHA384 = '1.2.840.113549.1.1.12';
export const OID_RSA_SHA512 = '1.2.840.113549.1.1.13';
export const OID_ECDSA_SHA1 = '1.2.840.10045.4.1';
export const OID_ECDSA_SHA256 = '1.2.840.10045.4.3.2';
export const OID_ECDSA_SHA384 = '1.2.840.10045.4.3.3';
export const OID_ECDSA_SHA512 = '1.2.840.10045.4.3.4';

// Digests and MACs
export const OID_SHA1 = '1.3.14.3.2.26';
export const OID_SHA256 = '2.16.840.1.101.3.4.2.1';
export const OID_SHA384 = '2.16.840.1.101.3.4.2.2';
export const OID_SHA512 = '2.16.840.1.101.3.4.2.3';
export const OID_SHA224 = '2.16.840.1.101.3.4.2.4';
export const OID_HMAC_SHA1 = '1.2.840.113549.2.7';
export const OID_HMAC_SHA224 = '1.2.840.113549.2.8';
export const OID_HMAC_SHA256 = '1.2.840.113549.2.9';
export const OID_HMAC_SHA384 = '1.2.840.113549.2.10';
export const OID_HMAC_SHA512 = '1.2.840.113549.2.11';

// Ciphers
export const OID_DES_EDE3_CBC = '1.2.840.113549.3.7';
export const OID_AES128_CBC = '2.16.840.1.101.3.4.1.2';
export const OID_AES192_CBC = '2.16.840.1.101.3.4.1.22';
export const OID_AES256_CBC = '2.16.840.1.101.3.4.1.42';
export const OID_AES128_WRAP = '2.16.840.1.101.3.4.1.5';
export const OID_AES192_WRAP = '2.16.840.1.101.3.4.1.25';
export const OID_AES256_WRAP = '2.16.840.1.101.3.4.1.45';
export const OID_AES128_GCM = '2.16.840.1.101.3.4.1.6';
export const OID_AES192_GCM = '2.16.840.1.101.3.4.1.26';
export const OID_AES256_GCM = '2.16.840.1.101.3.4.1.46';

// CMS (RFC 5652) and PKCS#9 attributes
export const OID_DATA = '1.2.840.113549.1.7.1';
export const OID_SIGNED_DATA = '1.2.840.113549.1.7.2';
export const OID_ENVELOPED_DATA = '1.2.840.113549.1.7.3';
export const OID_ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
export const OID_CONTENT_TYPE = '1.2.840.113549.1.9.3';
export const OID_MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
export const OID_SIGNING_TIME = '1.2.840.113549.1.9.5';
export const OID_REVOCATION_VALUES = '1.2.840.113549.1.9.16.2.24';
export const OID_CMS_ALGORITHM_PROTECTION = '1.2.840.113549.1.9.52';
export const OID_EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
export const OID_FRIENDLY_NAME = '1.2.840.113549.1.9.20';
export const OID_LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
export const OID_EMAIL_ADDRESS = '1.2.840.113549.1.9.1';

// PKCS#5 and PKCS#12 (RFC 8018, RFC 7292)
export const OID_PBKDF2 = '1.2.840.113549.1.5.12';
export const OID_PBES2 = '1.2.840.113549.1.5.13';
export const OID_PBE_SHA1_3DES = '1.2.840.113549.1.12.1.3';
export const OID_PBE_SHA1_2DES = '1.2.840.113549.1.12.1.4';
export const OID_PBE_SHA1_RC2_128 = '1.2.840.113549.1.12.1.5';
export const OID_PBE_SHA1_RC2_40 = '1.2.840.113549.1.12.1.6';
export const OID_KEY_BAG = '1.2.840.113549.1.12.10.1.1';
export const OID_SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
export const OID_CERT_BAG = '1.2.840.113549.1.12.10.1.3';
export const OID_SAFE_CONTENTS_BAG = '1.2.840.113549.1.12.10.1.6';
export const OID_X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
