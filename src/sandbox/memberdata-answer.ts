/**
 * What MemberData answers: a SAML 2.0 `Response` with one assertion per fact, or a status with a `Fault`
 * (mycarenet §1.7). Names of attributes that were never seen are marked; a client must not rely on them.
 *
 * @module
 */

import type { Exchange, Sandbox } from './exchange.js';
import { detailRow } from './memberdata-faults.js';
import type { AskedFacet } from './memberdata-facets.js';
import { NIPPIN } from './memberdata-facets.js';
import type { MemberQuery } from './memberdata-query.js';
import { CIN_TYPES, MDA_EXTENSION, SAML2, SAML2P, XSI } from './names.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

/** One assertion. */
export interface Statement {
  /** Without the URN in front. */
  readonly type: string;
  /** The facet that it answers. */
  readonly facet: string;
  readonly notBefore: string;
  readonly notOnOrAfter: string;
  /** Name (without the URN in front, unless it is one of its own) and value. */
  readonly attributes: readonly (readonly [string, string])[];
}

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';
const DETAIL_STATUS = 'urn:be:cin:nippin:SAML:status:';

/** `IO-BE-300`: how a mutuality signs its words. */
export const issuerOf = (mutuality: string): string => `IO-BE-${mutuality.charAt(0)}00`;

export interface ResponseValues {
  readonly inResponseTo: string;
  readonly issuer: string;
  readonly statements?: readonly Statement[];
  /** Detail codes, with the text that the sandbox adds for developers. */
  readonly details?: readonly {
    readonly code: string;
    readonly reason?: string;
    /** @default the mutuality, or MYCARENET */
    readonly source?: string;
  }[];
  /** Whose statements. */
  readonly query?: MemberQuery;
}

/** The inner `Response`. */
export function samlResponse(sandbox: Sandbox, exchange: Exchange, values: ResponseValues): Markup {
  const { issuer, statements = [], details = [], query } = values;
  const now = sandbox.now().toISOString();
  const assertions =
    query === undefined
      ? []
      : statements.map((statement) => assertion(sandbox, { issuer, now, statement, query }));
  return el(
    'saml2p:Response',
    {
      'xmlns:saml2p': SAML2P,
      'xmlns:saml2': SAML2,
      'xmlns:ext': MDA_EXTENSION,
      'xmlns:xsi': XSI,
      ID: `_${sandbox.newId()}`,
      InResponseTo: exchange.hints.wrongHolder ? `_${sandbox.newId()}` : values.inResponseTo,
      IssueInstant: now,
      Version: '2.0',
    },
    el('saml2:Issuer', {}, issuer),
    status(details, issuer),
    exchange.hints.reordered ? assertions.toReversed() : assertions,
  );
}

function status(details: NonNullable<ResponseValues['details']>, issuer: string): Markup {
  const rows = details.map((detail) => ({ ...detail, row: detailRow(detail.code) }));
  const [first] = rows;
  if (first?.row === undefined) {
    return el('saml2p:Status', {}, el('saml2p:StatusCode', { Value: `${STATUS}Success` }));
  }
  const { level1, level2, faultCode, byMutuality, message } = first.row;
  const source = byMutuality ? issuer : 'MYCARENET';
  // Quirk: mutualities write the whole Fault without namespace, the broker its children in one.
  const p = byMutuality ? '' : 't:';
  const language = byMutuality ? {} : { 'xml:lang': 'en' };
  return el(
    'saml2p:Status',
    {},
    el(
      'saml2p:StatusCode',
      { Value: `${STATUS}${level1}` },
      el('saml2p:StatusCode', { Value: `${DETAIL_STATUS}${level2}` }),
    ),
    el(
      'saml2p:StatusDetail',
      {},
      el(
        'Fault',
        byMutuality ? {} : { 'xmlns:t': CIN_TYPES },
        el(`${p}FaultCode`, {}, faultCode),
        el(`${p}FaultSource`, {}, source),
        el(`${p}Message`, language, message),
        el(
          `${p}Details`,
          {},
          rows.map(({ code, reason, row, source: from = source }) =>
            el(
              `${p}Detail`,
              {},
              el(`${p}DetailCode`, {}, code),
              el(`${p}DetailSource`, {}, from),
              row?.location === undefined ? undefined : el(`${p}Location`, {}, row.location),
              el(`${p}Message`, language, [row?.message, reason].filter((text) => text !== undefined).join(': ')), // prettier-ignore
            ),
          ),
        ),
      ),
    ),
  );
}

function assertion(
  sandbox: Sandbox,
  {
    issuer,
    now,
    statement,
    query,
  }: { issuer: string; now: string; statement: Statement; query: MemberQuery },
): Markup {
  const facet = query.facets.find(({ name }) => name === statement.facet);
  return el(
    'saml2:Assertion',
    { ID: `_${sandbox.newId()}`, IssueInstant: now, Version: '2.0' },
    el('saml2:Issuer', {}, issuer),
    el(
      'saml2:Subject',
      {},
      el('saml2:NameID', { Format: query.nameId.format }, query.nameId.value),
    ),
    el('saml2:Conditions', {
      NotBefore: statement.notBefore,
      NotOnOrAfter: statement.notOnOrAfter,
    }),
    el(
      'saml2:Advice',
      { 'xsi:type': 'ext:AdviceType' },
      el('ext:AssertionType', {}, `${NIPPIN}${statement.type}`),
      facetEcho(facet ?? { name: statement.facet, dimensions: [] }),
    ),
    el(
      'saml2:AttributeStatement',
      {},
      statement.attributes.map(([name, value]) =>
        el(
          'saml2:Attribute',
          { Name: name.startsWith('urn:') ? name : `${NIPPIN}${name}` },
          el('saml2:AttributeValue', {}, value),
        ),
      ),
    ),
  );
}

const facetEcho = ({ name, dimensions }: AskedFacet): Markup =>
  el(
    'ext:Facet',
    { id: `${NIPPIN}${name}` },
    // Dimension has no namespace: the names in use all carry a prefix.
    dimensions.map(({ id, value }) => el('Dimension', { id }, value)),
  );
