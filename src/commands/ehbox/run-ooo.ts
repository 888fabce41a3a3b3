/**
 * The work of `topaz ehbox ooo`, loaded when it is needed.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import { formatAddress, identifierOf, parseBoxAddress } from '../../ehbox/address.js';
import type { BoxAddress } from '../../ehbox/address.js';
import {
  addAbsence,
  checkAbsence,
  checkAbsenceId,
  fetchAbsences,
  removeAbsences,
} from '../../ehbox/out-of-office.js';
import { TopazError } from '../../errors.js';
import { endBatch, failedJson } from './batch.js';
import { connectBox } from './connect-box.js';
import { parseDay } from './days.js';
import type { OooAddFlags, OooFlags, OooRemoveFlags } from './ooo.js';

const service = async (run: Run, options: OooFlags) => {
  const { call, url, security, box } = await connectBox(run, options);
  return { call, url, common: { security, box, signal: run.ctx.signal } };
};

const substituteJson = (address: BoxAddress) => ({
  ...identifierOf(address),
  quality: address.quality,
});

const substituteText = (address: BoxAddress): string =>
  `${formatAddress(address)}:${address.quality}`;

export async function runOooList(run: Run, options: OooFlags): Promise<void> {
  const { call, url, common } = await service(run, options);
  const absences = await run.step(run.t('ehbox.info.step'), () => fetchAbsences(call, url, common));
  const rows = absences.map(({ id, from, to, substitutes }) => [
    id,
    from,
    to,
    substitutes.map(substituteText).join(' '),
  ]);
  const headings = ['ID', ...['from', 'to', 'substitutes'].map((name) => run.t(`ehbox.ooo.column.${name}`))]; // prettier-ignore
  run.result(
    {
      schema: 'topaz.ehbox.ooo.list/1',
      periods: absences.map(({ id, from, to, substitutes }) => ({
        id,
        from,
        to,
        substitutes: substitutes.map(substituteJson),
      })),
    },
    () => (rows.length === 0 ? [] : table(run, rows, headings, { free: 3 })),
    () => rows,
  );
  if (rows.length === 0) {
    run.remark(run.t('ehbox.ooo.none'));
  }
}

export async function runOooAdd(run: Run, options: OooAddFlags): Promise<void> {
  if (options.from === undefined || options.to === undefined) {
    throw new TopazError('E_USAGE', 'a period has a first and a last day', {
      hint: 'add --from DAY --to DAY',
    });
  }
  const absence = {
    from: parseDay(options.from, '--from', run.now()),
    to: parseDay(options.to, '--to', run.now()),
    substitutes: (options.substitute ?? []).map(parseBoxAddress),
  };
  checkAbsence(absence, run.now());
  const { from, to } = absence;
  const document = {
    schema: 'topaz.ehbox.ooo.add/1',
    from,
    to,
    substitutes: absence.substitutes.map(substituteJson),
  };
  if (options.dryRun === true) {
    run.result({ ...document, dryRun: true }, () => [run.t('ehbox.ooo.add.dry', { from, to })]);
    return;
  }
  const { call, url, common } = await service(run, options);
  const id = await run.step(run.t('ehbox.action.step'), () =>
    addAbsence(call, url, { ...common, absence }),
  );
  run.result({ ...document, ...(id === undefined ? {} : { id }) }, () =>
    id === undefined ? [] : [id],
  );
  run.done(run.t('ehbox.ooo.add.done', { from, to }));
}

export async function runOooRemove(
  run: Run,
  named: readonly string[],
  options: OooRemoveFlags,
): Promise<void> {
  const ids = [...new Set(named)];
  ids.forEach(checkAbsenceId);
  const schema = 'topaz.ehbox.ooo.remove/1';
  const items = (list: readonly string[]) => list.map((id) => ({ id }));
  if (options.dryRun === true) {
    run.result({ schema, dryRun: true, done: items(ids), failed: [] }, () => [
      run.t('ehbox.ooo.remove.dry', { count: ids.length }),
    ]);
    return;
  }
  const { call, url, common } = await service(run, options);
  const missing = await run.step(run.t('ehbox.action.step'), () =>
    removeAbsences(call, url, { ...common, ids }),
  );
  const done = ids.filter((id) => !missing.includes(id));
  const failed = missing.map((id) => ({
    id,
    error: new TopazError('E_SERVICE_REFUSED', `the eHealthBox knows no period ${id}`, {
      hint: 'topaz ehbox ooo list',
    }),
  }));
  run.result({ schema, done: items(done), failed: failedJson(failed) }, () => []);
  if (done.length > 0) {
    run.done(run.t('ehbox.ooo.remove.done', { count: done.length }));
  }
  endBatch(done.length, failed);
}
