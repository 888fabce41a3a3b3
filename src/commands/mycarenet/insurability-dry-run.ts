/**
 * `--dry-run`: the questions as they would be sent, without a session and without the password of the licence.
 * The envelope's security and the seal are left out: they need the keystore.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { isTestFor } from '../../mycarenet/common-input.js';
import { createRecordReferences, genInsRequest } from '../../mycarenet/genins/request.js';
import { attributeQuery, memberDataRequest } from '../../mycarenet/memberdata/request.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { findParties } from '../../mycarenet/parties.js';
import { createReferences } from '../../mycarenet/reference.js';
import { endpoint } from '../../profile/endpoints.js';
import type { Profile } from '../../profile/profile.js';
import { writeXml } from '../../xml/write.js';
import { requestDocument, SCHEMA } from './insurability-document.js';
import { licenseUsername, packageName } from './license.js';
import { sealingWanted } from './sealing.js';
import type { CallerFlags } from './sealing.js';

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
  flags: CallerFlags,
): void {
  const { environment, holder, mycarenet } = profile;
  const { service = 'mda' } = flags;
  const encrypt = service === 'mda' && (sealingWanted(profile, flags) ?? 'auto');
  const url = endpoint(profile, service === 'mda' ? 'memberdata' : 'genins');
  const quality = mycarenet.quality ?? holder.quality;
  const { careProvider, sender } = findParties(
    { ...mycarenet, ...(quality === undefined ? {} : { quality }) },
    undefined,
  );
  const newReference = createReferences(run.now, run.ctx.newId);
  const newRecordReference = createRecordReferences(run.now, run.ctx.newId);
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
          ...(sender === undefined ? {} : { sender }),
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
      body: writeXml(
        service === 'mda'
          ? memberDataRequest(request)
          : genInsRequest({ ...request, recordReference: newRecordReference() }),
      ),
      // Only MemberData carries a document that cannot be read in the body.
      query: service === 'mda' ? writeXml(attributeQuery(request)) : undefined,
    };
  });
  run.result(
    { schema: SCHEMA, service, environment, dryRun: true, url, encrypt, requests },
    () => [
      run.t('mycarenet.dry-run', { url }),
      ...(encrypt === false
        ? []
        : [run.t(`mycarenet.dry-run.${encrypt === true ? 'sealed' : 'auto'}`)]),
      ...requests.flatMap(({ body, query }) => [
        '',
        body,
        ...(query === undefined ? [] : ['', query]),
      ]),
    ],
    () => requests.map(({ body, query }) => [body, ...(query === undefined ? [] : [query])]),
  );
}
