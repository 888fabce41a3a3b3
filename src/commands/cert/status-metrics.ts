/**
 * `topaz cert status --format prometheus`: the text exposition format, for the textfile collector of a node
 * exporter. No name and no number of a person is a label, but for what an alias may hold.
 *
 * @module
 */

/** A certificate as it is measured. */
export interface Measured {
  readonly profile: string;
  readonly keystore: string;
  readonly usage: string;
  readonly serial: string;
  readonly state: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly renewableFrom: Date;
}

const STATES = ['valid', 'expiring', 'expired', 'revoked', 'not-yet-valid'] as const;

const METRICS = [
  ['not_before_seconds', 'Begin of validity, Unix time.', ({ notBefore }: Measured) => notBefore],
  ['not_after_seconds', 'End of validity, Unix time.', ({ notAfter }: Measured) => notAfter],
  [
    'renewable_from_seconds',
    'Begin of the replacement period, Unix time.',
    ({ renewableFrom }: Measured) => renewableFrom,
  ],
] as const;

/** Lines without their line ends; `unknown` keystores are those that could not be looked into. */
export function metricsLines(
  certificates: readonly Measured[],
  unknown: readonly { readonly profile: string; readonly keystore?: string | undefined }[],
): readonly string[] {
  return [
    ...METRICS.flatMap(([name, help, valueOf]) => [
      ...head(`topaz_certificate_${name}`, help),
      ...certificates.map(
        (entry) =>
          `topaz_certificate_${name}${labels(entry)} ${String(Math.floor(valueOf(entry).getTime() / 1000))}`,
      ),
    ]),
    ...head('topaz_certificate_state', '1 for the state that the certificate is in.'),
    ...certificates.flatMap((entry) =>
      STATES.map(
        (state) =>
          `topaz_certificate_state${labels(entry, { state })} ${state === entry.state ? '1' : '0'}`,
      ),
    ),
    ...head('topaz_certificate_unknown', '1 for a keystore that could not be looked into.'),
    ...unknown.map(
      ({ profile, keystore = '' }) => `topaz_certificate_unknown${braces({ profile, keystore })} 1`,
    ),
  ];
}

const head = (name: string, help: string): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} gauge`,
];

const labels = (
  { profile, keystore, usage, serial }: Measured,
  more: Readonly<Record<string, string>> = {},
): string => braces({ profile, keystore, usage, serial, ...more });

const braces = (values: Readonly<Record<string, string>>): string =>
  `{${Object.entries(values)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(',')}}`;

const escape = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
