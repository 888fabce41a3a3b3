/** What a mutuality says of an insured patient: three assertions, each signed as its own document. */
import { SignedXml } from 'xml-crypto';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const NIPPIN = 'urn:be:cin:nippin:';
const ISSUED = '2026-01-01T09:12:32.410+01:00';

const attribute = (name, value) =>
  `<saml2:Attribute Name="${name}"><saml2:AttributeValue>${value}</saml2:AttributeValue></saml2:Attribute>`;

const assertion = (ssin, type, id, attributes) =>
  `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ext="urn:be:cin:nippin:memberdata:saml:extension" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="${id}" IssueInstant="${ISSUED}" Version="2.0"><saml2:Issuer>IO-BE-300</saml2:Issuer><saml2:Subject><saml2:NameID Format="urn:be:fgov:person:ssin">${ssin}</saml2:NameID></saml2:Subject><saml2:Conditions NotBefore="2026-01-01T00:00:00.000+01:00" NotOnOrAfter="2027-01-01T00:00:00.000+01:00"/><saml2:Advice xsi:type="ext:AdviceType"><ext:AssertionType>${NIPPIN}insurability:${type}</ext:AssertionType><ext:Facet id="${NIPPIN}insurability"><Dimension id="requestType">information</Dimension><Dimension id="contactType">other</Dimension></ext:Facet></saml2:Advice><saml2:AttributeStatement>${attributes.map(([name, value]) => attribute(name, value)).join('')}</saml2:AttributeStatement></saml2:Assertion>`;

const assertionsOf = (ssin) => [
  assertion(ssin, 'patientData', '_a1', [
    ['urn:be:fgov:person:ssin', ssin],
    [`${NIPPIN}careReceiver:name`, 'Exemple'],
    [`${NIPPIN}careReceiver:firstName`, 'Jean'],
    [`${NIPPIN}careReceiver:birthDate`, '1950-01-01'],
    [`${NIPPIN}careReceiver:gender`, 'male'],
  ]),
  assertion(ssin, 'period', '_a2', [
    [`${NIPPIN}careReceiver:registrationNumber`, '0001234567890'],
    [`${NIPPIN}careReceiver:mutuality`, '319'],
    [`${NIPPIN}cb1`, '111'],
    [`${NIPPIN}cb2`, '111'],
    [`${NIPPIN}communicationDate`, '2026-01-01'],
  ]),
  assertion(ssin, 'payment', '_a3', [[`${NIPPIN}payment:byIO`, 'True']]),
];

function signed(xml, { key, certificate }) {
  const signer = new SignedXml({
    idAttribute: 'ID',
    privateKey: key,
    publicCert: certificate,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  signer.addReference({
    xpath: '/*',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `/*/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

/** By patient, the assertions as one text; signed where there is a key for it. */
export const cannedAssertions = (people, signing) =>
  new Map(
    people.map((ssin) => [
      ssin,
      assertionsOf(ssin)
        .map((xml) => (signing === undefined ? xml : signed(xml, signing)))
        .join(''),
    ]),
  );

/** The answer to one question. */
export function answerTo({ requestId, reference, assertions }) {
  const inner = `<?xml version="1.0" encoding="UTF-8"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_R1" InResponseTo="_${reference}" IssueInstant="${ISSUED}" Version="2.0"><saml2:Issuer>IO-BE-300</saml2:Issuer><saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>${assertions}</saml2p:Response>`;
  return `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body><mda:MemberDataConsultationResponse xmlns:mda="urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1" xmlns:mcp="urn:be:fgov:ehealth:mycarenet:commons:protocol:v3" xmlns:mc="urn:be:fgov:ehealth:mycarenet:commons:core:v3" Id="ID_1" InResponseTo="${requestId}" IssueInstant="${ISSUED}"><mcp:Return><mcp:CommonOutput><mc:InputReference>${reference}</mc:InputReference><mc:NIPReference>N2601010001234</mc:NIPReference><mc:OutputReference>O2601010005678</mc:OutputReference></mcp:CommonOutput><mcp:Detail ContentType="text/xml" ContentEncoding="none" Id="_d1">${Buffer.from(inner).toString('base64')}</mcp:Detail></mcp:Return></mda:MemberDataConsultationResponse></soap:Body></soap:Envelope>`;
}
