/**
 * Signatures on the assertions of MemberData (mycarenet §1.7). They are optional; one that is there and does not hold
 * makes the answer worthless. What cannot be judged, a form of XAdES or a signer whom the profile does not trust, is
 * told: the answer itself came over a channel that is.
 *
 * @module
 */

import { parseCertificate } from '../../x509/certificate.js';
import type { Certificate } from '../../x509/certificate.js';
import { buildPath } from '../../x509/chain.js';
import { C14N_EXCLUSIVE, DIGEST_SHA256, SIGNATURE_URIS } from '../../xml/algorithms.js';
import { NS_DS, NS_SAML2 } from '../../xml/namespaces.js';
import { attribute, child, children, elements, text, walk } from '../../xml/query.js';
import type { XmlElement } from '../../xml/tree.js';
import { verifyXml } from '../../xml/verify.js';

/** Who may sign, and the day that counts. */
export interface SignatureTrust {
  /** Roots of eHealth certificates; none = nobody is known. */
  readonly roots: readonly Certificate[];
  readonly now: Date;
}

export interface CheckedResponse {
  /** The response, its signed assertions read anew from what was signed. */
  readonly root: XmlElement;
  /** Why some signature could not be judged, each reason once. */
  readonly unchecked: readonly string[];
}

const FORM = 'the signature has a form that topaz does not check';
const SIGNER = 'the signer is not among those whom the profile trusts (trust.ehealthRoots)';

/**
 * Checks every signature that an assertion carries.
 *
 * @throws TopazError `E_SIGNATURE_INVALID` for one that does not hold; `E_ASN1_MALFORMED` for its certificate.
 */
export function checkSignatures(root: XmlElement, trust: SignatureTrust): CheckedResponse {
  const unchecked = new Set<string>();
  const checked = root.children.map((node) => {
    if (node.kind !== 'element' || node.name !== 'Assertion' || node.namespace !== NS_SAML2) {
      return node;
    }
    const signature = child(node, NS_DS, 'Signature');
    if (signature === undefined) {
      return node;
    }
    const certificates = certificatesOf(signature);
    if (!isOurForm(signature) || certificates.length === 0 || repeatsNames(node)) {
      unchecked.add(FORM);
      return node;
    }
    // Quirk: every assertion echoes `<Facet id>` with the same URN, which a verifier takes for the id of an element.
    // So each is judged as the only one of the response; its signature names nothing but itself.
    const alone = { ...root, children: [node] };
    const { element, certificate } = verifyXml(node, alone, {
      trusted: certificates,
      idAttribute: 'ID',
    });
    if (buildPath(certificate, certificates, trust.roots, trust.now) === undefined) {
      unchecked.add(SIGNER);
    }
    return element;
  });
  return { root: { ...root, children: checked }, unchecked: [...unchecked] };
}

/** One reference and nothing else, with the algorithms that `verifyXml` takes: not XAdES, no SHA-1. */
function isOurForm(signature: XmlElement): boolean {
  const info = child(signature, NS_DS, 'SignedInfo');
  const references = children(info, NS_DS, 'Reference');
  const algorithm = (parent: XmlElement | undefined, name: string): string | undefined =>
    attribute(child(parent, NS_DS, name), 'Algorithm');
  const method = algorithm(info, 'SignatureMethod');
  const transforms = children(child(references[0], NS_DS, 'Transforms'), NS_DS, 'Transform');
  return (
    elements(signature).every(({ name }) => ['SignedInfo', 'SignatureValue', 'KeyInfo'].includes(name)) &&
    references.length === 1 &&
    algorithm(info, 'CanonicalizationMethod') === C14N_EXCLUSIVE &&
    algorithm(references[0], 'DigestMethod') === DIGEST_SHA256 &&
    Object.entries(SIGNATURE_URIS).some(([name, uri]) => uri === method && name !== 'rsa-sha1') &&
    transforms.length === 2 &&
    // Some write the prefixes of the second transform into the first one too.
    elements(transforms[0]).length === 0
  ); // prettier-ignore
}

/** Dimensions that may be repeated (`carePathType`) would be two elements with one id. */
function repeatsNames(assertion: XmlElement): boolean {
  const names = [...walk(assertion)].flatMap((element) => attribute(element, 'id') ?? []);
  return new Set(names).size < names.length;
}

const certificatesOf = (signature: XmlElement): readonly Certificate[] =>
  children(child(signature, NS_DS, 'KeyInfo'), NS_DS, 'X509Data')
    .flatMap((data) => children(data, NS_DS, 'X509Certificate'))
    .map((element) => certificateOf(text(element).replace(/\s/g, '')));

/**
 * The last ones by their text: a mutuality signs every assertion of a batch with the same one, and to read it costs
 * more than to verify a signature.
 */
const lastRead = new Map<string, Certificate>();
const MOST_READ = 16;

function certificateOf(base64: string): Certificate {
  const known = lastRead.get(base64);
  if (known !== undefined) {
    return known;
  }
  const certificate = parseCertificate(Uint8Array.from(Buffer.from(base64, 'base64')));
  if (lastRead.size >= MOST_READ) {
    lastRead.clear();
  }
  lastRead.set(base64, certificate);
  return certificate;
}
