/**
 * Request to the ETK depot v1: values → XML (etee §2). Type, Value and ApplicationID in this order.
 *
 * @module
 */

import type { Identifier } from '../ids/identifier.js';
import { namespace } from '../xml/build.js';
import type { XmlElement } from '../xml/tree.js';

export const NS_ETKDEPOT = 'urn:be:fgov:ehealth:etkdepot:1_0:protocol';

const e = namespace('e', NS_ETKDEPOT);

/**
 * @param applicationId Quirk: left out asks for any application, which may give several matches; empty asks
 *   for the ETK without an application id.
 */
export const getEtkRequest = (
  { type, id }: Identifier,
  applicationId: string | undefined,
): XmlElement =>
  e(
    'GetEtkRequest',
    {},
    e(
      'SearchCriteria',
      {},
      e(
        'Identifier',
        {},
        e('Type', {}, type),
        e('Value', {}, id),
        applicationId === undefined ? undefined : e('ApplicationID', {}, applicationId),
      ),
    ),
  );
