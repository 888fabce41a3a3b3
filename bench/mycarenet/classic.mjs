/**
 * The same batch as it is usually written: templates and xml-crypto for the request, axios over mutual TLS,
 * fast-xml-parser for the answer, its signatures verified by xml-crypto, a line in a file for each answer.
 */
import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { Agent } from 'node:https';

import { DOMParser } from '@xmldom/xmldom';
import axios from 'axios';
import { XMLParser } from 'fast-xml-parser';
import { SignedXml } from 'xml-crypto';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SAML2 = 'urn:oasis:names:tc:SAML:2.0:assertion';

export function openClassic({
  url,
  caPem,
  keyPem,
  certificatePem,
  connections,
  requestOf,
  journal,
}) {
  const client = axios.create({
    httpsAgent: new Agent({ keepAlive: true, maxSockets: connections, ca: caPem, key: keyPem, cert: certificatePem }),
    responseType: 'text',
    headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '""' },
  }); // prettier-ignore
  const parser = new XMLParser({
    ignoreAttributes: false,
    removeNSPrefix: true,
    parseTagValue: false,
  });
  const root = new X509Certificate(caPem);

  function signed(xml) {
    const signer = new SignedXml({
      privateKey: keyPem,
      publicCert: certificatePem,
      idMode: 'wssecurity',
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      canonicalizationAlgorithm: EXCLUSIVE,
    });
    for (const name of ['Body', 'Timestamp']) {
      signer.addReference({
        xpath: `//*[local-name(.)='${name}']`,
        transforms: [EXCLUSIVE],
        digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
      });
    }
    signer.computeSignature(xml, {
      prefix: 'ds',
      location: { reference: "//*[local-name(.)='Timestamp']", action: 'after' },
    });
    return signer.getSignedXml();
  }

  function verify(inner) {
    const document = new DOMParser().parseFromString(inner, 'text/xml');
    for (const assertion of Array.from(document.getElementsByTagNameNS(SAML2, 'Assertion'))) {
      const signature = assertion.getElementsByTagNameNS(DS, 'Signature')[0];
      if (signature === undefined) {
        continue;
      }
      const certificate = signature.getElementsByTagNameNS(DS, 'X509Certificate')[0].textContent;
      const leaf = new X509Certificate(Buffer.from(certificate, 'base64'));
      const verifier = new SignedXml({ publicCert: leaf.toString() });
      verifier.loadSignature(signature);
      if (!verifier.checkSignature(assertion.toString()) || !leaf.verify(root.publicKey)) {
        throw new Error('a signature does not hold');
      }
    }
  }

  async function askOne(question) {
    const { data } = await client.post(url, signed(requestOf(question, randomUUID())));
    const body = parser.parse(data).Envelope.Body.MemberDataConsultationResponse;
    const inner = Buffer.from(body.Return.Detail['#text'], 'base64').toString('utf8');
    verify(inner);
    const response = parser.parse(inner).Response;
    const key = createHash('sha256').update(JSON.stringify(question)).digest('hex');
    appendFileSync(journal, `${JSON.stringify({ key, assertions: response.Assertion.map(({ AttributeStatement }) => AttributeStatement) })}\n`);
  } // prettier-ignore

  return {
    ask: async (questions) => {
      let next = 0;
      await Promise.all(
        Array.from({ length: connections }, async () => {
          while (next < questions.length) {
            const question = questions[next];
            next += 1;
            await askOne(question);
          }
        }),
      );
      return questions.length;
    },
    close: () => undefined,
  };
}
