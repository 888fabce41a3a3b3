/**
 * Answers of MemberData, written as text: what a mutuality or the broker might send.
 *
 * @module
 */

const N = 'urn:be:cin:nippin:';

export interface AssertionText {
  readonly type?: string;
  readonly from?: string;
  readonly until?: string;
  readonly subject?: string;
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** Before the subject. */
  readonly extra?: string;
  readonly id?: string;
}

/** One assertion. */
export function assertion({
  type = 'insurability:patientData',
  from = '2026-02-09T00:00:00.000+01:00',
  until = '2026-02-10T00:00:00.000+01:00',
  subject = '<saml2:NameID Format="urn:be:fgov:person:ssin">85071599796</saml2:NameID>',
  attributes = {},
  extra = '',
  id = '_a1',
}: AssertionText): string {
  const list = Object.entries(attributes)
    .map(
      ([name, values]) =>
        `<saml2:Attribute Name="${name.startsWith('urn:') ? name : N + name}">${[values]
          .flat()
          .map((value) => `<saml2:AttributeValue>${value}</saml2:AttributeValue>`)
          .join('')}</saml2:Attribute>`,
    )
    .join('');
  return (
    `<saml2:Assertion ID="${id}" IssueInstant="2026-02-09T09:12:32Z" Version="2.0"><saml2:Issuer>IO-BE-300</saml2:Issuer>${extra}` +
    `<saml2:Subject>${subject}</saml2:Subject>` +
    (from === '' ? '' : `<saml2:Conditions NotBefore="${from}" NotOnOrAfter="${until}"/>`) +
    `<saml2:Advice xsi:type="ext:AdviceType"><ext:AssertionType>${N}${type}</ext:AssertionType><ext:Facet id="${N}insurability"/></saml2:Advice>` +
    `<saml2:AttributeStatement>${list}</saml2:AttributeStatement></saml2:Assertion>`
  );
}

export const patientData = (attributes: AssertionText['attributes'] = {}): string =>
  assertion({
    attributes: {
      'urn:be:fgov:person:ssin': '85071599796',
      'careReceiver:name': 'Fictief',
      'careReceiver:firstName': 'Luc',
      ...attributes,
    },
  });

export const period = (
  attributes: AssertionText['attributes'] = {},
  days: Pick<AssertionText, 'from' | 'until'> = {},
): string =>
  assertion({
    type: 'insurability:period',
    attributes: {
      'careReceiver:mutuality': '319',
      'careReceiver:registrationNumber': '0001234567890',
      cb1: '110',
      cb2: '110',
      ...attributes,
    },
    ...days,
  });

export interface ResponseText {
  readonly level1?: string;
  readonly level2?: string;
  /** Inside `StatusDetail`. */
  readonly detail?: string;
  readonly inResponseTo?: string;
  readonly assertions?: readonly string[];
}

/** The inner `Response`. */
export const response = ({
  level1 = 'Success',
  level2,
  detail,
  inResponseTo = '_TOPZ0000000001',
  assertions = [],
}: ResponseText = {}): string =>
  '<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ext="urn:be:cin:nippin:memberdata:saml:extension" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
  `ID="_r1"${inResponseTo === '' ? '' : ` InResponseTo="${inResponseTo}"`} IssueInstant="2026-02-09T09:12:32.400+01:00" Version="2.0"><saml2:Issuer>IO-BE-300</saml2:Issuer>` +
  `<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${level1}">` +
  (level2 === undefined
    ? ''
    : `<saml2p:StatusCode Value="urn:be:cin:nippin:SAML:status:${level2}"/>`) +
  `</saml2p:StatusCode>${detail === undefined ? '' : `<saml2p:StatusDetail>${detail}</saml2p:StatusDetail>`}</saml2p:Status>` +
  `${assertions.join('')}</saml2p:Response>`;

/** A fault of the broker: only its children have a namespace. */
export const fault = (
  code: string,
  { faultCode = 'INPUT_ERROR', source = 'MYCARENET' } = {},
): string =>
  `<Fault xmlns:t="urn:be:cin:types:v1"><t:FaultCode>${faultCode}</t:FaultCode><t:FaultSource>${source}</t:FaultSource><t:Message xml:lang="en">general</t:Message>` +
  `<t:Details><t:Detail><t:DetailCode>${code}</t:DetailCode><t:DetailSource>${source}</t:DetailSource><t:Location>*:AttributeQuery/*:Subject/*:NameID</t:Location><t:Message xml:lang="en">in particular</t:Message></t:Detail></t:Details></Fault>`;

export interface EnvelopeText {
  readonly requestId?: string;
  readonly reference?: string;
  /** Attributes of the Detail. */
  readonly detail?: string;
  readonly content?: Uint8Array | string;
}

/** The payload of the SOAP body. */
export const envelope = ({
  requestId = 'ID_1',
  reference = 'TOPZ0000000001',
  detail = 'ContentType="text/xml" ContentEncoding="none" Id="_d1"',
  content = response(),
}: EnvelopeText = {}): string =>
  '<mda:MemberDataConsultationResponse xmlns:mda="urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1" xmlns:mcp="urn:be:fgov:ehealth:mycarenet:commons:protocol:v3" xmlns:mc="urn:be:fgov:ehealth:mycarenet:commons:core:v3" ' +
  `Id="ID_2" InResponseTo="${requestId}" IssueInstant="2026-02-09T09:12:32.512+01:00"><mcp:Return><mcp:CommonOutput>` +
  `<mc:InputReference>${reference}</mc:InputReference><mc:NIPReference>N2602090001234</mc:NIPReference></mcp:CommonOutput>` +
  `<mcp:Detail ${detail}>${Buffer.from(content).toString('base64')}</mcp:Detail></mcp:Return></mda:MemberDataConsultationResponse>`;
