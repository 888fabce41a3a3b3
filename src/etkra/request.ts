/**
 * Requests to ETKRA v2: values → XML, to be signed with the eHealth authentication key
 * (certificate-lifecycle §5).
 *
 * @module
 */

import { requestAttributes } from '../certra/ra-frame.js';
import type { RaOptions } from '../certra/ra-frame.js';
import { namespace } from '../xml/build.js';
import type { XmlElement } from '../xml/tree.js';

export const NS_ETKRA = 'urn:be:fgov:ehealth:etkra:protocol:v2';

const k = namespace('k', NS_ETKRA);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** @param publicKeyInfo DER of the encryption key's SubjectPublicKeyInfo. */
export const startEtkRegistrationRequest = (
  publicKeyInfo: Uint8Array,
  options: RaOptions,
): XmlElement =>
  k(
    'StartETKRegistrationRequest',
    requestAttributes(options),
    k('PublicEncryptionKey', {}, base64(publicKeyInfo)),
  );

/** @param certificate DER of the encryption certificate. */
export const completeEtkRegistrationRequest = (
  certificate: Uint8Array,
  options: RaOptions,
): XmlElement =>
  k(
    'CompleteETKRegistrationRequest',
    requestAttributes(options),
    k('ToBeRegistered', {}, base64(certificate)),
  );

export const activateEtkRequest = (options: RaOptions): XmlElement =>
  k('ActivateETKRequest', requestAttributes(options));
