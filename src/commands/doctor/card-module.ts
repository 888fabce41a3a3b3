/**
 * The PKCS#11 module: which one, and whether it loads.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Pkcs11Module } from '../../pkcs11/module.js';
import { moduleSetting } from '../eid/open-card.js';
import { checksOf, describeError } from './check.js';
import type { Check } from './check.js';

const check = checksOf('card');
const ID = 'pkcs11.module';

export interface ModuleFinding {
  readonly checks: readonly Check[];
  /** Open; to be closed by the caller. */
  readonly module?: Pkcs11Module | undefined;
  /** Path, or `sandbox:DIR`. */
  readonly setting?: string | undefined;
}

/**
 * @param missing What it means that no module is installed. One that was chosen and does not load is a failure
 *   in any case.
 */
export async function checkingModule(
  run: Run,
  missing: 'failed' | 'warning',
): Promise<ModuleFinding> {
  let setting: string | undefined;
  try {
    setting = await moduleSetting(run);
    const { openModule } = await import('../../pkcs11/open-module.js');
    const module = await openModule(setting, { env: run.ctx.env, signal: run.ctx.signal });
    return { checks: [await describe(run, module)], module, setting };
  } catch (error) {
    if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
      throw error;
    }
    const state = setting === undefined && error.code === 'E_MODULE_NOT_FOUND' ? missing : 'failed';
    const { summary, hint } = describeError(run, error);
    return { checks: [check(ID, state, summary, hint)], setting };
  }
}

async function describe({ t }: Run, { info }: Pkcs11Module): Promise<Check> {
  const { moduleKind } = await import('../../eid/readers.js');
  const kind = moduleKind(info);
  const { major, minor } = info.version;
  const name = kind === 'other' ? info.description : t(`doctor.module.${kind}`);
  const summary = t('doctor.module.ok', { name, version: `${major}.${minor}` });
  return kind === 'opensc'
    ? check(ID, 'warning', summary, t('explain.do.signature'))
    : check(ID, 'ok', summary);
}
