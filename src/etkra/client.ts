/**
 * ETKRA v2: registration of an encryption token in two steps, without the card (certificate-lifecycle §5).
 *
 * @module
 */

import { signedExchange } from '../certra/ra-exchange.js';
import type { RaService } from '../certra/ra-exchange.js';
import type { RaOptions } from '../certra/ra-frame.js';
import type { Signer } from '../keys/keys.js';
import type { Call } from '../soap/call.js';
import { readChallenge, readRegistration } from './reply.js';
import type { Registration } from './reply.js';
import {
  activateEtkRequest,
  completeEtkRegistrationRequest,
  NS_ETKRA,
  startEtkRegistrationRequest,
} from './request.js';

/** Quirk: the letter case of the second one is the service's. */
export const ACTIONS = {
  StartETKRegistration: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:startETKRegistration',
  CompleteETKRegistration: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:completeETKregistration',
  ActivateETK: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:activateETK',
} as const;

const ETKRA: RaService<keyof typeof ACTIONS> = {
  service: 'etkra',
  namespace: NS_ETKRA,
  actions: ACTIONS,
};

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
  return readChallenge(
    await signedExchange(ETKRA, 'StartETKRegistration', request, signer, { call, url, options }),
  );
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
    await signedExchange(ETKRA, 'CompleteETKRegistration', request, signer, { call, url, options }),
  );
}

/**
 * Puts the token that waits in the place of the older one: from then on senders seal for the new key.
 *
 * @param signer The new eHealth authentication key.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function activateEtk(
  call: Call,
  url: string,
  signer: Signer,
  options: RaOptions,
): Promise<void> {
  const request = activateEtkRequest(options);
  await signedExchange(ETKRA, 'ActivateETK', request, signer, { call, url, options });
}
