/**
 * Answers of the registration authority as text, to be changed by tests, and a service that gives them.
 *
 * @module
 */

import type { Call, SoapRequest } from '../../src/soap/call.js';
import { readXml } from '../../src/xml/read.js';

const NAMESPACES =
  'xmlns:p="urn:be:fgov:ehealth:certra:protocol:v2" xmlns:c="urn:be:fgov:ehealth:certra:core:v2" ' +
  'xmlns:k="urn:be:fgov:ehealth:etkra:protocol:v2" xmlns:core="urn:be:fgov:ehealth:commons:core:v2"';

export const SUCCESS =
  '<core:Status><core:StatusCode Value="urn:be:fgov:ehealth:2.0:status:Success"/></core:Status>';

/** A status that refuses, with these codes. */
export const refused = (...codes: readonly string[]): string =>
  '<core:Status><core:StatusCode Value="urn:be:fgov:ehealth:2.0:status:Responder"/>' +
  '<core:StatusMessage>text for humans</core:StatusMessage><core:StatusDetail>' +
  '<e:EteeStatusDetail xmlns:e="urn:be:fgov:ehealth:etee:commons:core:v2">' +
  codes
    .map(
      (code) =>
        `<Errors><Code>${code}</Code><Message>about 79021599732</Message>` +
        '<Parameters><Name>dn</Name><Value>SSIN=79021599732</Value></Parameters></Errors>',
    )
    .join('') +
  '</e:EteeStatusDetail></core:StatusDetail></core:Status>';

/** The whole answer; `name` with its prefix (`p:GetCertificateResponse`). */
export const answer = (name: string, content: string, inResponseTo?: string): string =>
  `<${name} ${NAMESPACES} Id="_2" IssueInstant="2026-01-15T09:30:01.000+01:00"` +
  `${inResponseTo === undefined ? '' : ` InResponseTo="${inResponseTo}"`}>${content}</${name}>`;

/** A service that gives this answer; `sent` remembers what was asked. */
export function service(xml: string): { readonly call: Call; readonly sent: SoapRequest[] } {
  const sent: SoapRequest[] = [];
  return {
    sent,
    call: (request) => {
      sent.push(request);
      const payload = readXml(xml);
      return Promise.resolve({
        status: 200,
        payload,
        envelope: payload,
        headers: {},
        raw: new Uint8Array(),
        parts: new Map(),
      });
    },
  };
}
