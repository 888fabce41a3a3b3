/** A doctor with his keystore at the sandbox's STS, and what the sandbox wrote down about him. */

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

import type { Signer } from '../../src/keys/keys.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { readProfile } from '../../src/profile/profile.js';
import { trustRoots } from '../../src/profile/trust.js';
import { publicKeyInfoOf } from '../../src/sandbox/citizen-pki.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import type { OpenSessionContext } from '../../src/sts/open-session.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { openWorld } from '../lifecycle/world.js';
import type { World } from '../lifecycle/world.js';

export interface SeenCheck {
  readonly name: string;
  readonly state: string;
  readonly detail?: string;
}

export interface SeenExchange {
  /** Path without ending. */
  readonly path: string;
  readonly operation: string;
  readonly checks: readonly SeenCheck[];
}

export interface Seat {
  readonly world: World;
  readonly context: OpenSessionContext;
  readonly trusted: readonly Certificate[];
  keystoreOf(holder: string): Promise<Signer>;
  /** Exchanges with the STS since the last look. */
  exchanges(): Promise<readonly SeenExchange[]>;
}

/** Opens a sandbox that refuses what it would only tolerate, unless told otherwise. */
export async function openSeat(endpoint: 'stsSaml11' | 'stsWsTrust'): Promise<Seat> {
  const world = await openWorld({ strict: true });
  // Without its patients and messages the state is small, and quickly written after each exchange.
  const { persons, organisations } = demoSeed();
  await world.control('reset');
  await world.control('seed', {
    document: { schema: 'topaz.sandbox.seed/1', persons, organisations },
  });
  const profile = await readProfile(world.paths, 'sandbox');
  let seen = 0;
  return {
    world,
    context: {
      call: world.call,
      url: profile.endpoints[endpoint] ?? '',
      now: () => new Date(),
      newId: () => randomUUID(),
    },
    trusted: await trustRoots(profile, 'stsSigner'),
    keystoreOf: async (holder) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const { chainBase64 } = await world.control('keystore.issue', {
        holder,
        publicKeyInfoBase64: Buffer.from(publicKeyInfoOf(privateKey)).toString('base64'),
      });
      const [leaf, ...issuers] = (chainBase64 as string[]).map((der) =>
        parseCertificate(Uint8Array.from(Buffer.from(der, 'base64'))),
      );
      if (leaf === undefined) throw new Error('no certificate');
      return createSigner(privateKey, [leaf, ...issuers]);
    },
    exchanges: async () => {
      const folder = await readdir(world.path('record')).catch(() => []);
      const names = folder.filter((name) => /^\d+-sts-.*\.json$/.test(name)).sort();
      const fresh = names.slice(seen);
      seen = names.length;
      return Promise.all(
        fresh.map(async (name) => {
          const path = world.path('record', name);
          const { operation, checks } = JSON.parse(await readFile(path, 'utf8')) as SeenExchange;
          return { path: path.replace(/\.json$/, ''), operation, checks };
        }),
      );
    },
  };
}
