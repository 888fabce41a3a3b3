/** Lists and searches by the built program, in a mirror that holds many messages, against a bare Node. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { runProgram, takeTurns } from '../support/measure.mjs';
import { dayOf, idOf, senderOf, textOf, titleOf } from './messages.mjs';

const program = fileURLToPath(new URL('../../bin/topaz.js', import.meta.url));
const sender = (number) => ({
  type: 'NIHII',
  id: '71234523',
  quality: 'LABO',
  name: senderOf(number),
});

export async function listRows(folder, smoke) {
  if (!existsSync(fileURLToPath(new URL('../../dist/main.js', import.meta.url)))) {
    throw new Error('dist is missing: run `npm run build` first');
  }
  const total = smoke ? 500 : 50_000;
  const home = join(folder, 'home');
  fillHome(home, total);
  const env = { ...process.env, TOPAZ_HOME: home, TOPAZ_PROFILE: 'bench', TOPAZ_LANG: 'en' };
  const topaz = (...args) => runProgram(process.execPath, [program, 'ehbox', ...args], { env });
  await topaz('reindex');
  const wanted = titleOf(Math.floor(total / 3));
  const asked = {
    list: ['list'],
    json: ['list', '--json'],
    unread: ['list', '--unread'],
    search: ['list', '--search', wanted],
    all: ['list', '--all', '--json'],
  };
  const { stdout } = await topaz(...asked.search);
  if (!stdout.includes(wanted)) {
    throw new Error('the search found nothing');
  }
  const times = await takeTurns(
    {
      node: async () => (await runProgram(process.execPath, ['-e', '0'])).wallMs,
      ...Object.fromEntries(
        Object.entries(asked).map(([name, args]) => [
          name,
          async () => (await topaz(...args)).wallMs,
        ]),
      ),
    },
    smoke ? 1 : 21,
  );
  const row = (name, atMost) => ({
    case: `${total} messages: ${asked[name].join(' ')}`,
    measure: 'time',
    peer: 'node -e 0',
    value: times[name] / times.node,
    ...(atMost === undefined ? {} : { atMost }),
  });
  return [row('list', 3), row('json', 3), row('unread', 3), row('search', 3), row('all')];
}

/** A home with one profile and a mirror. */
export function fillHome(home, total) {
  fillMirror(join(home, 'data', 'bench', 'ehbox', 'sandbox', 'NIHII-19547181-DOCTOR'), total);
  mkdirSync(join(home, 'config', 'profiles'), { recursive: true, mode: 0o700 });
  const profile = { schema: 'topaz.profile/1', environment: 'sandbox', ehbox: { quality: 'DOCTOR' } }; // prettier-ignore
  writeFileSync(join(home, 'config', 'profiles', 'bench.json'), JSON.stringify(profile), { mode: 0o600 }); // prettier-ignore
}

/** The files that a synchronisation leaves, without the answers: lists do not read them. */
function fillMirror(folder, total) {
  const write = (path, value) =>
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 });
  const ids = [];
  for (let number = total; number > 0; number -= 1) {
    const id = idOf(number);
    ids.push(id);
    const place = join(folder, 'messages', 'received', id);
    mkdirSync(join(place, 'parts'), { recursive: true, mode: 0o700 });
    write(join(place, 'meta.json'), {
      schema: 'topaz.ehbox.message/1',
      id,
      side: 'received',
      folder: 'inbox',
      sender: sender(number),
      subject: titleOf(number),
      publicationDate: dayOf(number, total),
      expirationDate: `2027${dayOf(number, total).slice(4)}`,
      sizeBytes: 100,
      contentType: 'DOCUMENT',
      important: false,
      encrypted: false,
      hasAnnex: false,
      firstSeen: '2026-03-01T09:00:00.000Z',
      storedAt: '2026-03-01T09:00:00.000Z',
      unread: number % 50 === 0,
    });
    write(join(place, 'parts.json'), {
      schema: 'topaz.ehbox.parts/1',
      status: 'clear',
      unpacked: true,
      subject: titleOf(number),
      parts: [
        { position: 0, role: 'body', file: '00-body.txt', name: 'body.txt', mimeType: 'text/plain', sizeBytes: textOf(number).length, status: 'clear' },
      ],
    }); // prettier-ignore
    write(join(place, 'parts', '00-body.txt'), textOf(number));
  }
  mkdirSync(join(folder, 'tmp'), { mode: 0o700 });
  write(join(folder, 'box.json'), {
    schema: 'topaz.ehbox.box/1',
    environment: 'sandbox',
    box: { type: 'NIHII', id: '19547181', quality: 'DOCTOR' },
    standBy: 0,
    usedBytes: 1000,
    maxBytes: 10_485_760,
    infoAt: '2026-03-01T09:00:00.000Z',
    lastSync: '2026-03-01T09:00:00.000Z',
    // As many as a box of ten megabytes holds; the others were there once.
    folders: { inbox: { listedAt: '2026-03-01T09:00:00.000Z', ids: ids.slice(0, 1000) } },
  });
}
