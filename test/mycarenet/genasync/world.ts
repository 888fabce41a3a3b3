/**
 * A strict sandbox in this process, and topaz's client of the mailboxes that speaks to it.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';

import { parseNihii, padNihii11 } from '../../../src/ids/nihii.js';
import { findDomain } from '../../../src/mycarenet/genasync/domains.js';
import type { Domain } from '../../../src/mycarenet/genasync/domains.js';
import type { MailboxCaller } from '../../../src/mycarenet/genasync/client.js';
import { createCall } from '../../../src/soap/call.js';
import type { Call } from '../../../src/soap/call.js';
import { bytesOf } from '../../soap/bodies.js';
import { DOCTOR, NOW, NURSE_GROUP, openOtherClient } from '../other-client.js';
import type { OtherClient } from '../other-client.js';

export const PATHS: Readonly<Record<string, string>> = {
  mda: '/mycarenet/bed/GenAsync/memberData',
  dmg: '/mycarenet-ws/async/generic/gmd',
  invoicing: '/mycarenet-ws/async/generic/hcpfac',
  'invoicing-mediprima': '/mycarenet-ws/async/generic/hcpfac_12',
  eagreement: '/mcn/bed/ehealth/GenAsync/eagreement',
  admissions: '/mycarenet-ws/async/generic/adm',
};

export interface World {
  readonly other: OtherClient;
  readonly call: Call;
  /** Requests as they were sent: content type and body. */
  readonly sent: { readonly type: string; readonly body: string }[];
  caller(domain: string, who?: 'group' | 'doctor'): MailboxCaller;
}

export const domainOf = (name: string): Domain => findDomain(name, { endpoints: {} });

export async function openWorld(): Promise<World> {
  const other = await openOtherClient({ strict: true });
  const sent: { type: string; body: string }[] = [];
  const call = createCall({
    transport: {
      ...other.transport,
      post: (url, headers, body, options) => {
        sent.push({ type: headers['Content-Type'] ?? '', body: Buffer.from(bytesOf(body)).toString('utf8') }); // prettier-ignore
        return other.transport.post(url, headers, body, options);
      },
    },
    now: () => NOW,
    newId: randomUUID,
    timeoutMs: 5000,
  });
  return {
    other,
    call,
    sent,
    caller: (domain, who = 'group') => ({
      url: `https://127.0.0.1${PATHS[domain] ?? ''}`,
      isTest: true,
      security: other.security(who === 'group' ? NURSE_GROUP : DOCTOR),
      origin: {
        packageName: 'topaz',
        license: { username: 'topaz', password: Buffer.from('licence of the test') },
        careProvider:
          who === 'group'
            ? {
                quality: 'groupofnurses',
                nihii: padNihii11(parseNihii('94499180')),
                name: 'Groupe Exemple',
              }
            : {
                quality: 'doctor',
                nihii: padNihii11(parseNihii('19547181004')),
                name: 'Jean Exemple',
                ssin: '79021599732',
              },
      },
    }),
  };
}

/** What the sandbox found wrong, or let through only out of leniency. */
export const complaints = ({ other }: World): readonly string[] =>
  other
    .checks()
    .filter(
      ({ state, detail = '' }) =>
        (state !== 'ok' && state !== 'skipped') || detail.startsWith('tolerated'),
    )
    .map(({ name, detail = '' }) => `${name}: ${detail}`);
