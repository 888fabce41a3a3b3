/**
 * `--dry-run`: the questions as they would be sent, without a session and without the password of the licence.
 * The envelope's security is left out: it needs the keystore.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { findCareProvider } from '../../mycarenet/care-provider.js';
import { isTestFor } from '../../mycarenet/common-input.js';
import { attributeQuery, memberDataRequest } from '../../mycarenet/memberdata/request.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { createReferences } from '../../mycarenet/reference.js';
import { endpoint } from '../../profile/endpoints.js';
import type { Profile } from '../../profile/profile.js';
import { writeXml } from '../../xml/write.js';
import { requestDocument, SCHEMA } from './insurability-document.js';
import { licenseUsername, packageName } from './license.js';

const MASK = '***';

/**
 * Shows the requests.
 *
 * @throws TopazError `E_PROFILE_INVALID`, `E_ENDPOINT_UNKNOWN`, `E_ENVIRONMENT_MISMATCH`.
 */
export function showRequests(
  run: Run,
  profile: Profile,
  queries: readonly MemberDataQuery[],
): void {
  const { environment, holder, mycarenet } = profile;
  const url = endpoint(profile, 'memberdata');
  const quality = mycarenet.quality ?? holder.quality;
  const careProvider = findCareProvider(
    { ...mycarenet, ...(quality === undefined ? {} : { quality }) },
    undefined,
  );
  const newReference = createReferences(run.now, run.ctx.newId);
  const requests = queries.map((query) => {
    const inputReference = newReference();
    const request = {
      commonInput: {
        isTest: isTestFor(environment, url),
        origin: {
          packageName: packageName(profile),
          license: {
            username: licenseUsername(profile) ?? MASK,
            password: new TextEncoder().encode(MASK),
          },
          careProvider: {
            ...careProvider,
            ...(holder.type === 'SSIN' && holder.id !== undefined ? { ssin: holder.id } : {}),
          },
        },
        inputReference,
      },
      query,
      id: `ID_${run.ctx.newId()}`,
      detailId: `_${run.ctx.newId()}`,
      issuedAt: run.now(),
    };
    return {
      request: requestDocument(query, inputReference),
      body: writeXml(memberDataRequest(request)),
      query: writeXml(attributeQuery(request)),
    };
  });
  run.result(
    { schema: SCHEMA, service: 'mda', environment, dryRun: true, url, requests },
    () => [
      run.t('mycarenet.dry-run', { url }),
      ...requests.flatMap(({ body, query }) => ['', body, '', query]),
    ],
    () => requests.map(({ body, query }) => [body, query]),
  );
}
