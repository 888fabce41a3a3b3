/**
 * The real Belgium Root CAs, pinned by the SHA-256 of the certificate (eid-pkcs11 §9). A card carries its
 * root itself; it is trusted when its fingerprint stands here, never because the card carries it.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Certificate } from '../x509/certificate.js';

/** Belgium Root CA2, CA3, CA4 (two issues of one key) and CA6. */
const FINGERPRINTS: ReadonlySet<string> = new Set([
  '9F9744463BE13714754E1A3BECF98C08CC205E4AB32028F4E2830C4A1B2775B8',
  'A8D14E945E3E5156BCAE5E39737CF6A1B1F51028BBBF982F50CE5F4C05568B4D',
  'C3FBF37259AF0954EEEA4282DD1C7226A54E7150F7C29A2C495BA34DBFE09CA0',
  '702DD5C1A093CF0A9D71FADD9BF9A7C5857D89FB73B716E867228B3C2BEB968F',
  '9C872BC979A7C09A58D4A274C199E5CB16CFA9B9618D98BC9A9988E984B8495C',
]);

/** Whether a certificate is one of the pinned roots. */
export const isBelgianRoot = (certificate: Certificate): boolean =>
  FINGERPRINTS.has(createHash('sha256').update(certificate.der).digest('hex').toUpperCase());
