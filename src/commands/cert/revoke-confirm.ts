/**
 * The confirmation of `topaz cert revoke`: a text that only somebody types who means this certificate.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { CertificateInfo } from '../../certra/reply.js';
import { TopazError } from '../../errors.js';
import { formatIdentifier } from '../../ids/identifier.js';
import { formatSsin } from '../../ids/ssin.js';
import type { Named } from './revoke-choice.js';

/** Last digits of the serial number that have to be typed. */
const TYPED = 4;

/**
 * Severe: a text is typed, and the contract is accepted (cli-ux §10).
 *
 * @throws TopazError `E_NOT_CONFIRMED`, `E_INPUT_REQUIRED`.
 */
export async function confirmed(
  run: Run,
  options: { readonly confirm?: string; readonly acceptTerms?: boolean },
  { alias, reference }: Named,
  { id, certificate, holder }: CertificateInfo,
): Promise<void> {
  const serial = certificate?.serial.slice(-TYPED) ?? id.slice(0, 8);
  const accepted = [serial, alias, reference === undefined ? undefined : id.slice(0, 8)];
  const fits = (text: string): boolean => accepted.includes(text.trim()) || text.trim() === id;
  const [who] = holder.ids;
  run.warn(
    run.t('cert.revoke.warning', {
      name: holder.name,
      number:
        who?.type === 'SSIN' ? formatSsin(who.id) : who === undefined ? '' : formatIdentifier(who),
    }),
  );
  const { environment } = await run.profile();
  const text = await run.require('--confirm', options.confirm, async () =>
    (await run.ctx.prompter()).input(run.t('cert.revoke.confirm', { serial, environment })),
  );
  if (!fits(text)) {
    throw new TopazError('E_NOT_CONFIRMED', 'not confirmed; nothing was revoked', {
      facts: ['the text is not the one of this certificate'],
      hint: `type the last ${String(TYPED)} digits of its serial number: topaz cert revoke --dry-run shows it`,
    });
  }
  if (options.acceptTerms !== true) {
    await run.confirm(run.t('cert.request.accept'), '--accept-terms');
  }
}
