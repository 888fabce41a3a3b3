/**
 * The ETK depot: a public look-up, without security, of the encryption token of a holder (etee §2).
 *
 * Nothing in the answer is signed but the token, so a token is taken only when its certificate names the
 * holder that was asked for. Whether it can be trusted is decided by `verifyEtk`.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { readEtk, type Etk } from '../etee/etk.js';
import { etkType, normaliseIdentifier, type Identifier } from '../ids/identifier.js';
import type { Call } from '../soap/call.js';
import { isEtkOf } from './holder-match.js';
import { readGetEtkReply, type DepotReply, type Match } from './reply.js';
import { getEtkRequest } from './request.js';

export interface FetchEtkOptions {
  /** Application of an organisation; empty for the ETK without one. Left out: whichever there is. */
  readonly applicationId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FOUND = '200';
const NOT_FOUND = '404';
const UNKNOWN_TYPE = '400';
/** More than this for one holder is no answer to work through. */
const MAX_MATCHES = 20;

/**
 * Fetches the one ETK of a holder.
 *
 * @throws TopazError `E_ETK_NOT_FOUND` when there is none, or several for different applications
 *   (`details.applications`); `E_ETK_INVALID` for a token of someone else or no token at all;
 *   `E_SERVICE_REFUSED`, `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function fetchEtk(
  call: Call,
  url: string,
  identifier: Identifier,
  { applicationId, signal }: FetchEtkOptions = {},
): Promise<Etk> {
  const wanted = normaliseIdentifier(identifier);
  const ask = async (match: { identifier: Identifier; applicationId?: string | undefined }) => {
    const { payload } = await call(
      {
        service: 'etkdepot',
        operation: 'GetEtk',
        url,
        body: getEtkRequest(match.identifier, match.applicationId),
        security: { kind: 'none' },
        repeat: 'unsent',
      },
      { signal },
    );
    return readGetEtkReply(payload);
  };
  const reply = await ask({ identifier: wanted, applicationId });
  checkStatus(reply, wanted);
  if (reply.token !== undefined) {
    return requireHolder(readEtk(reply.token), wanted);
  }
  // The official connector follows matches only where it named no application.
  if (applicationId !== undefined || reply.matches.length === 0) {
    throw notFound(wanted, applicationId);
  }
  return chooseMatch(reply.matches, wanted, ask);
}

type Ask = (match: Match) => Promise<DepotReply>;

async function chooseMatch(matches: readonly Match[], wanted: Identifier, ask: Ask): Promise<Etk> {
  if (matches.length > MAX_MATCHES) {
    throw ambiguous(wanted, matches);
  }
  const found: { readonly match: Match; readonly etk: Etk }[] = [];
  for (const match of matches) {
    const reply = await ask(match);
    const etk =
      reply.code === FOUND && reply.token !== undefined ? readEtk(reply.token) : undefined;
    if (etk !== undefined && isEtkOf(etk, wanted)) {
      found.push({ match, etk });
    }
  }
  const [first, ...others] = found;
  if (first === undefined) {
    throw notFound(wanted, undefined);
  }
  if (others.length > 0) {
    throw ambiguous(
      wanted,
      found.map(({ match }) => match),
    );
  }
  return first.etk;
}

function requireHolder(etk: Etk, wanted: Identifier): Etk {
  if (!isEtkOf(etk, wanted)) {
    throw new TopazError('E_ETK_INVALID', 'the depot answered with the ETK of someone else', {
      facts: [`asked for a ${wanted.type}, got a ${etk.holder.identifier.type}`],
      hint: 'do not seal with it; report it to the support of eHealth',
    });
  }
  return etk;
}

function checkStatus({ code, message, errors }: DepotReply, wanted: Identifier): void {
  if (code === FOUND) {
    return;
  }
  const status = [code, message].join(' ').trim();
  const facts = [status, ...errors.filter((error) => error !== status).slice(0, 1)].map(
    (text) => `eHealth: ${text}`,
  );
  const details = { service: 'etkdepot', serviceCode: code };
  if (code === NOT_FOUND) {
    throw notFound(wanted, undefined, facts, details);
  }
  if (code === UNKNOWN_TYPE) {
    throw new TopazError('E_ETK_NOT_FOUND', `the depot does not know the type ${wanted.type}`, {
      facts,
      details,
      hint: hintForType(wanted.type),
    });
  }
  throw new TopazError('E_SERVICE_REFUSED', 'the ETK depot refused the request', {
    facts,
    details,
    hint: 'try again later',
  });
}

/** The eHealthBox names two types otherwise than the depot; people copy them from there. */
function hintForType(type: string): string {
  const dash = type.indexOf('-');
  const [main, sector] = dash < 0 ? [type, undefined] : [type.slice(0, dash), type.slice(dash + 1)];
  const known = etkType(main, sector, undefined);
  return known === main || known === type
    ? 'check the type: SSIN, NIHII, NIHII-HOSPITAL, CBE …'
    : `the depot calls it ${known}: write ${known}=NUMBER`;
}

function notFound(
  { type }: Identifier,
  applicationId: string | undefined,
  facts: readonly string[] = [],
  details: Readonly<Record<string, unknown>> = {},
): TopazError {
  const application =
    applicationId === undefined || applicationId === ''
      ? ''
      : ` for the application ${applicationId}`;
  return new TopazError('E_ETK_NOT_FOUND', `this ${type} has no ETK${application}`, {
    facts,
    details,
    hint: 'this recipient cannot receive sealed messages; check the number',
  });
}

/** The official connector fails here too: which one to seal for is for a person to say. */
function ambiguous({ type }: Identifier, matches: readonly Match[]): TopazError {
  const applications = matches.map(({ applicationId }) => applicationId);
  const named = applications.map((name) => (name === '' ? '(none)' : name)).slice(0, MAX_MATCHES);
  return new TopazError(
    'E_ETK_NOT_FOUND',
    `this ${type} has ${matches.length} ETKs, one per application`,
    {
      facts: [`applications: ${named.join(', ')}`],
      details: { applications },
      hint: "choose one: topaz etk fetch TYPE=ID --application NAME ('' for the one without)",
    },
  );
}
