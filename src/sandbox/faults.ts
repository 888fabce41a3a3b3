/**
 * Faults on demand (sandbox sheet §6): which rule hits an exchange, and what it does to the answer. Rules
 * are part of the state; a rule is used up when its `times` are over.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { isStsFault, STS_FAULT_KINDS } from './sts-faults.js';

export interface FaultRule {
  /** Service name, or `service.Operation`. */
  readonly target: string;
  /** As typed: `http:503`, `fault:SOA-02002`, `slow:100` … */
  readonly kind: string;
  /** How often it still hits; `null` = always. */
  times: number | null;
  /** How many exchanges it lets pass first. */
  after: number;
}

/** Services as records, profiles and faults name them. */
export const SERVICE_NAMES = [
  'certra', 'etkra', 'etkdepot', 'kgss', 'sts', 'ehboxConsultation', 'ehboxPublication', 'memberdata', 'genins',
  'genasync', 'ocsp', 'crl',
] as const; // prettier-ignore

export const FAULT_KINDS = [
  'refused',
  'reset',
  'timeout',
  'http:STATUS',
  'fault:CODE',
  'bad-signature',
  'expired',
  'wrong-holder',
  'truncated',
  'oversized',
  'duplicate',
  'lost',
  'reordered',
  'xml:dtd',
  'xml:bomb',
  'xml:deep',
  'xml:wrapped',
  'slow:BYTES_PER_SECOND',
] as const;

const KIND =
  /^(?:refused|reset|timeout|http:[1-5]\d\d|fault:[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)?|bad-signature|expired|wrong-holder|truncated|oversized|duplicate|lost|reordered|xml:(?:dtd|bomb|deep|wrapped)|slow:[1-9]\d*)$/;

/**
 * Makes a rule.
 *
 * @throws TopazError `E_USAGE` for an unknown service or kind.
 */
export function makeRule(
  target: string,
  kind: string,
  { times, after }: { times?: number | undefined; after?: number | undefined } = {},
): FaultRule {
  const service = target.split('.')[0] ?? '';
  if (!SERVICE_NAMES.some((name) => name === service)) {
    throw new TopazError('E_USAGE', `${service} is not a service of the sandbox`, {
      hint: `one of: ${SERVICE_NAMES.join(', ')}`,
    });
  }
  if (!KIND.test(kind) && !(service === 'sts' && isStsFault(kind))) {
    throw new TopazError('E_USAGE', `${kind} is not a kind of fault`, {
      hint: `one of: ${FAULT_KINDS.join(', ')}; for sts also: ${STS_FAULT_KINDS.join(', ')}`,
    });
  }
  return { target, kind, times: times ?? null, after: after ?? 0 };
}

/**
 * Finds the rule that hits this exchange and counts it.
 *
 * @returns Its kind, and the rules that are left.
 */
export function hit(
  rules: readonly FaultRule[],
  service: string,
  operation: string,
): { readonly kind: string | undefined; readonly rules: FaultRule[] } {
  let kind: string | undefined;
  const left: FaultRule[] = [];
  for (const rule of rules) {
    const matches = rule.target === service || rule.target === `${service}.${operation}`;
    if (!matches || kind !== undefined) {
      left.push(rule);
    } else if (rule.after > 0) {
      left.push({ ...rule, after: rule.after - 1 });
    } else {
      kind = rule.kind;
      const times = rule.times === null ? null : rule.times - 1;
      if (times !== 0) {
        left.push({ ...rule, times });
      }
    }
  }
  return { kind, rules: left };
}

/** What a service must do differently while it answers. */
export interface FaultHints {
  /** The kind as it was set. */
  readonly played: string | undefined;
  readonly badSignature: boolean;
  readonly expired: boolean;
  readonly wrongHolder: boolean;
  readonly reordered: boolean;
}

export const hintsOf = (kind: string | undefined): FaultHints => ({
  played: kind,
  badSignature: kind === 'bad-signature',
  expired: kind === 'expired',
  wrongHolder: kind === 'wrong-holder',
  reordered: kind === 'reordered',
});

const DEPTH = 20_000;
const OVERSIZE_BYTES = 64 * 1024 * 1024;

/** A hostile or broken form of a good answer. */
export function spoil(kind: string, body: Buffer): Buffer {
  const text = body.toString('utf8');
  switch (kind) {
    case 'truncated':
      return body.subarray(0, Math.floor(body.length / 2));
    case 'oversized':
      return Buffer.concat([body, Buffer.alloc(OVERSIZE_BYTES, 0x20)]);
    case 'xml:dtd':
      return afterDeclaration(text, '<!DOCTYPE soap:Envelope SYSTEM "file:///etc/hostname">');
    case 'xml:bomb':
      return afterDeclaration(text.replace('<soap:Body>', '<soap:Body><a>&e9;</a>'), BOMB);
    case 'xml:deep':
      return Buffer.from(
        text.replace(
          '<soap:Body>',
          `<soap:Header>${'<d>'.repeat(DEPTH)}${'</d>'.repeat(DEPTH)}</soap:Header><soap:Body>`,
        ),
      );
    case 'xml:wrapped':
      return Buffer.from(wrap(text));
    default:
      return body;
  }
}

const BOMB = `<!DOCTYPE soap:Envelope [<!ENTITY e0 "ha">${Array.from(
  { length: 9 },
  (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`,
).join('')}]>`;

const afterDeclaration = (text: string, insert: string): Buffer =>
  Buffer.from(text.replace(/^(<\?xml[^>]*\?>)?/, `$1${insert}`));

/** The real payload moved into a header, and beside it a copy in the Body without its signature. */
function wrap(text: string): string {
  const [, payload = ''] = /<soap:Body>([\s\S]*)<\/soap:Body>/.exec(text) ?? [];
  const copy = payload.replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/g, '');
  return text.replace(
    /<soap:Body>[\s\S]*<\/soap:Body>/,
    () => `<soap:Header>${payload}</soap:Header><soap:Body>${copy}</soap:Body>`,
  );
}
