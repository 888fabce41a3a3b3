/**
 * `topaz profile show`: what holds for a profile, and where each value comes from.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts } from '../../cli/text.js';
import type { ProfileValue } from '../../profile/keys.js';

export interface ShowOptions {
  origin?: boolean;
}

/** `topaz profile show [NAME]`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = new Command('show')
    .summary('show a profile, all of it')
    .argument('[name]', 'the one in use when it is left out')
    .option('--origin', 'also where each value comes from')
    .addHelpText(
      'after',
      `
Examples:
  # what holds here?
  $ topaz profile show
  # and why?
  $ topaz profile show --origin
  # the address of a service, for a script
  $ topaz profile show sandbox --json | jq -r .profile.endpoints.certra`,
    );
  return command.action((name: string | undefined, options: ShowOptions) =>
    action(ctx, command, (session) => run(session, name, options)),
  );
}

type Origin = 'environment' | 'profile' | 'configuration' | 'built-in';

interface Value {
  readonly key: string;
  readonly value: ProfileValue;
  readonly origin: Origin;
  /** The variable, where one decides. */
  readonly variable?: string;
}

export async function runShow(
  run: Run,
  given: string | undefined,
  options: ShowOptions,
): Promise<void> {
  const name = given ?? run.settings.profileName;
  const [{ nestValues }, { profileFile }] = await Promise.all([
    import('../../profile/document.js'),
    import('../../profile/files.js'),
  ]);
  const values = await collect(run, name);
  const profile = nestValues(new Map(values.map(({ key, value }) => [key, value])));
  const origin = options.origin === true;
  run.result(
    {
      schema: 'topaz.profile.show/1',
      profile: { name, ...profile },
      file: profileFile(run.paths, name),
      ...(origin
        ? {
            origins: Object.fromEntries(
              values.map(({ key, origin: from, variable }) => [key, variable ?? from]),
            ),
          }
        : {}),
    },
    () => [
      ...facts([['profile', name]]),
      ...facts(
        values.map((value): [string, string] => [
          value.key,
          `${shown(value.value)}${origin ? `  (${value.variable ?? value.origin})` : ''}`,
        ]),
      ),
    ],
    () => [
      ['name', name, 'profile'],
      ...values.map(({ key, value, origin: from, variable }) => [
        key,
        shown(value),
        variable ?? from,
      ]),
    ],
  );
}

const shown = (value: ProfileValue): string =>
  typeof value === 'object' ? value.join(', ') : String(value);

/** Variables that win over a key of the profile. */
const VARIABLES: Readonly<Record<string, string>> = {
  language: 'TOPAZ_LANG',
  via: 'TOPAZ_VIA',
  'pkcs11.module': 'TOPAZ_PKCS11_MODULE',
  'pkcs11.reader': 'TOPAZ_READER',
};

/** Every value that holds, in the order of the table of keys. */
async function collect(run: Run, name: string): Promise<readonly Value[]> {
  const [{ readConfiguration, readProfileValues }, { PROFILE_KEYS, SERVICE_ENDPOINTS }, endpoints] =
    await Promise.all([
      import('../../profile/files.js'),
      import('../../profile/keys.js'),
      import('../../profile/endpoints.js'),
    ]);
  const own = await readProfileValues(run.paths, name);
  const configured = new Map(await readConfiguration(run.paths));
  configured.delete('profile');
  const environment = (await import('../../profile/profile.js')).environmentOf(own);
  const builtIn = new Map<string, string>(
    SERVICE_ENDPOINTS.flatMap((service) => {
      const url = endpoints.builtInEndpoint(environment, service);
      return url === undefined ? [] : [[`endpoints.${service}`, url] as const];
    }),
  );
  const keys = new Set([...PROFILE_KEYS.keys(), ...own.keys()]);
  return [...keys].flatMap((key): Value[] => {
    const variable = VARIABLES[key];
    const fromVariable = variable === undefined ? undefined : run.ctx.env[variable];
    if (variable !== undefined && fromVariable !== undefined && fromVariable !== '') {
      return [{ key, value: fromVariable, origin: 'environment', variable }];
    }
    for (const [values, origin] of [
      [own, 'profile'],
      [configured, 'configuration'],
      [builtIn, 'built-in'],
    ] as const) {
      const value = values.get(key);
      if (value !== undefined) {
        return [{ key, value, origin }];
      }
    }
    return [];
  });
}
