/**
 * The MyCareNet mailboxes, GenAsync v1 and v3 (mycarenet §3, §8): one service per domain, each with its own queue
 * for each care provider. Only the Timestamp is signed; the operation is told by WS-Addressing and the body.
 *
 * Faults of its own, besides those of every service: `fault:NOT_ENOUGH_TIME` (asked too soon),
 * `fault:THIRTY_SECONDS` (asked too soon only within half a minute of the last time), `fault:TACK_FAILURE` and
 * `fault:TACK_WARNING` (what the broker says of a post), `fault:WRONG_HASH`, `fault:XOP`.
 *
 * @module
 */

import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal } from '../faults-soap.js';
import {
  confirmAnswer,
  getAnswer,
  mailboxFault,
  postAnswer,
  withHeaders,
} from '../genasync-answers.js';
import { readDetail } from '../genasync-detail.js';
import type { Document } from '../genasync-detail.js';
import {
  addMailboxMessage,
  addMailboxTack,
  carriageOf,
  deliverSeeds,
  receiptOf,
  recipientOf,
  removeEntries,
} from '../genasync-mailbox.js';
import { answerList, isQueryList } from '../genasync-mda.js';
import { checkOriginElement } from '../memberdata-origin.js';
import type { CareProvider } from '../memberdata-origin.js';
import { GENASYNC, MCN_COMMON_2, SOAP, WSA } from '../names.js';
import { verifyTokenSecurity } from '../security.js';
import type { MailboxEntry } from '../state.js';
import { attributeOf, childOf, textOf } from '../xml-read.js';
import type { ReadElement } from '../xml-read.js'; // prettier-ignore

interface Domain {
  readonly name: string;
  readonly path: string;
  readonly version: 1 | 3;
  /** What may be posted; none = nothing that is known. */
  readonly posts: readonly string[];
  /** Whether a post needs a signature of its own. */
  readonly signed: boolean;
}

const DOMAINS: readonly Domain[] = [
  { name: 'mda', path: '/mycarenet/bed/GenAsync/memberData', version: 3, posts: ['MDA'], signed: false },
  { name: 'dmg', path: '/mycarenet-ws/async/generic/gmd', version: 1, posts: ['GMD-CONSULT-HCP'], signed: false },
  { name: 'invoicing', path: '/mycarenet-ws/async/generic/hcpfac', version: 1, posts: ['HCPFAC'], signed: true },
  { name: 'invoicing-mediprima', path: '/mycarenet-ws/async/generic/hcpfac_12', version: 1, posts: ['ECM-HCPFAC'], signed: true },
  { name: 'eagreement', path: '/mcn/bed/ehealth/GenAsync/eagreement', version: 3, posts: [], signed: false },
  { name: 'admissions', path: '/mycarenet-ws/async/generic/adm', version: 1, posts: ['ADM'], signed: true },
]; // prettier-ignore

const ACTIONS: Readonly<Record<string, string>> = {
  post: `${GENASYNC}:post:msg`,
  get: `${GENASYNC}:get:query`,
  confirm: `${GENASYNC}:confirm:hash`,
};

const PLAYED =
  /^fault:(?:NOT_ENOUGH_TIME|THIRTY_SECONDS|TACK_FAILURE|TACK_WARNING|WRONG_HASH|XOP)$/;
const MAX_DEFAULT = 100;
const PAUSE_MS = 30_000;

/** A request that was found good. */
interface Request {
  readonly exchange: Exchange;
  readonly sandbox: Sandbox;
  readonly domain: Domain;
  readonly payload: ReadElement;
  readonly provider: Omit<CareProvider, 'inputReference'>;
}

const OPERATIONS: Readonly<
  Record<string, (request: Request) => Omit<Answer, 'rewrite'> | Promise<Omit<Answer, 'rewrite'>>>
> = { post, get, confirm };

/** One service per mailbox. */
export const genasyncServices: readonly Service[] = DOMAINS.map((domain) => ({
  name: 'genasync',
  endpoint: `genasync.${domain.name}`,
  paths: [domain.path],
  namespace: GENASYNC,
  actions: (operation) => {
    const action = ACTIONS[operation];
    return action === undefined ? [] : [action];
  },
  plays: (kind) => PLAYED.test(kind),
  handle: (exchange, sandbox) => handle(exchange, sandbox, domain),
  refuse: (_exchange, _sandbox, code, message) => {
    throw mailboxFault(code, message);
  },
}));

async function handle(exchange: Exchange, sandbox: Sandbox, domain: Domain): Promise<Answer> {
  const { operation, envelope, payload, checks } = exchange;
  const work = OPERATIONS[operation];
  if (work === undefined) {
    throw mailboxFault('VALIDATION_ERROR', `no operation ${operation}`);
  }
  const { attributes } = verifyTokenSecurity(exchange, sandbox, { parts: 'timestamp' });
  const header = childOf(envelope, SOAP, 'Header');
  const messageId = checkAddressing(exchange, header);
  checkVersion(domain, payload);
  const owner = operation === 'post' ? childOf(payload, GENASYNC, 'CommonInput') : payload;
  const origin = childOf(owner, operation === 'post' ? MCN_COMMON_2 : GENASYNC, 'Origin');
  let provider;
  try {
    provider = checkOriginElement(checks, origin, MCN_COMMON_2, attributes);
  } catch (error) {
    throw error instanceof Refusal ? mailboxFault('AUTHORIZATION_ERROR', error.message, '/Origin/CareProvider') : error; // prettier-ignore
  }
  deliverSeeds(sandbox);
  const answer = await work({ exchange, sandbox, domain, payload, provider });
  checks.ok('business');
  return { ...answer, rewrite: withHeaders(operation, messageId, sandbox) };
}

/** @returns The MessageID, to be repeated. */
function checkAddressing({ operation, checks }: Exchange, header: ReadElement | undefined): string {
  const action = textOf(header, WSA, 'Action');
  if (action !== ACTIONS[operation]) {
    checks.failed('addressing', action === '' ? 'no wsa:Action' : action);
    throw mailboxFault('VALIDATION_ERROR', 'wsa:Action is not that of the operation', '/Header/Action');
  }
  const to = childOf(header, WSA, 'To');
  const address = to?.text.trim() ?? '';
  if (to !== undefined && !/^urn:nip:destination:io:(?:[0-9]{3}|MULTICAST)$/.test(address)) {
    if (address !== '') {
      checks.failed('addressing', address);
      throw mailboxFault('VALIDATION_ERROR', 'wsa:To is no destination', '/Header/To');
    }
    checks.tolerated('addressing', 'an empty wsa:To');
  }
  const messageId = textOf(header, WSA, 'MessageID');
  if (!/^urn:uuid:/.test(messageId)) {
    checks.tolerated('addressing', 'MessageID is no urn:uuid:');
  }
  checks.ok('addressing');
  return messageId;
} // prettier-ignore

/** What only the newer schema has, in a mailbox of the older one. */
function checkVersion({ version, name }: Domain, payload: ReadElement): void {
  const parameters = childOf(payload, GENASYNC, 'QueryParameters');
  if (
    version === 1 &&
    (childOf(payload, GENASYNC, 'Reply-to-etk') !== undefined ||
      childOf(parameters, GENASYNC, 'tackMessageNames') !== undefined)
  ) {
    throw mailboxFault('VALIDATION_ERROR', `the mailbox ${name} is one of version 1`, '/get');
  }
}

async function post({ exchange, sandbox, domain, payload, provider }: Request): Promise<Omit<Answer, 'rewrite'>> {
  const { played } = exchange.hints;
  const input = childOf(payload, GENASYNC, 'CommonInput');
  const inputReference = textOf(input, MCN_COMMON_2, 'InputReference');
  const head = { domain: domain.name, to: provider.nihii, inputReference };
  if (textOf(childOf(input, MCN_COMMON_2, 'Request'), MCN_COMMON_2, 'IsTest') !== 'true') {
    exchange.checks.tolerated('origin', 'IsTest is not true, though nothing here is real');
  }
  const content = await readDetail(exchange, sandbox, domain, payload);
  const receipt = (result: 'success' | 'failure', minor?: string, message?: string): Omit<Answer, 'rewrite'> => ({
    payload: postAnswer({ ...head, kind: 'tack', mutuality: '', reference: `TACK-${inputReference}`, result, minor, message }),
  });
  if (played === 'fault:TACK_FAILURE') {
    return receipt('failure', 'urn:nip:tack:result:minor:played', 'played by the sandbox');
  }
  const postKey = `${domain.name} ${provider.nihii} ${inputReference}`;
  const isAgain = sandbox.state.mailboxPosts.includes(postKey);
  if (isAgain && domain.name !== 'mda') {
    return receipt('failure', 'urn:nip:tack:result:minor:duplicate', 'this reference was posted already');
  }
  if (!isAgain) {
    sandbox.state.mailboxPosts.push(postKey);
    answerPost({ exchange, sandbox, domain, payload, provider }, head, content);
    await sandbox.store.save();
  }
  return played === 'fault:TACK_WARNING'
    ? receipt('success', 'urn:nip:tack:result:minor:played', 'played by the sandbox')
    : receipt('success');
} // prettier-ignore

/** What arrives later, because of a post: acknowledgements, and for MemberData the answers. */
function answerPost(
  { exchange, sandbox, domain, provider }: Request,
  head: { readonly domain: string; readonly to: string; readonly inputReference: string },
  { content, sealed }: Document,
): void {
  const to = textOf(childOf(exchange.envelope, SOAP, 'Header'), WSA, 'To');
  const named = /:([0-9]{3})$/.exec(to)?.[1];
  if (domain.name !== 'mda') {
    addMailboxTack(sandbox, { ...head, mutuality: named ?? '300', result: 'success' });
    return;
  }
  const list = exchange.read(content.toString('utf8'));
  const verdict = sandbox.schemas.validate(list.node);
  if (!isQueryList(list) || verdict.state === 'failed') {
    throw mailboxFault('VALIDATION_ERROR', `not a list of queries: ${verdict.detail ?? ''}`, '/post/Detail'); // prettier-ignore
  }
  for (const { mutuality, content: answers } of answerList(exchange, sandbox, list, provider)) {
    addMailboxTack(sandbox, { ...head, mutuality, result: 'success' });
    addMailboxMessage(sandbox, { ...head, mutuality, messageName: 'MDA', content: answers, encoding: sealed ? 'none' : 'deflate', sealed }); // prettier-ignore
  }
}

const listOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

async function get({ exchange, sandbox, domain, payload, provider }: Request): Promise<Omit<Answer, 'rewrite'>> {
  const { hints } = exchange;
  checkPace(hints.played, sandbox, `${domain.name} ${provider.nihii}`);
  const parameters = childOf(payload, GENASYNC, 'QueryParameters');
  const include = listOf(textOf(parameters, GENASYNC, 'includeIOs'));
  const exclude = listOf(textOf(parameters, GENASYNC, 'excludeIOs'));
  const reference = attributeOf(parameters, 'Reference');
  const waiting = sandbox.state.mailbox.filter(
    (entry) =>
      entry.domain === domain.name &&
      entry.to === provider.nihii &&
      (include.length === 0 || include.includes(entry.mutuality)) &&
      !exclude.includes(entry.mutuality) &&
      (reference === undefined || entry.inputReference === reference),
  );
  const recipient = recipientOf(sandbox, textOf(payload, GENASYNC, 'Reply-to-etk'));
  const messageQuery = childOf(payload, GENASYNC, 'MsgQuery');
  const names = listOf(textOf(messageQuery, GENASYNC, 'MessageNames'));
  const messages = limited(messageQuery, waiting.filter(
    // What is to be sealed waits until somebody says for which key.
    ({ kind, messageName = '', sealed }) =>
      kind === 'message' &&
      (names.length === 0 || names.includes(messageName)) &&
      (sealed !== true || recipient !== undefined),
  ));
  const tacks = limited(childOf(payload, GENASYNC, 'TAckQuery'), waiting.filter(({ kind }) => kind === 'tack'));
  const loaded = await Promise.all(
    messages.map(async (entry) => ({
      entry: hints.played === 'fault:XOP' ? { ...entry, form: 'xop' as const } : entry,
      carriage: await carriageOf(sandbox, entry, recipient),
    })),
  );
  const wrongHash = hints.badSignature || hints.played === 'fault:WRONG_HASH';
  return getAnswer(hints.reordered ? loaded.toReversed() : loaded, tacks, { wrongHash });
} // prettier-ignore

/** `Include` and `Max` of a query. */
function limited(query: ReadElement | undefined, entries: readonly MailboxEntry[]): readonly MailboxEntry[] {
  const included = attributeOf(query, 'Include') ?? 'true';
  const max = Number(textOf(query, GENASYNC, 'Max') || MAX_DEFAULT);
  return included === 'true' || included === '1' ? entries.slice(0, max) : [];
} // prettier-ignore

/** Played only: a mailbox that is asked again at once is the rule in tests, not the exception. */
function checkPace(played: string | undefined, sandbox: Sandbox, key: string): void {
  const { state } = sandbox;
  const now = sandbox.now().getTime();
  const last = state.mailboxAsked[key];
  const tooSoon = last !== undefined && now - last < PAUSE_MS;
  if (played === 'fault:NOT_ENOUGH_TIME' || (played === 'fault:THIRTY_SECONDS' && tooSoon)) {
    throw mailboxFault('VALIDATION_ERROR', 'Not enough time between two requests');
  }
  state.mailboxAsked[key] = now;
}

async function confirm({ exchange, sandbox, domain, payload, provider }: Request): Promise<Omit<Answer, 'rewrite'>> {
  const list = (name: string): ReadonlySet<string> => new Set(listOf(textOf(payload, GENASYNC, name)));
  const [references, hashes] = [list('MsgRefValues'), list('MsgHashValues')];
  const [tackReferences, contents] = [list('TAckReferences'), list('TAckContents')];
  const named = new Set<string>();
  for (const entry of sandbox.state.mailbox) {
    if (entry.domain !== domain.name || entry.to !== provider.nihii) {
      continue;
    }
    const isNamed = entry.kind === 'tack'
      ? tackReferences.has(entry.reference) || contents.has(receiptOf(entry))
      : references.has(entry.reference) ||
        (hashes.size > 0 && hashes.has((await carriageOf(sandbox, entry, undefined)).hash));
    if (isNamed) {
      named.add(entry.reference);
    }
  }
  const gone = removeEntries(sandbox, ({ reference }) => named.has(reference));
  await sandbox.store.save();
  exchange.checks.ok('confirmed', String(gone));
  return { payload: confirmAnswer() };
} // prettier-ignore
