/**
 * `CommonInput` and `CommonOutput`: what every MyCareNet request begins with and every answer repeats
 * (mycarenet §1.2, §1.7).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Environment } from '../profile/environment.js';
import type { ElementFactory } from '../xml/build.js';
import { childText } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { originElement } from './origin.js';
import type { Origin } from './origin.js';

export interface CommonInput {
  readonly isTest: boolean;
  readonly origin: Origin;
  readonly inputReference: string;
}

/** The references that a help desk asks for. */
export interface References {
  readonly input?: string;
  /** Of the broker. */
  readonly nip?: string;
  /** Of the mutuality. */
  readonly output?: string;
}

/**
 * The element `CommonInput`. `NIPReference` is the broker's to give.
 *
 * @param protocol Makes `CommonInput` itself.
 * @param core Makes what is inside.
 */
export const commonInputElement = (
  protocol: ElementFactory,
  core: ElementFactory,
  { isTest, origin, inputReference }: CommonInput,
): XmlElement =>
  protocol(
    'CommonInput',
    {},
    core('Request', {}, core('IsTest', {}, String(isTest))),
    originElement(core, core, origin),
    core('InputReference', {}, inputReference),
  );

/** Reads `CommonOutput`; what is missing or empty is left out. */
export function readReferences(output: XmlElement | undefined, namespace: string): References {
  const [input, nip, output_] = ['InputReference', 'NIPReference', 'OutputReference'].map(
    (name) => {
      const text = childText(output, namespace, name);
      return text === '' ? undefined : text;
    },
  );
  return {
    ...(input === undefined ? {} : { input }),
    ...(nip === undefined ? {} : { nip }),
    ...(output_ === undefined ? {} : { output: output_ }),
  };
}

/** Hosts of the real platforms, and whether they are the one where everything counts. */
const PRODUCTION = /^(?:services|prod)\.(?:ehealth\.fgov\.be|mycarenet\.be)$/;
const OTHERS = /(?:\.ehealth\.fgov\.be|\.mycarenet\.be)$/;

/**
 * `IsTest`: everywhere but in production. The address is compared: a test that counts, or a real request at a
 * test platform, would both go unnoticed.
 *
 * @throws TopazError `E_ENVIRONMENT_MISMATCH`.
 */
export function isTestFor(environment: Environment, url: string): boolean {
  const { hostname } = new URL(url);
  const isTest = environment !== 'prod';
  if (isTest ? PRODUCTION.test(hostname) : OTHERS.test(hostname) && !PRODUCTION.test(hostname)) {
    throw new TopazError('E_ENVIRONMENT_MISMATCH', `${hostname} does not belong to the environment ${environment}`, {
      hint: 'correct the address in the profile (topaz profile show), or choose another profile',
    }); // prettier-ignore
  }
  return isTest;
}
