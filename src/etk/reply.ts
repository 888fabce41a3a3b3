/**
 * Answer of the ETK depot v1: XML → values (etee §2). "Not found" is an ordinary answer with a status.
 *
 * @module
 */

import { decodeBase64 } from '../der/base64.js';
import { TopazError } from '../errors.js';
import type { Identifier } from '../ids/identifier.js';
import { children, child, childText, requireChild, text } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { NS_ETKDEPOT } from './request.js';

const NS_COMMONS_CORE = 'urn:be:fgov:ehealth:commons:1_0:core';

/** Another request will give this one. */
export interface Match {
  readonly identifier: Identifier;
  /** Empty: the ETK without an application id. */
  readonly applicationId: string;
}

export interface DepotReply {
  /** `200`, `400` (unknown type), `404` (no ETK), `500`. */
  readonly code: string;
  readonly message: string;
  readonly token: Uint8Array | undefined;
  readonly matches: readonly Match[];
  /** Code and text of each error, as the depot wrote them. */
  readonly errors: readonly string[];
}

/**
 * @param payload The one child of the SOAP body.
 * @throws TopazError `E_REPLY_INVALID`
 */
export function readGetEtkReply(payload: XmlElement): DepotReply {
  if (payload.namespace !== NS_ETKDEPOT || payload.name !== 'GetEtkResponse') {
    throw invalid(`it begins with ${payload.name}`);
  }
  const status = requireChild(payload, NS_COMMONS_CORE, 'Status');
  // Quirk: the children of Status are in no namespace.
  const code = childText(status, '', 'Code') ?? '';
  if (!/^[0-9]{3,6}$/.test(code)) {
    throw invalid('it has no status code');
  }
  const token = child(payload, NS_ETKDEPOT, 'ETK');
  return {
    code,
    message: childText(status, '', 'Message') ?? '',
    token: token === undefined ? undefined : base64(text(token)),
    matches: children(payload, NS_ETKDEPOT, 'MatchingEtk').map(readMatch),
    errors: children(payload, NS_ETKDEPOT, 'Error').map((error) =>
      [childText(error, NS_ETKDEPOT, 'Code'), childText(error, NS_ETKDEPOT, 'Message')]
        .filter((part) => part !== undefined)
        .join(' '),
    ),
  };
}

/** A match may list several identifiers of one holder; the first is the one to ask with. */
function readMatch(match: XmlElement): Match {
  const [identifier] = children(match, NS_ETKDEPOT, 'Identifier');
  const type = childText(identifier, NS_ETKDEPOT, 'Type');
  const id = childText(identifier, NS_ETKDEPOT, 'Value');
  if (type === undefined || id === undefined) {
    throw invalid('a match has no identifier');
  }
  return {
    identifier: { type, id },
    applicationId: childText(identifier, NS_ETKDEPOT, 'ApplicationID') ?? '',
  };
}

function base64(value: string): Uint8Array {
  const bytes = decodeBase64(value);
  if (bytes === undefined || bytes.length === 0) {
    throw invalid('its ETK is not base64');
  }
  return bytes;
}

const invalid = (fact: string): TopazError =>
  new TopazError('E_REPLY_INVALID', 'the answer of the ETK depot cannot be used', {
    facts: [fact],
    hint: 'try again later; if it goes on, send the log of --debug to support',
  });
