/**
 * The assertion of the STS, signed with xml-crypto: the client's verifier never meets its own signer.
 *
 * @module
 */

import { SignedXml } from 'xml-crypto';

import type { Certificate } from '../x509/certificate.js';
import { toPem } from './citizen-pki.js';
import type { Authority } from './citizen-pki.js';
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
  // For faults; without them the assertion is as it should be.
  readonly badSignature?: boolean;
  readonly signer?: Authority;
  /** In the second statement alone: that is where one is overlooked. */
  readonly secondHolder?: Certificate;
  readonly issuer?: string;
  readonly method?: string;
  readonly audience?: string;
}

const NAME_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName';

/** Builds and signs an assertion: default namespace, signature as last child. */
export function makeAssertion(sandbox: Sandbox, values: AssertionValues): Markup {
  const name = el(
    'NameIdentifier',
    { Format: NAME_FORMAT, NameQualifier: values.issuerDn },
    values.subjectDn,
  );
  const { holder, secondHolder = holder } = values;
  const now = sandbox.now().toISOString();
  const unsigned = el(
    'Assertion',
    {
      xmlns: SAML,
      AssertionID: `_${sandbox.newId().replaceAll('-', '')}`,
      IssueInstant: now,
      Issuer: values.issuer ?? STS_ISSUER,
      MajorVersion: '1',
      MinorVersion: '1',
    },
    el(
      'Conditions',
      {
        NotBefore: values.notBefore.toISOString(),
        NotOnOrAfter: values.notOnOrAfter.toISOString(),
      },
      values.audience === undefined
        ? undefined
        : el('AudienceRestrictionCondition', {}, el('Audience', {}, values.audience)),
    ),
    el(
      'AuthenticationStatement',
      {
        AuthenticationInstant: now,
        AuthenticationMethod: 'urn:oasis:names:tc:SAML:1.0:am:X509-PKI',
      },
      el('Subject', {}, name, confirmationOf(holder, values.method)),
    ),
    el(
      'AttributeStatement',
      {},
      el('Subject', {}, name, confirmationOf(secondHolder, values.method)),
      values.attributes.map((attribute) =>
        el(
          'Attribute',
          { AttributeName: attribute.name, AttributeNamespace: attribute.namespace },
          attribute.values.map((value) => el('AttributeValue', {}, value)),
        ),
      ),
    ),
  );
  const signed = signAssertion(unsigned.text, values.signer ?? sandbox.pki.sts);
  return raw(values.badSignature === true ? spoilValue(signed) : signed);
}

const confirmationOf = (holder: Certificate, method = HOLDER_OF_KEY): Markup =>
  el(
    'SubjectConfirmation',
    {},
    el('ConfirmationMethod', {}, method),
    el(
      'ds:KeyInfo',
      { 'xmlns:ds': DS },
      el(
        'ds:X509Data',
        {},
        el('ds:X509Certificate', {}, Buffer.from(holder.der).toString('base64')),
      ),
    ),
  );

function signAssertion(xml: string, { privateKey, certificate }: Authority): string {
  const signer = new SignedXml({
    idAttribute: 'AssertionID',
    privateKey,
    publicCert: toPem(certificate.der),
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
