/** A request as text, for the peers that make no XML themselves. */
import { randomUUID } from 'node:crypto';

const NIPPIN = 'urn:be:cin:nippin:';
export const ASSERTION_ID = '_0123456789abcdef0123456789abcdef';
/** About the size of a real one. */
export const ASSERTION = `<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="${ASSERTION_ID}" IssueInstant="2026-03-02T09:00:00Z" Issuer="urn:be:fgov:ehealth:sts:1_0" MajorVersion="1" MinorVersion="1"><AttributeStatement>${'<Attribute AttributeName="urn:be:fgov:person:ssin" AttributeNamespace="urn:be:fgov:identification-namespace"><AttributeValue>79021599732</AttributeValue></Attribute>'.repeat(12)}</AttributeStatement></Assertion>`;

let count = 0;

/** One question; its WS-Security header has everything but the signature. */
export function requestOf({ ssin, day }, id = randomUUID()) {
  count += 1;
  const reference = `B${String(count).padStart(13, '0')}`;
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  const query = `<?xml version="1.0" encoding="UTF-8"?><samlp:AttributeQuery xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ext="urn:be:cin:nippin:memberdata:saml:extension" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_${reference}" Version="2.0" IssueInstant="${new Date().toISOString()}"><saml:Issuer Format="${NIPPIN}nihii11">19547181004</saml:Issuer><samlp:Extensions xsi:type="ext:ExtensionsType"><ext:Facet id="${NIPPIN}insurability"><Dimension id="requestType">information</Dimension><Dimension id="contactType">other</Dimension></ext:Facet></samlp:Extensions><saml:Subject><saml:NameID Format="urn:be:fgov:person:ssin">${ssin}</saml:NameID><saml:SubjectConfirmation Method="${NIPPIN}memberIdentification"><saml:SubjectConfirmationData NotBefore="${day}T00:00:00.000+01:00" NotOnOrAfter="${next}T00:00:00.000+01:00"/></saml:SubjectConfirmation></saml:Subject></samlp:AttributeQuery>`;
  const created = new Date();
  const expires = new Date(created.getTime() + 60_000);
  return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" soap:mustUnderstand="1"><wsu:Timestamp wsu:Id="TS-${id}"><wsu:Created>${created.toISOString()}</wsu:Created><wsu:Expires>${expires.toISOString()}</wsu:Expires></wsu:Timestamp>${ASSERTION}</wsse:Security></soap:Header><soap:Body><mda:MemberDataConsultationRequest xmlns:mda="urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1" xmlns:mcp="urn:be:fgov:ehealth:mycarenet:commons:protocol:v3" xmlns:mc="urn:be:fgov:ehealth:mycarenet:commons:core:v3" Id="ID_${id}" IssueInstant="${created.toISOString()}"><mcp:CommonInput><mc:Request><mc:IsTest>true</mc:IsTest></mc:Request><mc:Origin><mc:Package><mc:Name>topaz-bench</mc:Name><mc:License><mc:Username>bench</mc:Username><mc:Password>licence of the bench</mc:Password></mc:License></mc:Package><mc:CareProvider><mc:Nihii><mc:Quality>doctor</mc:Quality><mc:Value>19547181004</mc:Value></mc:Nihii><mc:PhysicalPerson><mc:Name>Jean Exemple</mc:Name><mc:Nihii><mc:Quality>doctor</mc:Quality><mc:Value>19547181004</mc:Value></mc:Nihii><mc:Ssin>79021599732</mc:Ssin></mc:PhysicalPerson></mc:CareProvider></mc:Origin><mc:InputReference>${reference}</mc:InputReference></mcp:CommonInput><mcp:Detail ContentType="text/xml" ContentEncoding="none" Id="_${id}">${Buffer.from(query).toString('base64')}</mcp:Detail></mda:MemberDataConsultationRequest></soap:Body></soap:Envelope>`;
}
