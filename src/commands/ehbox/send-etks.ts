/**
 * Whom a message is sealed for: the ETK of every recipient, and the sender's own, so that the copy in the sent
 * box opens as well (ehealthbox §6). One that is missing is an answer about that recipient; all are asked first.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { identifierOf } from '../../ehbox/address.js';
import type { BoxAddress } from '../../ehbox/address.js';
import type { Etk } from '../../etee/etk.js';
import { obtainEtk } from '../../etk/obtain.js';
import type { Identifier } from '../../ids/identifier.js';
import { maskedIdentifier } from '../etk/describe.js';
import { etkSource } from '../etk/etk-source.js';
import type { ConnectedBox } from './connect-box.js';

interface Missing {
  readonly who: string;
  readonly error: TopazError;
}

/**
 * @throws TopazError of the first recipient without a usable ETK, with all of them in its facts; as
 *   `obtainEtk` where the depot does not answer.
 */
export async function collectEtks(
  run: Run,
  recipients: readonly BoxAddress[],
  connected: ConnectedBox,
): Promise<readonly Etk[]> {
  const source = await etkSource(run);
  const { signal } = run.ctx;
  const etks: Etk[] = [];
  const missing: Missing[] = [];
  for (const recipient of recipients) {
    const identifier = identifierOf(recipient);
    const who = maskedIdentifier(identifier);
    try {
      const { etk } = await run.step(run.t('seal.step.etk', { who }), () =>
        obtainEtk(source, identifier, { signal }),
      );
      etks.push(etk);
    } catch (error) {
      if (!(error instanceof TopazError) || !isAboutRecipient(error)) {
        throw error;
      }
      missing.push({ who, error });
    }
  }
  const [first] = missing;
  if (first !== undefined) {
    throw withoutEtk(first, missing, recipients.length);
  }
  for (const own of ownIdentifiers(connected)) {
    try {
      etks.push((await obtainEtk(source, own, { signal, applicationId: own.applicationId })).etk);
    } catch (error) {
      if (!(error instanceof TopazError) || !isAboutRecipient(error)) {
        throw error;
      }
      run.warn(run.t('ehbox.send.ownEtk'));
    }
  }
  return etks;
}

const isAboutRecipient = ({ code }: TopazError): boolean => /_(?:ETK|CERT)_/.test(code);

function withoutEtk({ error }: Missing, missing: readonly Missing[], total: number): TopazError {
  const facts = missing.map((one) => `${one.who}: ${one.error.message} [${one.error.code}]`);
  return new TopazError(
    error.code,
    `${missing.length} of ${total} recipients cannot get sealed messages; nothing was sent`,
    {
      facts,
      hint: 'check the numbers, leave those out, or send it in clear with --no-seal',
      details: { recipients: missing.map((one) => ({ recipient: one.who, code: one.error.code, message: one.error.message })) },
      cause: error,
    },
  ); // prettier-ignore
}

/** The holder of the keystore, and the organisation whose box it is. */
function ownIdentifiers({
  keystore: { holder },
  info,
}: ConnectedBox): readonly (Identifier & { readonly applicationId?: string | undefined })[] {
  const { type, id } = holder.identifier;
  const own = { type, id, applicationId: holder.applicationId };
  const box = identifierOf(info.box);
  const isOrganisation = box.type !== 'SSIN' && box.type !== 'NIHII';
  return isOrganisation && !(box.type === type && box.id === id) ? [own, box] : [own];
}
