/**
 * ETKRA v2: registration of an encryption token in two steps, without the card (certificate-lifecycle §5).
 *
 * @module
 */

import { checkReply, signRequest } from '../certra/ra-frame.js';
import type { RaOptions } from '../certra/ra-frame.js';
import type { Signer } from '../keys/keys.js';
import type { Call } from '../soap/call.js';
import { attribute } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { readChallenge, readRegistration } from './reply.js';
import type { Registration } from './reply.js';
import {
  completeEtkRegistrationRequest,
  NS_ETKRA,
  startEtkRegistrationRequest,
} from './request.js';

/** Quirk: the letter case of the second one is the service's. */
export const ACTIONS = {
  StartETKRegistration: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:startETKRegistration',
  CompleteETKRegistration: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:completeETKregistration',
} as const;

async function exchange(
  call: Call,
  url: string,
  operation: keyof typeof ACTIONS,
  request: XmlElement,
  signer: Signer,
  { newId, signal }: RaOptions,
): Promise<XmlElement> {
  const body = await signRequest(request, signer, newId);
  const { payload } = await call(
    {
      service: 'etkra',
      operation,
      url,
      action: ACTIONS[operation],
      body,
      security: { kind: 'none' },
    },
    { signal },
  );
  return checkReply(payload, {
    service: 'etkra',
    namespace: NS_ETKRA,
    operation,
    requestId: attribute(request, 'Id') ?? '',
  });
}

/**
 * Announces the public encryption key.
 *
 * @param signer The eHealth authentication key.
 * @returns The challenge that holds the serial number of the encryption certificate.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function startEtkRegistration(
  call: Call,
  url: string,
  { publicKeyInfo, signer }: { readonly publicKeyInfo: Uint8Array; readonly signer: Signer },
  options: RaOptions,
): Promise<Uint8Array> {
  const request = startEtkRegistrationRequest(publicKeyInfo, options);
  return readChallenge(await exchange(call, url, 'StartETKRegistration', request, signer, options));
}

/**
 * Hands in the encryption certificate; its token is published in the depot.
 *
 * @param signer The key that signed the start.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function completeEtkRegistration(
  call: Call,
  url: string,
  { certificate, signer }: { readonly certificate: Uint8Array; readonly signer: Signer },
  options: RaOptions,
): Promise<Registration> {
  const request = completeEtkRegistrationRequest(certificate, options);
  return readRegistration(
    await exchange(call, url, 'CompleteETKRegistration', request, signer, options),
  );
}
