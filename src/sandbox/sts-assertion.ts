/**
 * The assertion of the STS, signed with xml-crypto: the client's verifier never meets its own signer.
 *
 * @module
 */

import { SignedXml } from 'xml-crypto';

import type { Certificate } from '../x509/certificate.js';
import { toPem } from './citizen-pki.js';
import type { Sandbox } from './exchange.js';
import { DS, ENVELOPED, EXC_C14N, HOLDER_OF_KEY, RSA_SHA256, SAML, SHA256, STS_ISSUER } from './names.js'; // prettier-ignore
import type { Attribute } from './sts-directory.js';
import { el, raw } from './xml-text.js';
import type { Markup } from './xml-text.js';

export interface AssertionValues {
  readonly subjectDn: string;
  readonly issuerDn: string;
  readonly holder: Certificate;
  readonly notBefore: Date;
  readonly notOnOrAfter: Date;
  readonly attributes: readonly Attribute[];
  /** Spoils the signature, for the fault of that name. */
  readonly badSignature: boolean;
}

const NAME_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName';

/** Builds and signs an assertion: default namespace, signature as last child. */
export function makeAssertion(sandbox: Sandbox, values: AssertionValues): Markup {
  const name = el(
    'NameIdentifier',
    { Format: NAME_FORMAT, NameQualifier: values.issuerDn },
    values.subjectDn,
  );
  const confirmation = el(
    'SubjectConfirmation',
    {},
    el('ConfirmationMethod', {}, HOLDER_OF_KEY),
    el(
      'ds:KeyInfo',
      { 'xmlns:ds': DS },
      el(
        'ds:X509Data',
        {},
        el('ds:X509Certificate', {}, Buffer.from(values.holder.der).toString('base64')),
      ),
    ),
  );
  const now = sandbox.now().toISOString();
  const unsigned = el(
    'Assertion',
    {
      xmlns: SAML,
      AssertionID: `_${sandbox.newId().replaceAll('-', '')}`,
      IssueInstant: now,
      Issuer: STS_ISSUER,
      MajorVersion: '1',
      MinorVersion: '1',
    },
    el('Conditions', {
      NotBefore: values.notBefore.toISOString(),
      NotOnOrAfter: values.notOnOrAfter.toISOString(),
    }),
    el(
      'AuthenticationStatement',
      {
        AuthenticationInstant: now,
        AuthenticationMethod: 'urn:oasis:names:tc:SAML:1.0:am:X509-PKI',
      },
      el('Subject', {}, name, confirmation),
    ),
    el(
      'AttributeStatement',
      {},
      el('Subject', {}, name, confirmation),
      values.attributes.map((attribute) =>
        el(
          'Attribute',
          { AttributeName: attribute.name, AttributeNamespace: attribute.namespace },
          attribute.values.map((value) => el('AttributeValue', {}, value)),
        ),
      ),
    ),
  );
  const signed = signAssertion(unsigned.text, sandbox);
  return raw(values.badSignature ? spoilValue(signed) : signed);
}

function signAssertion(xml: string, { pki }: Sandbox): string {
  const signer = new SignedXml({
    idAttribute: 'AssertionID',
    privateKey: pki.sts.privateKey,
    publicCert: toPem(pki.sts.certificate.der),
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXC_C14N,
  });
  signer.addReference({
    xpath: '/*',
    transforms: [ENVELOPED, EXC_C14N],
    digestAlgorithm: SHA256,
  });
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: '/*', action: 'append' } });
  return signer.getSignedXml();
}

/** Another value of the same length and form. */
const spoilValue = (xml: string): string =>
  xml.replace(
    /(<ds:SignatureValue>)(.)/,
    (_, start: string, first: string) => `${start}${first === 'A' ? 'B' : 'A'}`,
  );
