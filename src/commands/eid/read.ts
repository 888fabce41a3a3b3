/**
 * `topaz eid read`: identity and address, checked against the signatures of the National Register.
 *
 * Reads only what was asked for: the module guards this personal data with nothing.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { EidCard } from '../../eid/card.js';
import type { Address, Identity } from '../../eid/identity.js';
import type { CardVerdict } from '../../eid/verify-card.js';
import { TopazError } from '../../errors.js';
import { checkCard } from './check-card.js';
import { openCard, withReader } from './open-card.js';
import type { CardFlags } from './open-card.js';

export interface ReadOptions extends CardFlags {
  fields?: string;
  photo?: string;
  force?: boolean;
  /** `--no-verify`. */
  verify: boolean;
}

const IDENTITY_FIELDS = [
  'ssin',
  'firstNames',
  'lastName',
  'birthDate',
  'birthPlace',
  'nationality',
  'sex',
  'cardNumber',
  'validFrom',
  'validUntil',
  'documentType',
] as const satisfies readonly (keyof Identity)[];
const DAYS: ReadonlySet<string> = new Set(['birthDate', 'validFrom', 'validUntil']);

/** `topaz eid read`. */
export function readCommand(ctx: Context, run = runRead): Command {
  const command = withReader(
    new Command('read')
      .summary('read identity and address from the card')
      .option('--fields <names>', 'only these, with commas: name, ssin, address, birthDate …')
      .option('--photo <file>', 'write the photo (JPEG) to <file>')
      .option('-f, --force', 'replace the file of --photo')
      .option('--no-verify', 'do not check that the data are genuine'),
  ).addHelpText(
    'after',
    `
Examples:
  # who is on the card?
  $ topaz eid read
  # the SSIN alone, for a script
  $ topaz eid read --fields ssin --json
  # wait for a card at the counter
  $ topaz eid read --wait 60s`,
  );
  return command.action((options: ReadOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runRead(run: Run, options: ReadOptions): Promise<void> {
  const fields = parseFields(options.fields);
  const card = await openCard(run, options);
  try {
    const identity = await run.step(run.t('eid.read.step'), () => card.identity());
    const address = fields.has('address') ? await card.address() : undefined;
    const verified = options.verify
      ? await verify(run, card, options.photo !== undefined)
      : undefined;
    if (options.photo !== undefined) {
      await savePhoto(card, options.photo, options.force === true);
    }
    const shown = IDENTITY_FIELDS.filter(
      (name) => fields.has(name) && identity[name] !== undefined,
    );
    run.result(
      {
        schema: 'topaz.eid.read/1',
        identity: Object.fromEntries(shown.map((name) => [name, identity[name]])),
        ...(address === undefined ? {} : { address }),
        ...(verified === undefined ? {} : { verified }),
      },
      () => lines(run, identity, shown, address),
      () => [
        ...shown.map((name) => [name, identity[name] ?? '']),
        ...(address === undefined
          ? []
          : Object.entries(address).map(([name, value]) => [name, String(value)])),
      ],
    );
    if (verified?.chain === false) {
      run.warn(run.t('eid.read.untrusted'));
    }
  } finally {
    await card.close();
  }
}

/** Names of `--fields`; all of them without it. */
function parseFields(text: string | undefined): ReadonlySet<string> {
  const known: ReadonlySet<string> = new Set([...IDENTITY_FIELDS, 'name', 'address']);
  if (text === undefined) {
    return known;
  }
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new TopazError('E_USAGE', 'the card has no such field', {
      facts: [`fields: ${[...known].join(', ')}`],
      hint: '--fields name,ssin,address',
    });
  }
  return new Set(asked.flatMap((name) => (name === 'name' ? ['firstNames', 'lastName'] : [name])));
}

async function verify(run: Run, card: EidCard, photo: boolean): Promise<CardVerdict> {
  const verified = await checkCard(run, card, { photo });
  if (verified.signature === false) {
    throw new TopazError('E_SIGNATURE_INVALID', 'the data of this card are not genuine', {
      facts: ['the signature of the National Register does not fit'],
      hint: 'do not rely on this card; --no-verify shows its content all the same',
    });
  }
  return verified;
}

async function savePhoto(card: EidCard, path: string, overwrite: boolean): Promise<void> {
  const { readPhoto } = await import('../../eid/verify-card.js');
  const { writeFileAtomic } = await import('../../disk/atomic.js');
  await writeFileAtomic(path, await readPhoto(card), { overwrite });
}

function lines(
  run: Run,
  identity: Identity,
  shown: readonly (typeof IDENTITY_FIELDS)[number][],
  address: Address | undefined,
): string[] {
  const rows = shown.map((name): [string, string] => [
    run.t(`eid.field.${name}`),
    shownValue(run, name, identity[name] ?? ''),
  ]);
  if (address !== undefined) {
    rows.push([
      run.t('eid.field.address'),
      `${address.street}, ${address.postalCode} ${address.municipality}`,
    ]);
  }
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}

/** SSIN with its dots, days in the words of the language. */
function shownValue(run: Run, name: string, value: string): string {
  if (name === 'ssin') {
    return value.replace(/^(..)(..)(..)(...)(..)$/, '$1.$2.$3-$4.$5');
  }
  return DAYS.has(name)
    ? new Intl.DateTimeFormat(`${run.settings.lang}-BE`, {
        dateStyle: 'long',
        timeZone: 'UTC',
      }).format(new Date(`${value}T00:00:00Z`))
    : value;
}
