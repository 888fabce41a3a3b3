/** `topaz seal --dry-run`: says for whom, and leaves everything as it is. */

import { readdir, writeFile } from 'node:fs/promises';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { certificateOf } from '../../etee/pki.js';
import { checkDocument } from '../../support/json-schema.js';
import { createWorld, type World } from './world.js';

let world: World;

beforeEach(async () => {
  world = await createWorld();
  await world.copyEtk({ type: 'SSIN', id: '85061199814' }, 'recipient');
  await writeFile(world.path('letter'), 'text');
});

afterEach(() => world.remove());

const DRY = ['seal', 'letter', '--to', 'SSIN=85061199814', '--dry-run'];

test('names the recipients, without a place for the result', async () => {
  const before = await readdir(world.dir);
  const document = await world.json(DRY);
  expect(document).toEqual({
    schema: 'topaz.seal/1',
    sender: { type: 'SSIN', id: '79021599732', name: 'Jean Exemple' },
    recipients: [
      {
        type: 'SSIN',
        id: '85061199814',
        name: 'Marie Voorbeeld',
        serial: certificateOf('recipient-enc').serial.toString(),
        notAfter: '2040-01-01T00:00:00Z',
      },
    ],
    dryRun: true,
  });
  expect(checkDocument(document)).toEqual([]);
  const { ctx, bytes } = await world.run(DRY, { terminal: true });
  expect(ctx.stdout).toEqual([
    'Would seal for Marie Voorbeeld (SSIN 85.06.11-998.14), ETK valid until 1 January 2040',
  ]);
  expect(bytes).toHaveLength(0);
  expect(await readdir(world.dir)).toEqual(before);
});

test('refuses what the sealing would refuse', async () => {
  const offline = { env: { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' } };
  expect(await world.failure(['seal', 'letter', '--to', 'SSIN=79021599732', '--dry-run'], offline)).toMatchObject({ code: expect.stringMatching(/^E_NETWORK/) }); // prettier-ignore
  expect(await world.failure(['seal', 'letter', '--to', 'SSIN=1', '--dry-run'])).toMatchObject({
    code: 'E_SSIN_INVALID',
  });
  expect(await world.failure([...DRY, '--keystore', 'expired'])).toMatchObject({
    code: 'E_CERT_EXPIRED',
  });
});
