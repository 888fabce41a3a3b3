/**
 * Signed assertions, as some mutualities send them (mycarenet §1.7): here those of the federation 500. Signed with
 * xml-crypto, so that the client's verifier never meets its own signer.
 *
 * @module
 */

import { SignedXml } from 'xml-crypto';

import { toPem } from './citizen-pki.js';
import type { Exchange, Sandbox } from './exchange.js';
import { ENVELOPED, EXC_C14N, RSA_SHA256, SHA256 } from './names.js';
import { raw } from './xml-text.js';
import type { Markup } from './xml-text.js';

const SIGNING_FEDERATION = 'IO-BE-500';

/** Signs every assertion of a response where the mutuality does so, or where a bad signature is to be played. */
export function signAssertions(
  response: Markup,
  issuer: string,
  { hints }: Exchange,
  { pki }: Sandbox,
): Markup {
  if (issuer !== SIGNING_FEDERATION && !hints.badSignature) {
    return response;
  }
  const ids = [...response.text.matchAll(/<saml2:Assertion ID="([^"]+)"/g)].map(
    ([, id = '']) => id,
  );
  let xml = response.text;
  for (const id of ids) {
    const signer = new SignedXml({
      idAttribute: 'ID',
      privateKey: pki.senders.privateKey,
      publicCert: toPem(pki.senders.certificate.der),
      signatureAlgorithm: RSA_SHA256,
      canonicalizationAlgorithm: EXC_C14N,
    });
    const assertion = `//*[@ID='${id}']`;
    signer.addReference({
      xpath: assertion,
      transforms: [ENVELOPED, EXC_C14N],
      digestAlgorithm: SHA256,
    });
    // The schema wants the signature behind the issuer.
    const location = {
      reference: `${assertion}/*[local-name(.)='Issuer']`,
      action: 'after' as const,
    };
    signer.computeSignature(xml, { prefix: 'ds', location });
    xml = signer.getSignedXml();
  }
  return raw(hints.badSignature ? spoil(xml) : xml);
}

/** One digit of the rights, after the signature. */
const spoil = (xml: string): string =>
  xml.replace(/(cb1"><saml2:AttributeValue>\d\d)(\d)/, (_, start: string, last: string) => `${start}${last === '0' ? '1' : '0'}`); // prettier-ignore
