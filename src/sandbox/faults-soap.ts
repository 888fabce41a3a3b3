/**
 * What a service refuses with: a SOAP fault in the form of the eHealth bus (sts-session §6), or a business
 * answer of its own. Texts say what this sandbox found, so that a developer need not guess.
 *
 * @module
 */

import { SOA_ERRORS, SOAP, WSSE, WSU } from './names.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

export interface FaultOptions {
  /** WS-Security code beside the eHealth one: `wsse:FailedCheck`, `wsu:MessageExpired` … */
  readonly faultCode?: string | undefined;
  readonly kind?: 'SystemError' | 'BusinessError' | undefined;
  readonly retry?: boolean | undefined;
  /** What stands in `detail`, for a service with a form of its own. */
  readonly detail?: Markup | undefined;
}

/** A SOAP fault to answer with. Not an error of topaz: it never leaves the sandbox but as XML. */
export class SandboxFault extends Error {
  /** `SOA-01001`, or a number of the service. */
  readonly code: string;
  readonly options: FaultOptions;

  constructor(code: string, message: string, options: FaultOptions = {}) {
    super(message);
    this.name = 'SandboxFault';
    this.code = code;
    this.options = options;
  }
}

/** A refusal inside the service's own answer: HTTP 200, status not success. */
export class Refusal extends Error {
  readonly code: string;
  /** Name and value pairs, where the service has a place for them. */
  readonly parameters: readonly (readonly [string, string])[];

  constructor(
    code: string,
    message: string,
    parameters: readonly (readonly [string, string])[] = [],
  ) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.parameters = parameters;
  }
}

/** Codes that say "try again": the others never change by waiting. */
const RETRY = new Set(['SOA-02001', 'SOA-02002']);
const PROVIDER = /^SOA-0[02]/;

/** `soap:Fault` with the eHealth detail. */
export function faultMarkup(fault: SandboxFault, id: string): Markup {
  const { kind = 'SystemError', retry = RETRY.has(fault.code) } = fault.options;
  const provider = PROVIDER.test(fault.code);
  const faultCode = fault.options.faultCode ?? `soap:${provider ? 'Server' : 'Client'}`;
  return el(
    'soap:Fault',
    { 'xmlns:wsse': WSSE, 'xmlns:wsu': WSU },
    el('faultcode', {}, faultCode),
    el('faultstring', {}, `${fault.code} ${fault.message}`),
    el(
      'detail',
      {},
      fault.options.detail ??
        el(
          `soa:${kind}`,
          { 'xmlns:soa': SOA_ERRORS, Id: id },
          el('Origin', {}, provider ? 'Provider' : 'Consumer'),
          el('Code', {}, fault.code),
          el('Message', { 'xml:lang': 'en' }, fault.message),
          el('Retry', {}, String(retry)),
          el('soa:Environment', {}, 'Simulation'),
        ),
    ),
  );
}

/** The envelope around a payload, nothing between `soap:Body` and it. */
export const envelope = (payload: Markup): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${
    el('soap:Envelope', { 'xmlns:soap': SOAP }, el('soap:Body', {}, payload)).text
  }`;
