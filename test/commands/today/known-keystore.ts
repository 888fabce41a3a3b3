/**
 * A profile whose keystore is known by what `cert finalize` wrote down: its file is never opened.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createPki } from '../../soap/openssl-pki.js';

/** Writes profile, file and record below `home`; the certificate is valid from now on for so many days. */
export async function writeKnownKeystore(
  home: string,
  { days, more = {} }: { readonly days: number; readonly more?: object },
): Promise<void> {
  const pki = createPki('Known CA');
  const { der } = pki.issue('known', { days }).certificate;
  pki.remove();
  const bytes = Buffer.from('nobody opens this');
  const keystore = join(home, 'data', 'cabinet', 'keystores', 'jean.p12');
  const files: Record<string, string | Buffer> = {
    [join(home, 'config', 'profiles', 'cabinet.json')]: JSON.stringify({ schema: 'topaz.profile/1', environment: 'acc', keystore: 'jean' }),
    [join(home, 'config', 'config.json')]: JSON.stringify({ schema: 'topaz.profile/1', profile: 'cabinet' }),
    [keystore]: bytes,
    [join(home, 'state', 'cabinet', 'requests', `${'a'.repeat(40)}.json`)]: JSON.stringify({
      schema: 'topaz.request/1', id: 'a'.repeat(40), state: 'issued', environment: 'acc', as: 'person',
      holder: { type: 'SSIN', id: '79021599732' }, keystore, createdAt: '2026-03-01T08:00:00Z',
      certificates: [Buffer.from(der).toString('base64')],
      fileDigest: createHash('sha256').update(bytes).digest('hex'), ...more,
    }),
  }; // prettier-ignore
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    await writeFile(path, content, { mode: 0o600 });
  }
}
