/**
 * Which certificate `topaz cert revoke` is about: by its reference, by a keystore that this machine knows, or by
 * what eHealth has on its books for the card.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatDay } from '../../cli/text.js';
import type { CertificateInfo } from '../../certra/reply.js';
import { TopazError } from '../../errors.js';
import { formatIdentifier } from '../../ids/identifier.js';
import { keystorePath } from '../keystore/open-keystore.js';
import { requestsOf } from './authority.js';
import type { Surroundings } from './send-request.js';

/** Which certificate, as the command line says it. */
export interface Named {
  readonly reference: string | undefined;
  readonly alias: string | undefined;
}

/**
 * The reference is known without password where this machine made or finalized the keystore.
 *
 * @throws TopazError `E_USAGE`, and as `keystorePath`.
 */
export async function nameOf(
  run: Run,
  keystore: string | undefined,
  request: string | undefined,
): Promise<Named> {
  if (keystore !== undefined && request !== undefined) {
    throw new TopazError('E_USAGE', 'a keystore and --request are given; one is enough', {
      hint: 'leave out --request',
    });
  }
  if (keystore === undefined) {
    if (request !== undefined && !/^[0-9a-f]{8,40}$/i.test(request)) {
      throw new TopazError(
        'E_USAGE',
        'a certificate is named by 8 or more digits of its reference',
        {
          facts: ['digits 0 to 9 and letters a to f'],
          hint: 'topaz cert list --detail shows them',
        },
      );
    }
    return { reference: request?.toLowerCase(), alias: undefined };
  }
  const path = await keystorePath(run, keystore);
  const [{ aliasOf }, { keystoreDigest }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../../lifecycle/keystore-digest.js'),
  ]);
  const records = await (await requestsOf(run)).list();
  const digest = await keystoreDigest(path);
  const record =
    records.findLast((entry) => entry.keystore === path) ??
    records.findLast((entry) => entry.fileDigest === digest);
  if (record === undefined) {
    throw new TopazError('E_USAGE', 'the reference of this keystore is not known here', {
      facts: ['it was neither requested nor finalized on this machine'],
      hint: 'topaz cert list --detail shows it; then: topaz cert revoke --request REFERENCE',
    });
  }
  return { reference: record.id, alias: aliasOf(path) };
}

/**
 * PIN 1: what does eHealth have, and which one is meant?
 *
 * @throws TopazError as `chooseCertificate`, and as the card.
 */
export async function chosen(
  run: Run,
  { authority, card, pin }: Surroundings,
  { reference }: Named,
): Promise<CertificateInfo> {
  const [{ listWithCard }, { chooseCertificate }] = await Promise.all([
    import('../../lifecycle/standing.js'),
    import('../../lifecycle/revocation.js'),
  ]);
  const signer = await card.authenticationSigner(pin.for(card), pin.options);
  const infos = await run.step(run.t('cert.validate.asking'), () =>
    listWithCard(authority, signer),
  );
  if (card.kind === 'middleware' || card.kind === 'simulated') {
    await card.logOut();
  }
  const revocable = infos.filter((info) => info.revocable);
  if (reference !== undefined || revocable.length < 2 || !run.settings.canAsk) {
    return chooseCertificate(infos, reference);
  }
  const id = await (
    await run.ctx.prompter()
  ).choose(
    run.t('cert.revoke.which'),
    revocable.map((info) => ({ value: info.id, label: labelOf(run, info) })),
  );
  return chooseCertificate(infos, id);
}

function labelOf(run: Run, { id, holder, certificate }: CertificateInfo): string {
  const [who] = holder.ids;
  return [
    id.slice(0, 8),
    holder.name,
    who === undefined ? '' : formatIdentifier(who),
    certificate === undefined ? '' : formatDay(run, certificate.notAfter),
  ].join('  ');
}
