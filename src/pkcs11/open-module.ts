/**
 * Opens a PKCS#11 module by its setting: the path of a library, or `sandbox:DIR` for a simulated card.
 *
 * @module
 */

import type { Pkcs11Module } from './module.js';
import { openNativeModule } from './native-module.js';
import type { NativeModuleOptions } from './native-module.js';
import { openSimulatedModule } from './simulated/simulated-module.js';

const SANDBOX = 'sandbox:';

/** Whether the setting names a simulated card. */
export const isSimulated = (module: string): boolean => module.startsWith(SANDBOX);

export type OpenModuleOptions = Omit<NativeModuleOptions, 'path'>;

/**
 * Loads the module.
 *
 * @param module Path of a library, or `sandbox:DIR`.
 * @throws TopazError `E_MODULE_NOT_FOUND`, `E_NATIVE_MISSING`.
 */
export function openModule(module: string, options: OpenModuleOptions): Promise<Pkcs11Module> {
  return isSimulated(module)
    ? openSimulatedModule(module.slice(SANDBOX.length), options)
    : openNativeModule({ ...options, path: module });
}
