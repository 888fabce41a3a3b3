/**
 * The conversation of `topaz cert request`: numbered steps, contact data, the contract on the screen.
 *
 * @module
 */

import { resolve } from 'node:path';

import type { Run } from '../../cli/run.js';
import { cleanText, wrap } from '../../cli/text.js';
import type { ContactData } from '../../certra/request.js';
import type { ReadableContract } from '../../lifecycle/applicant-contract.js';
import type { ContactFlags } from './request-input.js';

const STEPS = 5;
const MAX_COLUMNS = 78;
const MARGIN = 4;

/** Whether somebody follows on the screen, or asked to hear every step. */
const isFollowed = ({ ctx, settings }: Run): boolean => ctx.io.tty.stderr || settings.verbose > 0;

/** `1/5 …`, so that a person on the telephone can say where it stopped. */
export function heading(run: Run, step: number, title: string): void {
  if (isFollowed(run)) {
    run.remark(`${step}/${STEPS} ${title}`);
  }
}

/**
 * E-mail address and telephone number, asked where they are missing.
 *
 * @param known What eHealth has on its books; flags go before it.
 *
 * @throws TopazError `E_INPUT_REQUIRED`, `E_CONTACT_INVALID`.
 */
export async function contactOf(
  run: Run,
  options: ContactFlags,
  known?: ContactData,
): Promise<ContactData> {
  const { isEmail, isPhone, parseContact } = await import('../../lifecycle/contact.js');
  const ask = async (what: 'email' | 'phone', check: (text: string) => boolean) =>
    (await run.ctx.prompter()).input(run.t(`cert.request.${what}`), {
      validate: (value) => check(value.trim()) || run.t(`cert.request.${what}.wrong`),
    });
  const email = await run.require('--email', options.email ?? known?.emailPrivate, () =>
    ask('email', isEmail),
  );
  const phone = await run.require('--phone', options.phone ?? known?.phonePrivate, () =>
    ask('phone', isPhone),
  );
  return parseContact({
    email,
    phone,
    emailGeneral: options.emailGeneral ?? known?.emailGeneral,
    phoneGeneral: options.phoneGeneral ?? known?.phoneGeneral,
  });
}

/**
 * Shows the contract; eHealth writes it in French and Dutch.
 *
 * @param out `--contract-out`: the text goes there too, and there must be no such file.
 * @throws TopazError `E_FILE_EXISTS`, `E_FILE_NOT_FOUND`, and as every writing.
 */
export async function showContract(
  run: Run,
  texts: ReadableContract['texts'],
  out?: string,
): Promise<void> {
  const { textFor } = await import('../../lifecycle/applicant-contract.js');
  const shown = textFor(texts, run.settings.lang);
  if (out !== undefined) {
    const { writeFileAtomic } = await import('../../disk/atomic.js');
    const { checkPlace } = await import('./request-place.js');
    const place = { absolute: resolve(run.ctx.cwd, out), shown: out };
    await checkPlace(place, 'it may be the contract of another request');
    await writeFileAtomic(place.absolute, `${shown?.text ?? ''}\n`);
  }
  if (!isFollowed(run)) {
    return;
  }
  const columns = Math.min(run.ctx.io.columns, MAX_COLUMNS) - MARGIN;
  run.remark('');
  for (const line of shown?.text.split('\n') ?? []) {
    for (const part of line === '' ? [''] : wrap(cleanText(line), columns)) {
      run.remark(part === '' ? '' : `    ${part}`);
    }
  }
  run.remark('');
}
