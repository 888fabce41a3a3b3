/**
 * The detail codes of MemberData that the sandbox can answer with, and the status, fault code, source and
 * place that go with each (mycarenet §1.9). Kept apart from the client's catalogue on purpose.
 *
 * @module
 */

export interface DetailRow {
  /** Last part of the first status code: `Success`, `Requester`, `Responder`. */
  readonly level1: 'Success' | 'Requester' | 'Responder';
  readonly level2: string;
  readonly faultCode: string;
  /** Whether the mutuality says it, not the broker. */
  readonly byMutuality: boolean;
  /** In the notation of the broker. */
  readonly location?: string;
  readonly message: string;
}

const QUERY = '*:AttributeQuery';
const EXTENSIONS = `${QUERY}/*:Extensions`;
const FACET = `${EXTENSIONS}/*:Facet`;
const DIMENSION = `${FACET}/*:Dimension`;
const ISSUER = `${QUERY}/*:Issuer`;
const NAME_ID = `${QUERY}/*:Subject/*:NameID`;
const CONFIRMATION = `${QUERY}/*:Subject/*:SubjectConfirmation`;
const PERIOD = `${CONFIRMATION}/*:SubjectConfirmationData`;

const row =
  (
    level1: DetailRow['level1'],
    level2: string,
    faultCode: string,
    { byMutuality = false }: { byMutuality?: boolean } = {},
  ) =>
  (message: string, location?: string): DetailRow => ({
    level1,
    level2,
    faultCode,
    byMutuality,
    message,
    ...(location === undefined ? {} : { location }),
  });

const mutuality = { byMutuality: true };
const crosscheck = row('Requester', 'RequestError', 'VALIDATION_ERROR');
const query = row('Requester', 'AttributeQueryError', 'INPUT_ERROR');
const unauthorised = row('Requester', 'AttributeQueryError', 'AUTHORIZATION_ERROR');
const period = row('Requester', 'InputError', 'INPUT_ERROR');
const routing = row('Responder', 'InputError', 'INPUT_ERROR');
const warning = row('Success', 'PartialAnswer', 'WARNING');
const mutualityWarning = row('Success', 'PartialAnswer', 'WARNING', mutuality);
const failed = row('Responder', 'InternalError', 'GENERIC_ERROR');
const notSent = row('Responder', 'InternalError', 'SEND_ERROR');
const backOffice = row('Responder', 'InternalError', 'GENERIC_ERROR', mutuality);
const backOfficeInput = row('Responder', 'InternalError', 'INPUT_ERROR', mutuality);
const dimensionRefused = row('Responder', 'AttributeQueryError', 'INPUT_ERROR', mutuality);

const ROWS: Readonly<Record<string, DetailRow>> = {
  CROSSCHECK_ISSUER: crosscheck('The issuer is not the care provider of the request', ISSUER),
  CROSSCHECK_ID: crosscheck('The ID is not that of the input reference', `${QUERY}/@ID`),
  FORBIDDEN_ATTRIBUTES: query('Attributes may not be asked for', `${QUERY}/*:Attribute`),
  MISSING_ISSUER_TAG: query('The issuer is missing', QUERY),
  MISSING_ISSUER_FORMAT: query('The issuer has no format', ISSUER),
  INVALID_ISSUER_FORMAT: query('The format of the issuer is not valid', ISSUER),
  INVALID_ISSUER_VALUE: query('The number of the issuer is not valid', ISSUER),
  MISSING_OR_BAD_EXTENSIONS_TYPE: query(
    'The type of the extensions is missing or wrong',
    EXTENSIONS,
  ),
  MISSING_EXTENSIONS_TAG: query('The extensions are missing', QUERY),
  DUPLICATED_FACET: query('A facet is asked for twice', FACET),
  UNKNOWN_FACET: query('A facet is not known', FACET),
  UNAUTHORIZED_FACET: unauthorised('Access rights are insufficient for a requested facet', FACET),
  INVALID_FACET_COMBINATION: query('These facets may not be combined', EXTENSIONS),
  INVALID_DIMENSION_ID: query('A dimension is not one of its facet', DIMENSION),
  MISSING_DIMENSION: query('A dimension is missing', FACET),
  DUPLICATED_DIMENSION: query('A dimension is given twice', DIMENSION),
  INCONSISTENT_DIMENSIONS: query('The dimensions contradict each other', DIMENSION),
  MISSING_NAMEID: query('The patient is missing', `${QUERY}/*:Subject`),
  MISSING_NAMEID_FORMAT: query('The patient has no format', NAME_ID),
  INVALID_NAMEID_FORMAT: query('The format of the patient is not valid', NAME_ID),
  INVALID_NAMEID_VALUE: query('The patient does not fit the format', NAME_ID),
  EMPTY_INSS: query('The Inss is empty', NAME_ID),
  EMPTY_IO: query('The mutuality is empty', NAME_ID),
  EMPTY_REG_NUM: query('The registration number is empty', NAME_ID),
  INVALID_INSS_FORMAT: query('The Inss has not 11 digits', NAME_ID),
  INVALID_IO_FORMAT: query('The mutuality has not 3 digits', NAME_ID),
  INVALID_INSS_VALUE: query('The check digits of the Inss are wrong', NAME_ID),
  INVALID_IO_VALUE: query('The mutuality does not exist', NAME_ID),
  INVALID_SUBJECT_CONFIRMATION_METHOD_VALUE: query('The method is not valid', CONFIRMATION),
  MISSING_SUBJECT_CONFIRMATION_TAG: query(
    'The subject confirmation is missing',
    `${QUERY}/*:Subject`,
  ),
  MISSING_SUBJECT_CONFIRMATION_DATA_TAG: query('The period is missing', CONFIRMATION),
  SUBJECT_CONFIRMATION_WITH_ID: query('The subject confirmation names somebody', CONFIRMATION),
  EMPTY_STARTDATE: query('The start of the period is missing', PERIOD),
  EMPTY_ENDDATE: query('The end of the period is missing', PERIOD),
  INVALID_PERIOD: query('The period ends before it starts', PERIOD),
  START_DATE_IN_FUTURE: period('The period starts in the future', PERIOD),
  INVALID_PERIOD_FOR_SECTOR: period('The period is not allowed for this sector', PERIOD),
  PERIOD_TOO_FAR_IN_PAST: period('The period lies too far in the past', PERIOD),
  UNKNOWN_NISS_ROUTING: routing('Inss not found on Routing algorithm', NAME_ID),
  UNKNOWN_IO: routing('No mutuality found', NAME_ID),
  MULTIPLE_IO: routing('Several mutualities found', NAME_ID),
  MISSING_FACETS: warning('Some facets could not be delivered'),
  MUTATION: warning('There is a mutation during the requested period'),
  NO_FACET: failed('No facet is available'),
  INVALID_RESPONSE_FROM_IO: notSent('The answer of the mutuality is not valid'),
  SEND_TO_IM_EXCEPTION: notSent('The mutuality cannot be reached'),
  BO_EXCEPTION: backOffice('The back office failed'),
  IOSM_EXCEPTION: backOffice('The mutuality failed'),
  BO_UNKNOWN_NISS: backOfficeInput('The Inss is not known at the mutuality', NAME_ID),
  BO_INVALID_REGNBR: backOfficeInput('The registration number is not valid', NAME_ID),
  BO_UNKNOWN_REGNBR: backOfficeInput('The registration number is not known', NAME_ID),
  BO_PERIOD_TOO_FAR_IN_THE_PAST: backOfficeInput('The mutuality keeps no data that old', PERIOD),
  EMPTY_REQUESTTYPE: query('The requestType is empty', DIMENSION),
  UNALLOWED_REQUESTTYPE: query('The requestType is not allowed', DIMENSION),
  UNAUTHORIZED_REQUESTTYPE: query('The requestType is not allowed for this sector', DIMENSION),
  EMPTY_CONTACTTYPE: query('The contactType is empty', DIMENSION),
  UNALLOWED_CONTACTTYPE: query('The contactType is not allowed', DIMENSION),
  UNAUTHORIZED_CONTACTTYPE: query('The contactType is not allowed for this sector', DIMENSION),
  MISMATCHED_CONTACTTYPE: dimensionRefused(
    'contactType is hospitalized but the member is not hospitalized',
    `${FACET}[@id='urn:be:cin:nippin:insurability']/*:Dimension[@id='contactType']`,
  ),
  ONLY_FIVE_PERIODS_RETURNED: mutualityWarning('More than five periods exist'),
  UNALLOWED_CAREPATHTYPE: query('The carePathType is not allowed', DIMENSION),
  EMPTY_CAREPATHTYPE: query('The carePathType is empty', DIMENSION),
  // Seen on acceptance, not in the catalogue.
  BO_MISSING_FACET: mutualityWarning('A facet could not be delivered'),
  FACET_EXCEPTION: mutualityWarning('The facet is not supported'),
};

/** The row of a code; `undefined` for one that MemberData does not have. */
export const detailRow = (code: string): DetailRow | undefined =>
  Object.hasOwn(ROWS, code) ? ROWS[code] : undefined;
