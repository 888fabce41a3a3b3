/**
 * The life of one request: read the envelope, tell the operation, check schema and action, let the service
 * answer, check the answer. It never throws: every refusal becomes an answer.
 *
 * @module
 */

import { createChecks } from './checks.js';
import type { Checks } from './checks.js';
import type { Answer, Exchange, Sandbox, Service } from './exchange.js';
import { envelope as envelopeOf, faultMarkup, SandboxFault } from './faults-soap.js';
import { hintsOf } from './faults.js';
import { writeMultipart } from './multipart.js';
import { SOAP } from './names.js';
import { childOf, childrenOf, readXml } from './xml-read.js';
import type { ReadElement, XmlReading } from './xml-read.js';

export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** By content id. */
  readonly parts?: ReadonlyMap<string, Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** What a request asks for, before anything is judged. */
export interface Opened {
  readonly operation: string;
  readonly reading: XmlReading | undefined;
  readonly payload: ReadElement | undefined;
  readonly fault: SandboxFault | undefined;
}

const XML = 'text/xml; charset=utf-8';

/** Reads the envelope as far as it can be read. */
export function openRequest({ body }: HttpRequest): Opened {
  let reading: XmlReading | undefined;
  try {
    reading = readXml(body);
    const { root } = reading;
    const bodies = childrenOf(root, SOAP, 'Body');
    if (root.name !== 'Envelope' || root.namespace !== SOAP || bodies.length !== 1) {
      throw new SandboxFault('SOA-03002', 'no SOAP 1.1 envelope with one Body');
    }
    const [payload, ...others] = bodies[0]?.children ?? [];
    if (payload === undefined || others.length > 0) {
      throw new SandboxFault('SOA-03003', 'the Body needs exactly one element');
    }
    const operation = payload.name.replace(/Request$/, '') || payload.name;
    return { operation, reading, payload, fault: undefined };
  } catch (error) {
    if (!(error instanceof SandboxFault)) {
      throw error;
    }
    return { operation: 'unknown', reading, payload: undefined, fault: error };
  }
}

export interface Handled {
  readonly answer: HttpAnswer;
  readonly checks: Checks;
}

/**
 * Answers an opened request; disposes of it.
 *
 * @param kind The fault to play, if any.
 */
export async function handleRequest(
  request: HttpRequest,
  opened: Opened,
  service: Service,
  sandbox: Sandbox,
  kind: string | undefined,
): Promise<Handled> {
  const checks = createChecks();
  const readings: XmlReading[] = opened.reading === undefined ? [] : [opened.reading];
  try {
    const exchange = toExchange(request, opened, service, checks, kind, readings);
    if (kind?.startsWith('fault:') === true && service.plays?.(kind) !== true) {
      return { answer: playFault(kind.slice('fault:'.length), exchange, service, sandbox), checks };
    }
    checkAction(exchange, service);
    checkSchema(exchange, service, sandbox);
    const answer = await service.handle(exchange, sandbox);
    refuseTolerated(checks, sandbox);
    return { answer: toHttp(answer, sandbox, checks), checks };
  } catch (error) {
    const fault =
      error instanceof SandboxFault
        ? error
        : new SandboxFault('SOA-00001', 'the sandbox failed: this is a bug of the sandbox');
    if (fault !== error) {
      checks.failed('sandbox', error instanceof Error ? (error.stack ?? error.message) : 'unknown');
    } else if (!checks.list.some(({ state }) => state === 'failed')) {
      checks.failed('business', `${fault.code} ${fault.message}`);
    }
    return { answer: toHttpFault(fault, sandbox), checks };
  } finally {
    for (const reading of readings) {
      reading.dispose();
    }
  }
}

function toExchange(
  { headers, body, parts = new Map() }: HttpRequest,
  { operation, reading, payload, fault }: Opened,
  service: Service,
  checks: Checks,
  kind: string | undefined,
  readings: XmlReading[],
): Exchange {
  if (fault !== undefined || reading === undefined || payload === undefined) {
    checks.failed('soap', fault?.message ?? 'not readable');
    throw fault ?? new SandboxFault('SOA-03002', 'not readable');
  }
  return {
    service: service.name,
    operation,
    action: headers['soapaction'],
    xml: Buffer.from(body)
      .toString('utf8')
      .replace(/^\uFEFF/, ''),
    envelope: reading.root,
    payload,
    parts,
    checks,
    hints: hintsOf(kind),
    read: (text) => {
      const more = readXml(text);
      readings.push(more);
      return more.root;
    },
  };
}

/** Dispatch is on the body element; the action is only compared (sandbox sheet §7). */
function checkAction({ action, operation, checks }: Exchange, service: Service): void {
  const actions = service.actions(operation);
  const bare = action?.replace(/^"(.*)"$/, '$1') ?? '';
  if (actions.length === 0) {
    if (bare === '') {
      checks.ok('soapAction');
    } else {
      checks.tolerated('soapAction', 'an action where none is due');
    }
  } else if (actions.includes(bare) && action !== bare) {
    checks.ok('soapAction');
  } else if (actions.includes(bare) || bare === '') {
    checks.tolerated('soapAction', bare === '' ? 'no action' : 'not in quotes');
  } else {
    checks.failed('soapAction', bare);
    throw new SandboxFault('SOA-03005', 'the SOAPAction is not that of the operation');
  }
}

function checkSchema({ payload, checks }: Exchange, service: Service, sandbox: Sandbox): void {
  if (payload.namespace !== service.namespace) {
    checks.failed('schema', `a request of ${payload.namespace}`);
    throw new SandboxFault('SOA-03005', 'the request is not one of this service');
  }
  const { state, detail } = sandbox.schemas.validate(payload.node);
  if (state === 'failed') {
    checks.failed('schema', detail ?? '');
    throw new SandboxFault('SOA-03006', `not valid by the schema: ${detail ?? ''}`);
  }
  if (state === 'skipped') {
    checks.skipped('schema', detail ?? '');
  } else {
    checks.ok('schema');
  }
}

/** With `--strict`, leniency ends where it would have been needed. */
function refuseTolerated({ list }: Checks, { strict }: Sandbox): void {
  const tolerated = list.find(({ detail }) => detail?.startsWith('tolerated') === true);
  if (strict && tolerated !== undefined) {
    throw new SandboxFault('SOA-03007', `${tolerated.name}: ${tolerated.detail ?? ''}`);
  }
}

/** `fault:CODE`: platform codes as a fault, others in the form of the service where it has one. */
function playFault(
  code: string,
  exchange: Exchange,
  service: Service,
  sandbox: Sandbox,
): HttpAnswer {
  const message = 'played by the sandbox';
  exchange.checks.skipped('business', `fault ${code}`);
  const own = code.startsWith('SOA-')
    ? undefined
    : service.refuse?.(exchange, sandbox, code, message);
  if (own !== undefined) {
    return toHttp(own, sandbox, exchange.checks);
  }
  const kind = code.startsWith('SOA-') ? 'SystemError' : 'BusinessError';
  return toHttpFault(new SandboxFault(code, message, { kind }), sandbox);
}

function toHttp(
  { payload, parts, xop, rewrite }: Answer,
  sandbox: Sandbox,
  checks: Checks,
): HttpAnswer {
  const text = envelopeOf(payload);
  checkAnswer(text, sandbox, checks, xop === true);
  const body = Buffer.from(rewrite?.(text) ?? text, 'utf8');
  if (parts === undefined || parts.length === 0) {
    return { status: 200, contentType: XML, body };
  }
  return { status: 200, ...writeMultipart(body, parts, xop === true, sandbox.newId()) };
}

/** Our own answers are judged by the same schemas; a failure is a bug of the sandbox, and is shown. */
function checkAnswer(text: string, sandbox: Sandbox, checks: Checks, xop: boolean): void {
  if (!sandbox.schemas.found) {
    checks.skipped('answerSchema', 'the official schemas were not found');
    return;
  }
  // An Include stands for base64 text: the schema sees it only after resolving.
  const resolved = xop ? text.replace(/<xop:Include[^>]*\/>/g, 'AAAA') : text;
  const reading = readXml(resolved);
  try {
    const [payload] = childOf(reading.root, SOAP, 'Body')?.children ?? [];
    const verdict =
      payload === undefined
        ? { state: 'failed' as const, detail: 'no payload' }
        : sandbox.schemas.validate(payload.node);
    if (verdict.state === 'failed') {
      checks.failed('answerSchema', verdict.detail ?? '');
    } else {
      checks.ok('answerSchema');
    }
  } finally {
    reading.dispose();
  }
}

const toHttpFault = (fault: SandboxFault, sandbox: Sandbox): HttpAnswer => ({
  status: 500,
  contentType: XML,
  body: Buffer.from(envelopeOf(faultMarkup(fault, `_${sandbox.newId()}`)), 'utf8'),
});
