/**
 * Namespace names of the formats below the services. Names of one service stand in its own folder.
 *
 * @module
 */

export const NS_XML = 'http://www.w3.org/XML/1998/namespace';
export const NS_XMLNS = 'http://www.w3.org/2000/xmlns/';
export const NS_SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
export const NS_WSSE =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
export const NS_WSU =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
export const NS_WSSE11 = 'http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd';
export const NS_DS = 'http://www.w3.org/2000/09/xmldsig#';
export const NS_EC = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const NS_SAML = 'urn:oasis:names:tc:SAML:1.0:assertion';
export const NS_SAMLP = 'urn:oasis:names:tc:SAML:1.0:protocol';
export const NS_SAML2 = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const NS_SAML2P = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const NS_XSI = 'http://www.w3.org/2001/XMLSchema-instance';
export const NS_XOP = 'http://www.w3.org/2004/08/xop/include';
export const NS_XMIME = 'http://www.w3.org/2005/05/xmlmime';
export const NS_WSA = 'http://www.w3.org/2005/08/addressing';

/** Prefixes that attribute names may be written with in `build.ts`. */
export const PREFIXES: Readonly<Record<string, string>> = {
  xml: NS_XML,
  wsu: NS_WSU,
  wsse11: NS_WSSE11,
  xsi: NS_XSI,
  xmime: NS_XMIME,
  soap: NS_SOAP,
};
