/**
 * Reader and card: the service of card readers, the PKCS#11 module, what is plugged in. No PIN is asked for
 * and none is sent.
 *
 * Without `--card` a machine without reader is no failure: the fallback with the keystore needs none.
 *
 * @module
 */

import { stat } from 'node:fs/promises';

import type { Run } from '../../cli/run.js';
import { formatDay } from '../../cli/text.js';
import type { Reader } from '../../eid/readers.js';
import { checkingModule } from './card-module.js';
import { checksOf, examine } from './check.js';
import type { Check, DoctorOptions } from './check.js';

const check = checksOf('card');

const SOCKET = '/run/pcscd/pcscd.comm';
const PROGRAMS = ['/usr/sbin/pcscd', '/usr/bin/pcscd', '/usr/local/sbin/pcscd'];

/** Everything about the card, in the order in which it can be missing. */
export async function examineCard(
  run: Run,
  { card: wanted = false }: DoctorOptions,
): Promise<readonly Check[]> {
  const missing = wanted ? ('failed' as const) : ('warning' as const);
  const { checks, module, setting } = await checkingModule(run, missing);
  const simulated = setting?.startsWith('sandbox:') === true;
  const before = [await pcscd(run, { simulated, missing }), ...checks];
  if (module === undefined) {
    return [...before, check('reader', 'skipped', run.t('doctor.card.nomodule'))];
  }
  try {
    const after = await examine(
      run,
      { id: 'reader', group: 'card' },
      async () => {
        const { listReaders } = await import('../../eid/readers.js');
        const readers = await listReaders(module);
        const card = readers.find(({ state }) => state === 'card');
        return [readerCheck(run, readers, missing), ...cardChecks(run, readers, card, missing)];
      },
      () => missing,
    );
    const present = after.some(({ id, state }) => id === 'card' && state === 'ok');
    return [...before, ...after, ...(wanted && present ? await readCard(run) : [])];
  } finally {
    await module.close();
  }
}

interface Middleware {
  readonly simulated: boolean;
  readonly missing: 'failed' | 'warning';
}

async function pcscd({ t, ctx }: Run, { simulated, missing }: Middleware): Promise<Check> {
  const id = 'pcscd';
  if (simulated) {
    return check(id, 'skipped', t('doctor.pcscd.simulated'));
  }
  if (ctx.platform !== 'linux') {
    return check(id, 'skipped', t('doctor.pcscd.other'));
  }
  const socket = ctx.env['PCSCLITE_CSOCK_NAME'] ?? SOCKET;
  if ((await stat(socket).catch(() => undefined))?.isSocket() === true) {
    return check(id, 'ok', t('doctor.pcscd.ok'));
  }
  const found = await Promise.all(PROGRAMS.map((path) => stat(path).catch(() => undefined)));
  return found.some((entry) => entry !== undefined)
    ? check(id, missing, t('doctor.pcscd.stopped'), 'sudo systemctl enable --now pcscd.socket')
    : check(id, missing, t('doctor.pcscd.absent'), t('doctor.pcscd.next'));
}

function readerCheck({ t }: Run, readers: readonly Reader[], missing: 'failed' | 'warning'): Check {
  if (readers.length === 0) {
    return check('reader', missing, t('doctor.reader.none'), t('explain.do.reader'));
  }
  const names = readers.map(({ name, pinpad }) =>
    pinpad === undefined
      ? name
      : t(pinpad ? 'doctor.reader.pinpad' : 'doctor.reader.keyboard', { name }),
  );
  return check('reader', 'ok', t('doctor.reader.ok', { names: names.join('; ') }));
}

function cardChecks(
  { t }: Run,
  readers: readonly Reader[],
  card: Reader | undefined,
  missing: 'failed' | 'warning',
): readonly Check[] {
  if (readers.length === 0) {
    return [];
  }
  if (card !== undefined) {
    return [check('card', 'ok', t('doctor.card.ok', { reader: card.name }))];
  }
  const other = readers.find(({ state }) => state === 'other-card');
  return [
    other === undefined
      ? check('card', missing, t('doctor.card.none'), t('explain.do.card'))
      : check('card', missing, t('doctor.card.other', { reader: other.name }), t('explain.do.cardEid')), // prettier-ignore
  ];
}

/** The certificates of the card, which need no PIN. */
const readCard = (run: Run): Promise<readonly Check[]> =>
  examine(run, { id: 'card.certificates', group: 'card' }, async () => {
    const { openCard } = await import('../eid/open-card.js');
    const card = await openCard(run);
    try {
      const certificates = await card.certificates();
      const own = certificates.filter(({ label }) => label === 'Authentication' || label === 'Signature'); // prettier-ignore
      const id = 'card.certificates';
      const ends = own.map(({ certificate }) => certificate.notAfter).sort((a, b) => a.getTime() - b.getTime())[0]; // prettier-ignore
      if (ends === undefined) {
        return [check(id, 'failed', run.t('E_CERTIFICATE_ABSENT'), run.t('explain.do.certificateAbsent'))]; // prettier-ignore
      }
      const date = formatDay(run, ends);
      if (ends < run.now()) {
        return [check(id, 'failed', run.t('doctor.card.expired', { date }), run.t('doctor.card.new'))]; // prettier-ignore
      }
      return own.length === 2
        ? [check(id, 'ok', run.t('doctor.card.certificates', { date }))]
        : [check(id, 'warning', run.t('doctor.card.unsigned'), run.t('explain.do.certificateAbsent'))]; // prettier-ignore
    } finally {
      await card.close();
    }
  });
