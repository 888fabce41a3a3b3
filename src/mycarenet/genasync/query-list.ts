/**
 * Many MemberData questions in one post (mycarenet §3.7): each has an id of its own, by which its answer is matched.
 *
 * @module
 */

import { namespace } from '../../xml/build.js';
import { writeXml } from '../../xml/write.js';
import type { MemberDataQuery } from '../memberdata/query.js';
import { attributeQuery } from '../memberdata/request.js';
import { NS_MEMBERDATA_EXTENSION } from '../names.js';
import type { Origin } from '../origin.js';

/** A question with what its id is made of. */
export interface ListedQuery {
  /** Without the `_` in front; never used twice. */
  readonly id: string;
  readonly query: MemberDataQuery;
}

const ext = namespace('ext', NS_MEMBERDATA_EXTENSION);

/** The document to post, UTF-8. */
export function queryList(
  queries: readonly ListedQuery[],
  origin: Origin,
  issuedAt: Date,
): Uint8Array {
  const list = ext(
    'AttributeQueryList',
    {},
    queries.map(({ id, query }) =>
      attributeQuery({
        commonInput: { isTest: true, origin, inputReference: id },
        query,
        id,
        detailId: id,
        issuedAt,
      }),
    ),
  );
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>${writeXml(list)}`);
}
