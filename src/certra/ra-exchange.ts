/**
 * One exchange with the registration authority, CertRA and ETKRA alike: no call carries WS-Security, what must
 * be authentic is signed inside the body (certificate-lifecycle §2, §3).
 *
 * @module
 */

import type { Signer } from '../keys/keys.js';
import type { Call } from '../soap/call.js';
import { attribute } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { checkReply, signRequest } from './ra-frame.js';
import type { RaOptions } from './ra-frame.js';

/** A service of the registration authority: its name, namespace and actions. */
export interface RaService<Operation extends string> {
  readonly service: 'certra' | 'etkra';
  readonly namespace: string;
  readonly actions: Readonly<Record<Operation, string>>;
}

/** Where a request goes. */
export interface RaLine {
  readonly call: Call;
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request as it is.
 *
 * @returns The answer, its frame checked.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function exchange<Operation extends string>(
  { service, namespace, actions }: RaService<Operation>,
  operation: Operation,
  body: XmlElement,
  { call, url, signal }: RaLine,
): Promise<XmlElement> {
  const { payload } = await call(
    { service, operation, url, action: actions[operation], body, security: { kind: 'none' } },
    { signal },
  );
  return checkReply(payload, {
    service,
    namespace,
    operation,
    requestId: attribute(body, 'Id') ?? '',
  });
}

/**
 * Signs a request and sends it.
 *
 * @throws what the signer throws, and as {@link exchange}.
 */
export async function signedExchange<Operation extends string>(
  service: RaService<Operation>,
  operation: Operation,
  request: XmlElement,
  signer: Signer,
  {
    call,
    url,
    options,
  }: { readonly call: Call; readonly url: string; readonly options: RaOptions },
): Promise<XmlElement> {
  const body = await signRequest(request, signer, options.newId);
  return exchange(service, operation, body, { call, url, signal: options.signal });
}
