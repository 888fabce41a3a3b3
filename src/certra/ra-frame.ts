/**
 * What every message of the registration authority shares, CertRA and ETKRA alike: the attributes of a
 * request, its enveloped signature, and the frame of an answer with its status (certificate-lifecycle §3).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import type { Attributes } from '../xml/build.js';
import { attribute, child, children, childText, requireChild } from '../xml/query.js';
import { signXml } from '../xml/sign.js';
import type { XmlElement } from '../xml/tree.js';
import { NS_COMMONS_CORE, NS_ETEE_COMMONS } from './names.js';
import { RaRefusedError } from './ra-refusal.js';
import type { RaError } from './ra-refusal.js';

/** What a request needs from outside. */
export interface RaOptions {
  /** Moment of the request. */
  readonly now: Date;
  /** Gives a fresh UUID. */
  readonly newId: () => string;
  readonly signal?: AbortSignal | undefined;
}

const SUCCESS = 'urn:be:fgov:ehealth:2.0:status:Success';

/** `Id` (also the target of the signature) and `IssueInstant` of a request's root. */
export const requestAttributes = ({ now, newId }: RaOptions): Attributes => ({
  Id: `_${newId()}`,
  IssueInstant: now.toISOString(),
});

/**
 * Signs a request: plain XML-DSig, enveloped, last child of the root, with the whole chain of the signer.
 *
 * @throws what the signer throws (`PinError`, errors of the card).
 */
export const signRequest = (
  request: XmlElement,
  signer: Signer,
  newId: () => string,
): Promise<XmlElement> =>
  signXml(request, {
    signer,
    idAttribute: 'Id',
    position: 'last',
    signatureId: `xmldsig-${newId()}`,
    includeChain: true,
  });

export interface ExpectedReply {
  /** `certra` or `etkra`. */
  readonly service: string;
  readonly namespace: string;
  readonly operation: string;
  /** `Id` of the request. */
  readonly requestId: string;
}

/** Quirk: this answer alone has no status; whatever comes is its content. */
const WITHOUT_STATUS = 'GetExistingApplicationIds';

/**
 * Checks the frame of an answer.
 *
 * @returns The same element, once its status says success.
 * @throws TopazError `E_REPLY_INVALID` for another element, another request's answer or a frame without
 *   status; {@link RaRefusedError} for any status but success.
 */
export function checkReply(reply: XmlElement, expected: ExpectedReply): XmlElement {
  const { service, namespace, operation, requestId } = expected;
  if (reply.namespace !== namespace || reply.name !== `${operation}Response`) {
    throw invalid(`${service} answered something else than ${operation}Response`);
  }
  const inResponseTo = attribute(reply, 'InResponseTo');
  if (inResponseTo !== undefined && inResponseTo !== requestId) {
    throw invalid(`the answer to ${operation} belongs to another request`);
  }
  if (operation === WITHOUT_STATUS && child(reply, NS_COMMONS_CORE, 'Status') === undefined) {
    return reply;
  }
  const status = requireChild(reply, NS_COMMONS_CORE, 'Status');
  const code = attribute(requireChild(status, NS_COMMONS_CORE, 'StatusCode'), 'Value');
  if (code === undefined) {
    throw invalid(`the status of ${operation}Response has no value`);
  }
  if (code !== SUCCESS) {
    throw new RaRefusedError({
      service,
      operation,
      status: code,
      statusMessage: childText(status, NS_COMMONS_CORE, 'StatusMessage'),
      errors: readErrors(status),
    });
  }
  return reply;
}

/** Quirk: `EteeStatusDetail` is qualified, everything inside it is in no namespace. */
function readErrors(status: XmlElement): readonly RaError[] {
  const detail = child(status, NS_COMMONS_CORE, 'StatusDetail');
  return children(child(detail, NS_ETEE_COMMONS, 'EteeStatusDetail'), '', 'Errors').map(
    (error) => ({
      code: childText(error, '', 'Code') ?? '',
      message: childText(error, '', 'Message') ?? '',
      parameters: children(error, '', 'Parameters').map((parameter) => ({
        name: childText(parameter, '', 'Name') ?? '',
        value: childText(parameter, '', 'Value') ?? '',
      })),
    }),
  );
}

/** An answer that cannot be used; nothing of it was. */
export const invalid = (message: string): TopazError =>
  new TopazError('E_REPLY_INVALID', message, {
    hint: 'nothing was changed here; try again later, and report it if it stays',
  });
