/**
 * The second half of a request and of a renewal: the contract on the screen, its acceptance, the signature of
 * the card, everything on disk, and only then the sending.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { ContactData } from '../../certra/request.js';
import type { EidCard } from '../../eid/card.js';
import type { Identity } from '../../eid/identity.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import type { TakenOver } from '../../lifecycle/request.js';
import type { CardPin } from './card-pin.js';
import { showContract } from './request-dialogue.js';
import type { Place } from './request-place.js';
import { showPrepared } from './request-result.js';
import type { Prepared } from './request-result.js';
import type { Whom } from './request-whom.js';

/** What a command about a request works with. */
export interface Surroundings {
  readonly authority: Authority;
  readonly store: RequestStore;
  readonly card: EidCard;
  readonly pin: CardPin;
  readonly identity: Identity;
}

export interface Submission {
  readonly whom: Whom;
  readonly contact: ContactData;
  readonly place: Place;
  /** UTF-8, of the new keystore; absent for a dry run. */
  readonly password: Uint8Array | undefined;
  readonly acceptTerms: boolean;
  readonly contractOut: string | undefined;
  /** Of a renewal: the older keystore, and its keys. */
  readonly renews?: { readonly path: string; readonly takenOver: TakenOver } | undefined;
  /** Says what a dry run prepared. @default showPrepared */
  readonly onPrepared?: ((run: Run, prepared: Prepared) => void) | undefined;
}

/**
 * Signs and sends; a dry run says what would be signed and sent.
 *
 * The caller holds the lock of the requests.
 *
 * @returns The record, `undefined` after a dry run.
 * @throws TopazError `E_NOT_CONFIRMED`, `E_INPUT_REQUIRED`, what the card throws (nothing is on disk then),
 *   and as `storeRequest` and `sendRequest`.
 */
export async function submitRequest(
  run: Run,
  { authority, store, card, pin, identity }: Surroundings,
  submission: Submission,
): Promise<RequestRecord | undefined> {
  const { whom, contact, place, password, renews } = submission;
  const { fetchContract } = await import('../../lifecycle/applicant-contract.js');
  const contract = await run.step(run.t('cert.request.fetching'), () =>
    fetchContract(authority, identity, contact, whom.organisation),
  );
  await showContract(run, contract.texts, submission.contractOut);
  if (password === undefined) {
    const dn = contract.contract.dn.trim();
    (submission.onPrepared ?? showPrepared)(run, { whom, dn, contact, path: place.shown });
    return undefined;
  }
  if (!submission.acceptTerms) {
    await run.confirm(run.t('cert.request.accept'), '--accept-terms');
  }
  const { sendRequest, signCertificateRequest, storeRequest } =
    await import('../../lifecycle/request.js');
  const signed = await run.step(run.t('cert.request.signing'), async () => {
    const signer = await card.signatureSigner(pin.for(card), pin.options);
    const takenOver = renews?.takenOver;
    return signCertificateRequest(authority, contract, { contact, signer, takenOver });
  });
  await card.logOut();
  const { environment } = await run.profile();
  return run.step(run.t('cert.request.sending'), async () => {
    const record = await storeRequest(store, signed, {
      path: place.absolute,
      password,
      holder: whom.holder,
      applicationId: whom.organisation?.applicationId,
      renews: renews?.path,
      environment,
      contact,
      contract,
      now: run.now(),
    });
    return sendRequest(authority, store, record, signed.message);
  });
}

/** How long another command may hold the requests. */
export const lockOf = ({ settings, ctx }: Run) => ({
  timeoutMs: settings.lockTimeoutMs,
  signal: ctx.signal,
});
