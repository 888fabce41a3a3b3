/**
 * Signs and sends a renewal: the card of the holder, the contact data that eHealth has, the keys of the old
 * keystore, and its password.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { Due } from '../../lifecycle/renewal.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import { CardPin } from './card-pin.js';
import { readCard } from './read-card.js';
import type { Old, RenewOptions, Sent } from './renew-parts.js';
import { showDryRenewal } from './renew-result.js';
import { contactOf } from './request-dialogue.js';
import { readPassword } from './request-input.js';
import { placeOf } from './request-place.js';
import type { Whom } from './request-whom.js';
import { submitRequest } from './send-request.js';
import { withCard } from './with-card.js';

/**
 * The caller holds the lock of the requests.
 *
 * @returns `undefined` after a dry run.
 * @throws TopazError `E_CARD_MISMATCH`, and as `submitRequest`.
 */
export async function sendRenewal(
  run: Run,
  options: RenewOptions,
  old: Old,
  authority: Authority,
  store: RequestStore,
  { info, holder }: Due,
): Promise<Sent | undefined> {
  const { identifier, applicationId } = holder;
  const whom: Whom = {
    holder: identifier,
    ...(identifier.type === 'SSIN'
      ? {}
      : { organisation: { identifier, applicationId, name: info.holder.name.trim() } }),
  };
  const place = await placeOf(run, { holder: identifier, applicationId }, options.out);
  const contact = await contactOf(run, options, info.contact);
  const { takenOverFrom } = await import('../../lifecycle/renewal.js');
  const pin = new CardPin(run, options);
  const password = options.dryRun === true ? undefined : await newPassword(run, options, old);
  let record: RequestRecord | undefined;
  try {
    record = await withCard(run, options, async (card) => {
      const identity = await readCard(run, card, pin);
      if (identifier.type === 'SSIN' && identity.ssin !== identifier.id) {
        throw new TopazError('E_CARD_MISMATCH', 'this is the card of somebody else', {
          facts: ['nothing was sent'],
          hint: 'insert the card of the holder of the keystore',
        });
      }
      return submitRequest(
        run,
        { authority, store, card, pin, identity },
        {
          whom,
          contact,
          place,
          password,
          acceptTerms: options.acceptTerms === true,
          contractOut: options.contractOut,
          renews: { path: old.path, takenOver: takenOverFrom(old.keystore) },
          onPrepared: showDryRenewal,
        },
      );
    });
  } finally {
    if (record === undefined) {
      password?.fill(0);
    }
    pin.wipe();
  }
  return record && { record, shown: place.shown, ...(password === undefined ? {} : { password }) };
}

/** That of the old keystore, unless another one is given or that one may not be used any more. */
async function newPassword(
  run: Run,
  options: RenewOptions,
  { password }: Old,
): Promise<Uint8Array> {
  if (options.newPasswordFile !== undefined || options.newPasswordFd !== undefined) {
    return readPassword(run, options, 'newPassword');
  }
  const { checkNewPassword } = await import('../../keystore/password.js');
  try {
    checkNewPassword(password);
  } catch (error) {
    if (run.settings.canAskSecret && error instanceof TopazError) {
      return readPassword(run, options, 'newPassword');
    }
    throw error;
  }
  return Uint8Array.from(password);
}

/** The password that an earlier run gave the new keystore. */
export const laterPassword = (
  run: Run,
  options: RenewOptions,
  { password }: Old,
): Promise<Uint8Array> =>
  options.newPasswordFile === undefined && options.newPasswordFd === undefined
    ? Promise.resolve(Uint8Array.from(password))
    : readPassword(run, options, 'newPassword');
