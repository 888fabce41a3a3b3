/**
 * `--dry-run` of a post: the request as it would be sent, without a session and without the password of the licence.
 *
 * @module
 */

import type { Run } from '../../../cli/run.js';
import { isTestFor } from '../../../mycarenet/common-input.js';
import type { Post } from '../../../mycarenet/genasync/client.js';
import { domainEndpoint } from '../../../mycarenet/genasync/domains.js';
import type { Domain } from '../../../mycarenet/genasync/domains.js';
import { postRequest } from '../../../mycarenet/genasync/request.js';
import { findParties } from '../../../mycarenet/parties.js';
import type { Profile } from '../../../profile/profile.js';
import { writeXml } from '../../../xml/write.js';
import { licenseUsername, packageName } from '../license.js';

const MASK = '***';

/** @throws TopazError `E_PROFILE_INVALID`, `E_ENDPOINT_UNKNOWN`, `E_ENVIRONMENT_MISMATCH`. */
export function showPost(run: Run, profile: Profile, domain: Domain, post: Post): void {
  const { environment, holder, mycarenet } = profile;
  const url = domainEndpoint(profile, domain);
  const quality = mycarenet.quality ?? holder.quality;
  const parties = findParties(
    { ...mycarenet, ...(quality === undefined ? {} : { quality }) },
    undefined,
  );
  const { body } = postRequest({
    ...post,
    commonInput: {
      isTest: isTestFor(environment, url),
      origin: {
        packageName: packageName(profile),
        license: {
          username: licenseUsername(profile) ?? MASK,
          password: new TextEncoder().encode(MASK),
        },
        ...parties,
      },
      inputReference: post.inputReference,
    },
  });
  const request = writeXml(body);
  run.result(
    {
      schema: 'topaz.mycarenet.mailbox.send/1',
      domain: domain.name,
      reference: post.inputReference,
      messageName: post.messageName,
      dryRun: true,
      url,
      body: request,
    },
    () => [run.t('mycarenet.dry-run', { url }), '', request],
    () => [[request]],
  );
}
