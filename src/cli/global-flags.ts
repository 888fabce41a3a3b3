/**
 * The flags that every command has, and the variables that stand for them (cli-ux §2). The program, its help
 * and the topic `flags` are made from this table.
 *
 * @module
 */

export interface GlobalFlag {
  /** As commander reads it. */
  readonly flags: string;
  readonly description: string;
  /** The environment variable that does the same. */
  readonly env?: string;
  readonly choices?: readonly string[];
}

export const GLOBAL_FLAGS: readonly GlobalFlag[] = [
  { flags: '-p, --profile <name>', description: 'which profile', env: 'TOPAZ_PROFILE' },
  {
    flags: '--env <name>',
    description: 'environment that the profile must be of: sandbox, int, acc, prod',
    env: 'TOPAZ_ENV',
  },
  { flags: '--json', description: 'the result as one JSON document' },
  { flags: '-q, --quiet', description: 'no messages but errors' },
  { flags: '-v, --verbose', description: 'say what is done; twice: with timings' },
  { flags: '--debug', description: 'stack traces and the redacted log', env: 'TOPAZ_DEBUG' },
  {
    flags: '--log-file <file>',
    description: 'write the log to a file (mode 0600)',
    env: 'TOPAZ_LOG_FILE',
  },
  {
    flags: '--color <when>',
    description: 'colour: auto, always or never',
    env: 'TOPAZ_COLOR',
    choices: ['auto', 'always', 'never'],
  },
  { flags: '--no-color', description: 'the same as --color never', env: 'NO_COLOR' },
  {
    flags: '--plain',
    description: 'no spinner, symbol or menu: for screen readers',
    env: 'TOPAZ_PLAIN',
  },
  {
    flags: '--no-input',
    description: 'never ask; fail and name the flag instead',
    env: 'TOPAZ_NO_INPUT',
  },
  { flags: '-y, --yes', description: 'answer yes to ordinary confirmations' },
  {
    flags: '--no-agent',
    description: 'keys by their password alone, never from the session agent',
    env: 'TOPAZ_NO_AGENT',
  },
  {
    flags: '--lang <code>',
    description: 'language of the messages: fr, nl, de or en',
    env: 'TOPAZ_LANG',
  },
  {
    flags: '--timeout <duration>',
    description: 'limit of each remote call (default 30s)',
    env: 'TOPAZ_TIMEOUT',
  },
  {
    flags: '--lock-timeout <duration>',
    description: 'how long to wait for another command (default 10s)',
    env: 'TOPAZ_LOCK_TIMEOUT',
  },
];

/** What commander makes of {@link GLOBAL_FLAGS}; every member is absent until its flag is given. */
export interface GlobalOptions {
  readonly profile?: string;
  readonly env?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: number;
  readonly debug?: boolean;
  readonly logFile?: string;
  /** `false` is `--no-color`; commander gives `true` where neither stands on the line. */
  readonly color?: string | boolean;
  readonly plain?: boolean;
  readonly input?: boolean;
  readonly yes?: boolean;
  /** `false` is `--no-agent`; commander gives `true` where it does not stand on the line. */
  readonly agent?: boolean;
  readonly lang?: string;
  readonly timeout?: string;
  readonly lockTimeout?: string;
}
