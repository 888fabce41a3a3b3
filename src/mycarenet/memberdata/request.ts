/**
 * Values → the XML of a MemberData request (mycarenet §1.2, §1.4). Pure.
 *
 * @module
 */

import { namespace } from '../../xml/build.js';
import { NS_SAML2, NS_SAML2P, NS_XSI } from '../../xml/namespaces.js';
import type { XmlElement } from '../../xml/tree.js';
import { writeXml } from '../../xml/write.js';
import { addDays, formatMidnight } from '../belgian-day.js';
import { blobElement } from '../blob.js';
import { commonInputElement } from '../common-input.js';
import type { CommonInput } from '../common-input.js';
import {
  NIPPIN,
  NS_COMMONS_CORE,
  NS_COMMONS_PROTOCOL,
  NS_MEMBERDATA,
  NS_MEMBERDATA_EXTENSION,
} from '../names.js';
import { facetsOf, nameIdOf } from './query.js';
import type { MemberDataQuery } from './query.js';
import { SEALED_FOR_BED } from './sealed.js';

export interface MemberDataRequest {
  readonly commonInput: CommonInput;
  readonly query: MemberDataQuery;
  /** Of the request; an XML name. */
  readonly id: string;
  /** Of the `Detail`; an XML name. */
  readonly detailId: string;
  readonly issuedAt: Date;
}

const mda = namespace('mda', NS_MEMBERDATA);
const mcp = namespace('mcp', NS_COMMONS_PROTOCOL);
const mc = namespace('mc', NS_COMMONS_CORE);
const samlp = namespace('samlp', NS_SAML2P);
const saml = namespace('saml', NS_SAML2);
const ext = namespace('ext', NS_MEMBERDATA_EXTENSION);
// Quirk: Dimension has no namespace; so no default namespace may stand above it.
const bare = namespace('', '');

const ISSUER_FORMAT = `${NIPPIN}nihii11`;
const CONFIRMATION_METHOD = `${NIPPIN}memberIdentification`;

/** By the broker's rule the query's ID is that of the envelope; an answer names it. */
export const queryId = (inputReference: string): string => `_${inputReference}`;

/** The question as the bytes that are carried, in clear or sealed. */
export const queryBytes = (request: MemberDataRequest): Uint8Array =>
  new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>${writeXml(attributeQuery(request))}`,
  );

/**
 * The SOAP payload.
 *
 * @param sealed The question, sealed for the broker; without it, the question goes in clear.
 */
export function memberDataRequest(request: MemberDataRequest, sealed?: Uint8Array): XmlElement {
  const { commonInput, id, detailId, issuedAt } = request;
  const root = mda(
    'MemberDataConsultationRequest',
    { Id: id, IssueInstant: issuedAt.toISOString() },
    commonInputElement(mcp, mc, commonInput),
    // The outer Detail of MemberData is never deflated.
    blobElement(mcp, 'Detail', sealed ?? queryBytes(request), {
      id: detailId,
      contentType: 'text/xml',
      encoding: 'none',
      attributes: sealed === undefined ? {} : { ContentEncryption: SEALED_FOR_BED },
    }),
  );
  return {
    ...root,
    declarations: [
      { prefix: 'mcp', uri: NS_COMMONS_PROTOCOL },
      { prefix: 'mc', uri: NS_COMMONS_CORE },
    ],
  };
}

/** The question inside. */
export function attributeQuery({ commonInput, query, issuedAt }: MemberDataRequest): XmlElement {
  const nameId = nameIdOf(query.patient);
  const root = samlp(
    'AttributeQuery',
    {
      ID: queryId(commonInput.inputReference),
      Version: '2.0',
      IssueInstant: issuedAt.toISOString(),
    },
    saml('Issuer', { Format: ISSUER_FORMAT }, commonInput.origin.careProvider.nihii),
    samlp(
      'Extensions',
      { 'xsi:type': 'ext:ExtensionsType' },
      facetsOf(query).map(({ name, dimensions }) =>
        ext(
          'Facet',
          { id: `${NIPPIN}${name}` },
          dimensions.map(([id, value]) => bare('Dimension', { id }, value)),
        ),
      ),
    ),
    saml(
      'Subject',
      {},
      saml('NameID', { Format: nameId.format }, nameId.value),
      saml(
        'SubjectConfirmation',
        { Method: CONFIRMATION_METHOD },
        saml('SubjectConfirmationData', {
          NotBefore: formatMidnight(query.from),
          NotOnOrAfter: formatMidnight(addDays(query.to, 1)),
        }),
      ),
    ),
  );
  return {
    ...root,
    declarations: [
      { prefix: 'saml', uri: NS_SAML2 },
      // Quirk: a QName in an attribute's value needs its prefix where it stands; nothing else shows that.
      { prefix: 'ext', uri: NS_MEMBERDATA_EXTENSION },
      { prefix: 'xsi', uri: NS_XSI },
    ],
  };
}
