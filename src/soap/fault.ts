/**
 * SOAP faults, of version 1.1 and 1.2, and the details of the eHealth bus (sts-session §6): what the service
 * said, and what that means for the user.
 *
 * @module
 */

import { SoapFaultError } from '../errors.js';
import { maskSsins } from '../ids/ssin.js';
import { NS_SOAP } from '../xml/namespaces.js';
import { elements } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';

const NEW_SESSION = 'open a new session: topaz session open --force';
const NO_SESSION =
  'check the clock of this machine and the dates of the certificates: topaz cert status';
const OUR_FAULT =
  'this is a mistake of topaz or of the data sent: report the code and the reference';

/** What the codes of the bus ask for (sts-session §6). */
const HINTS: Readonly<Record<string, string>> = {
  'SOA-01001': NEW_SESSION,
  'SOA-01002': 'this holder may not use the service: check the quality of the session',
  'SOA-02001': 'the service is not available; try again later',
  'SOA-02002': 'the service is not available for the moment; try again in some minutes',
  'SOA-03001': OUR_FAULT,
  'SOA-03002': OUR_FAULT,
  'SOA-03003': OUR_FAULT,
  'SOA-03004': OUR_FAULT,
  'SOA-03005': OUR_FAULT,
  'SOA-03006': OUR_FAULT,
  'SOA-03007': OUR_FAULT,
  // Standard codes of WS-Security, where the bus gives none of its own.
  FailedCheck: NEW_SESSION,
  FailedAuthentication: NEW_SESSION,
  InvalidSecurity: NEW_SESSION,
  InvalidSecurityToken: NEW_SESSION,
  SecurityTokenUnavailable: NEW_SESSION,
};

const DETAILS: ReadonlySet<string> = new Set(['SystemError', 'BusinessError', 'fault', 'Fault']);

/** Answers are of version 1.1; a gateway in between may refuse in 1.2. */
export const NS_SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';

/** Whether the element of a Body is a fault of its version of SOAP. */
export const isFault = ({ name, namespace }: XmlElement): boolean =>
  name === 'Fault' && (namespace === NS_SOAP || namespace === NS_SOAP12);

/** Longer ones are no messages for people. */
const MAX_TEXT = 500;

/**
 * The error of a fault: code and message of the details (of the eHealth bus, or of MyCareNet with
 * `FaultCode`, mycarenet §3.8), else of the fault itself. Numbers of persons are masked.
 *
 * Children of `Fault` are unqualified in SOAP 1.1; those of the details are too, by the schema, but some
 * answers qualify them: local names count.
 */
export function faultError(
  service: string,
  statusCode: number,
  fault: XmlElement,
  serverDate?: Date,
): SoapFaultError {
  const value = (parent: XmlElement | undefined, name: string): string | undefined => {
    const found = elements(parent).find((each) => each.name === name);
    return found === undefined ? undefined : flatText(found);
  };
  const { details, reason: faultString, code: standard } = anatomy(fault, value);
  const detail = elements(details).find(({ name }) => DETAILS.has(name));
  const code =
    [
      value(detail, 'Code'),
      value(detail, 'FaultCode'),
      /\bSOA-\d{5}\b/.exec(faultString)?.[0],
      standard,
    ].find((each) => each !== undefined && each !== '') ?? 'Fault';
  const known = HINTS[code];
  const retry = value(detail, 'Retry');
  const clock = /MessageExpired/i.test(standard) || /timestamp/i.test(faultString);
  return new SoapFaultError(
    {
      service,
      statusCode,
      faultCode: code,
      faultString: value(detail, 'Message') ?? faultString,
      retry: retry === undefined ? undefined : retry === 'true' || retry === '1',
      ticket: detail?.attributes.find(({ name }) => name === 'Id')?.value,
      standardCode: standard,
      serverDate,
    },
    {
      hint: clock
        ? 'check the clock of this machine: the service found the message too old or too new'
        : known === NEW_SESSION && service === 'sts'
          ? NO_SESSION
          : (known ?? 'report the code and the reference to the service desk of eHealth'),
    },
  );
}

type Value = (parent: XmlElement | undefined, name: string) => string | undefined;

/** Where each version keeps its parts. Of the codes of 1.2 the innermost says most. */
function anatomy(
  fault: XmlElement,
  value: Value,
): {
  readonly details: XmlElement | undefined;
  readonly reason: string;
  readonly code: string;
} {
  const named = (parent: XmlElement | undefined, name: string): XmlElement | undefined =>
    elements(parent).find((each) => each.name === name);
  if (fault.namespace === NS_SOAP) {
    return {
      details: named(fault, 'detail'),
      reason: value(fault, 'faultstring') ?? '',
      code: localName(value(fault, 'faultcode')),
    };
  }
  const code = named(fault, 'Code');
  return {
    details: named(fault, 'Detail'),
    reason: value(named(fault, 'Reason'), 'Text') ?? '',
    code: localName(value(named(code, 'Subcode'), 'Value') ?? value(code, 'Value')),
  };
}

const localName = (name: string | undefined): string => (name ?? '').replace(/^[^:]*:/, '');

/** Text without structure: messages of faults are for people, and may name some. */
const flatText = (element: XmlElement): string =>
  maskSsins(textOf(element).replace(/\s+/g, ' ').trim()).slice(0, MAX_TEXT);

function textOf({ children }: XmlElement): string {
  return children
    .map((node) =>
      node.kind === 'element' ? ` ${textOf(node)} ` : node.kind === 'text' ? node.text : '',
    )
    .join('');
}
