/**
 * `topaz session open`: a session with the eID, or with the eHealth certificate alone. A session that is
 * open already is kept, and renewed when it ends soon; two commands at once take turns.
 *
 * @module
 */

import { Command, Option } from 'commander';

import type { Context } from '../../cli/context.js';
import { parseDuration } from '../../cli/duration.js';
import { withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { nearest } from '../../profile/nearest.js';
import { TopazError } from '../../errors.js';
import type { StsProtocol } from '../../sts/open-session.js';
import type { Session } from '../../sts/session.js';
import { withReader } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';
import { activeKeystore, keystorePath, withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags, OpenedKeystore } from '../keystore/open-keystore.js';
import { agentDocument, agentLine } from './agent-document.js';
import { agentState } from './held-keys.js';
import { sessionDocument, sessionLine } from './session-document.js';
import { currentSession, inTurn, sessionFolder } from './stored-session.js';

export interface OpenOptions extends KeystoreFlags, CardFlags {
  via?: string;
  as?: string;
  minutes?: string;
  sts?: string;
  serviceName?: string;
  renewWithin?: string;
  force?: boolean;
  unlock?: readonly string[];
}

type Via = Session['via'];

/** An open session is kept while it has more than this left (sts-session §3.2). */
const KEEP_MS = 5 * 60 * 1000;
const MAX_MINUTES = 24 * 60;

/** `topaz session open`. */
export function openCommand(ctx: Context, run = runOpen): Command {
  const command = withReader(
    withPinFile(
      withKeystore(
        new Command('open')
          .summary('open an STS session')
          .addOption(
            new Option('--via <way>', 'with the card, or with the certificate alone').choices([
              'eid',
              'keystore',
            ]),
          )
          .option('--as <quality>', 'in which quality: doctor, nurse, groupofnurses …')
          .option('--minutes <n>', 'how long it should live; eHealth may shorten it')
          .addOption(
            new Option('--sts <protocol>', 'how to speak to the STS; WS-Trust unless told').choices(
              ['saml', 'wstrust'],
            ),
          )
          .option('--service-name <name>', 'the service of your mandate, with --as mandate')
          .option('--renew-within <duration>', 'renew one that ends within <duration>: 30m, 2h')
          .option('--unlock <alias>', 'unlock this keystore too; may be repeated', collect)
          .option('-f, --force', 'a new one, even when one is open'),
      ),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # with the identity card; asks for password and PIN
  $ topaz session open --via eid --as doctor
  # the fallback, in a script
  $ topaz session open --via keystore --as doctor --password-file pw
  # from a script that runs every hour: never less than two hours left
  $ topaz session open --via keystore --renew-within 2h --password-file pw
  # by mandate, for MyCareNet
  $ topaz session open --via eid --as mandate --service-name genins
  # by the older protocol; for good: topaz profile set sts.protocol saml
  $ topaz session open --via eid --as doctor --sts saml

A session that is open is kept while more than 5 minutes of it are left, or more
than --renew-within. Without --as the quality is that of the profile
(holder.quality) or, for an organisation, that of its certificate. A renewal
with the card needs the PIN again; the fallback renews without it.

The active keystore, that of the organisation and those of --unlock stay unlocked
in a background process: other commands ask for no password until it locks. Then
"topaz session open" needs the password alone. --no-agent starts no process.

Asks for the way (--via, TOPAZ_VIA), the quality of a person (--as), the password
of the keystore (--password-file, --password-fd) and the PIN (--pin-file, --pin-fd).`,
  );
  return command.action((options: OpenOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  value,
];

export async function runOpen(run: Run, options: OpenOptions): Promise<void> {
  const { writeSession } = await import('../../sts/session-store.js');
  const { handOver, keepUnlocked, unlock } = await import('./unlock.js');
  const minutes = minutesOf(options.minutes);
  const { renewWithin, serviceName } = options;
  const keepMs = renewWithin === undefined ? KEEP_MS : parseDuration(renewWithin, '--renew-within');
  const quality = await qualityAsked(options.as);
  const via = await viaOf(run, options.via);
  const keystore = await keystorePath(run, await activeKeystore(run, options.keystore));
  const usual = (await run.profile()).holder.quality;
  const wanted = { via, quality, usual, keystore, serviceName, sts: options.sts };
  const session = await inTurn(run, async () => {
    const open = options.force === true ? undefined : await currentSession(run);
    const same = open !== undefined && (await isSame(open, wanted)) ? open : undefined;
    if (same !== undefined && same.notOnOrAfter.getTime() - run.now().getTime() > keepMs) {
      await keepUnlocked(run, options, same, keystore);
      return same;
    }
    const keys = await unlock(run, options, keystore);
    const fresh = await openNew(run, options, wanted, {
      minutes,
      renew: same,
      keystore: keys.active,
    });
    await writeSession(sessionFolder(run), fresh);
    await handOver(run, fresh, keys);
    return fresh;
  });
  const agent = await agentState(run);
  run.result(
    {
      schema: 'topaz.session.open/1',
      session: sessionDocument(session, run.now()),
      agent: agentDocument(agent),
    },
    () => [sessionLine(run, session), ...(agent.state === 'none' ? [] : [agentLine(run, agent)])],
    () => [[sessionLine(run, session)]],
  );
}

/** What a session is asked for; without a quality, that of the holder. */
interface Wanted {
  readonly via: Via;
  readonly quality: string | undefined;
  /** A person's, from the profile. */
  readonly usual: string | undefined;
  /** File. */
  readonly keystore: string;
  /** Of a mandate. */
  readonly serviceName: string | undefined;
  /** Protocol. */
  readonly sts: string | undefined;
}

/** Kept, or renewed, where nothing else is asked for now. */
async function isSame(open: Session, wanted: Wanted): Promise<boolean> {
  const { via, quality, usual, keystore, serviceName, sts } = wanted;
  const { SERVICE_NAME } = await import('../../sts/qualities.js');
  const service = open.attributes.find(({ name }) => name === SERVICE_NAME)?.values[0];
  const isPerson = ['SSIN', 'NIHII11'].includes(open.holder.type);
  const expected = quality ?? (isPerson ? usual : undefined) ?? open.holder.quality;
  return (
    open.via === via &&
    open.keystore === keystore &&
    open.holder.quality === expected &&
    (serviceName === undefined || service === serviceName) &&
    (sts === undefined || open.protocol === sts)
  );
}

interface NewSession {
  readonly minutes: number | undefined;
  /** In the place of this one, where that is possible. */
  readonly renew: Session | undefined;
  readonly keystore: OpenedKeystore;
}

async function openNew(
  run: Run,
  options: OpenOptions,
  { via, quality, usual, keystore: path, serviceName }: Wanted,
  { minutes, renew, keystore }: NewSession,
): Promise<Session> {
  const [{ openSession }, { endpoint }, { trustRoots }, { qualityOfType }] = await Promise.all([
    import('../../sts/open-session.js'),
    import('../../profile/endpoints.js'),
    import('../../profile/trust.js'),
    import('../../sts/qualities.js'),
  ]);
  const profile = await run.profile();
  const protocol = protocolOf(options.sts ?? profile.sts.protocol);
  const url = endpoint(profile, protocol === 'saml' ? 'stsSaml11' : 'stsWsTrust');
  const trusted = await trustRoots(profile, 'stsSigner');
  const as = quality ?? qualityOfType(keystore.holder.identifier.type) ?? usual;
  const chosen = as ?? (await askQuality(run));
  const call = await run.call();
  const open = async (authentication: OpenedKeystore['signer']): Promise<Session> => {
    const session = await run.step(run.t('session.open.step', { quality: chosen }), () =>
      openSession(
        {
          protocol,
          via,
          authentication,
          holderOfKey: keystore.signer,
          quality: chosen,
          serviceName,
          renew,
          designators: profile.sts.designators,
          minutes: minutes ?? profile.session.minutes,
          signatureDigest: profile.sts.signatureDigest,
          environment: profile.environment,
          trusted,
        },
        { call, url, now: run.now, newId: run.ctx.newId, signal: run.ctx.signal },
      ),
    );
    return { ...session, keystore: path, protocol };
  };
  if (via === 'keystore') {
    return open(keystore.signer);
  }
  const { withCardSigner } = await import('./card-signer.js');
  return withCardSigner(run, options, keystore, open);
}

/** WS-Trust is the default of every environment. */
const protocolOf = (asked: string | undefined): StsProtocol =>
  asked === 'saml' ? 'saml' : 'wstrust';

async function qualityAsked(quality: string | undefined): Promise<string | undefined> {
  const { QUALITIES, qualityNames } = await import('../../sts/qualities.js');
  if (quality !== undefined && !Object.hasOwn(QUALITIES, quality)) {
    const [close] = nearest(quality, qualityNames());
    throw new TopazError('E_USAGE', '--as takes another word', {
      facts: [`one of: ${qualityNames().join(', ')}`],
      hint: close === undefined ? '--as doctor' : `did you mean --as ${close}?`,
    });
  }
  return quality;
}

/** A person's certificate does not say in which quality he acts. */
async function askQuality(run: Run): Promise<string> {
  const { QUALITIES, qualityNames } = await import('../../sts/qualities.js');
  if (!run.settings.canAsk) {
    throw new TopazError(
      'E_INPUT_REQUIRED',
      'the quality is needed and there is no terminal to ask',
      {
        hint: '--as doctor, or: topaz profile set holder.quality doctor',
      },
    );
  }
  const prompter = await run.ctx.prompter();
  return prompter.input(run.t('session.ask.quality'), {
    validate: (value) =>
      Object.hasOwn(QUALITIES, value) ? true : qualityNames().filter((name) => QUALITIES[name]?.holderType === 'SSIN').join(', '),
  }); // prettier-ignore
}

async function viaOf(run: Run, flag: string | undefined): Promise<Via> {
  const said = flag ?? (run.ctx.env['TOPAZ_VIA'] || undefined) ?? (await run.profile()).via;
  // Where nothing is said, the session that is open is meant: after a lock its password is enough.
  const asked = said ?? (await currentSession(run))?.via;
  if (asked === 'eid' || asked === 'keystore') {
    return asked;
  }
  if (asked !== undefined) {
    throw new TopazError('E_USAGE', 'a session is opened via eid or keystore', {
      hint: '--via eid, or --via keystore',
    });
  }
  if (!run.settings.canAsk) {
    throw new TopazError('E_INPUT_REQUIRED', 'how to open the session is not said, and there is no terminal to ask', {
      hint: '--via eid, or --via keystore',
    }); // prettier-ignore
  }
  const prompter = await run.ctx.prompter();
  return prompter.choose(run.t('session.ask.via'), [
    { value: 'eid', label: run.t('session.ask.via.eid') },
    { value: 'keystore', label: run.t('session.ask.via.keystore') },
  ]);
}

function minutesOf(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const minutes = Number(text);
  if (!/^\d{1,4}$/.test(text) || minutes < 1 || minutes > MAX_MINUTES) {
    throw new TopazError('E_USAGE', '--minutes takes a number from 1 to 1440', {
      hint: '--minutes 720',
    });
  }
  return minutes;
}
