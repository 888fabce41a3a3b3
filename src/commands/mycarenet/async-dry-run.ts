/**
 * `--async --dry-run`: the posts as they would be sent, without a session and without the password of the licence.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { isTestFor } from '../../mycarenet/common-input.js';
import { domainEndpoint, findDomain } from '../../mycarenet/genasync/domains.js';
import { queryList } from '../../mycarenet/genasync/query-list.js';
import { postRequest } from '../../mycarenet/genasync/request.js';
import type { MemberDataQuery } from '../../mycarenet/memberdata/query.js';
import { findParties } from '../../mycarenet/parties.js';
import { createReferences } from '../../mycarenet/reference.js';
import type { Profile } from '../../profile/profile.js';
import { writeXml } from '../../xml/write.js';
import { BLOCK } from './async.js';
import { distinct } from './batch.js';
import type { AskedList } from './batch.js';
import { requestDocument, SCHEMA } from './insurability-document.js';
import { licenseUsername, packageName } from './license.js';
import { sealingWanted } from './sealing.js';
import type { CallerFlags } from './sealing.js';

const MASK = '***';

/** Shows every question, and each post beside its first one. */
export function showPosts(run: Run, profile: Profile, { listed, question }: AskedList, flags: Pick<CallerFlags, 'encrypt'>): void {
  const { environment, holder, mycarenet } = profile;
  const encrypt = sealingWanted(profile, flags) === true;
  const domain = findDomain('mda', profile);
  const url = domainEndpoint(profile, domain);
  const quality = mycarenet.quality ?? holder.quality;
  const origin = {
    packageName: packageName(profile),
    license: { username: licenseUsername(profile) ?? MASK, password: new TextEncoder().encode(MASK) },
    ...findParties({ ...mycarenet, ...(quality === undefined ? {} : { quality }) }, undefined),
  };
  const newReference = createReferences(run.now, run.ctx.newId);
  const queries = distinct(listed).map((patient): MemberDataQuery => ({ ...question, patient }));
  const requests: { request: unknown; body: string; query: string }[] = [];
  for (let at = 0; at < queries.length; at += BLOCK) {
    const block = queries.slice(at, at + BLOCK).map((query) => ({ id: newReference(), query }));
    const content = queryList(block, origin, run.now());
    const { body } = postRequest({
      commonInput: { isTest: isTestFor(environment, url), origin, inputReference: newReference() },
      messageName: 'MDA',
      contentType: domain.contentType,
      encoding: domain.encoding,
      content,
      detailId: `_${run.ctx.newId()}`,
    });
    requests.push(
      ...block.map(({ id, query }, n) => ({
        request: requestDocument(query, id),
        body: n === 0 ? writeXml(body) : '',
        query: n === 0 ? new TextDecoder().decode(content) : '',
      })),
    );
  }
  run.result(
    { schema: SCHEMA, service: 'mda', environment, dryRun: true, url, encrypt, requests },
    () => [run.t('mycarenet.dry-run', { url }), ...(encrypt ? [run.t('mycarenet.dry-run.sealed')] : []), ...requests.flatMap(({ body, query }) => (body === '' ? [] : ['', body, '', query]))],
    () => requests.filter(({ body }) => body !== '').map(({ body, query }) => [body, query]),
  );
} // prettier-ignore
