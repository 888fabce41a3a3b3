/**
 * A session opened with the virtual card behind pcscd and OpenSC: the real path of PC/SC. OpenSC refuses
 * the Signature key, so the keystore comes from `sandbox keystore create` and a request is refused.
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Lock } from '../../src/disk/lock.js';
import { createHome, PIN, type Home } from '../support/binary.js';
import { hasVirtualCard, lockVirtualCard, OPENSC, veid } from '../support/virtual-card.js';

const SSIN = '79021599732';
const suite = hasVirtualCard() ? describe : describe.skip;

suite('the virtual card through OpenSC', () => {
  let home: Home;
  let card: string;
  let lock: Lock;

  beforeAll(async () => {
    lock = await lockVirtualCard();
    home = await createHome();
    card = home.path('veid');
    veid('new', card, '--key', 'rsa', '--pin', PIN, '--given', 'Jean', '--surname', 'Exemple', '--national-number', SSIN); // prettier-ignore
    veid('up', card);
    home.env['TOPAZ_PKCS11_MODULE'] = OPENSC;
  }, 400_000);

  afterAll(async () => {
    veid('down', '--all', card);
    await home.close();
    await lock.release();
  }, 60_000);

  test('a root that is trusted by --trust-eid opens a session', async () => {
    await home.startSandbox('--seed', 'demo', '--trust-eid', home.path('veid', 'root.crt'));
    const keystore = home.path('doctor.p12');
    const password = ['--password-file', home.passwordFile];
    await home.json([
      'sandbox', 'keystore', 'create', '--data', home.path('sandbox-data'), '--holder', `SSIN=${SSIN}`,
      '--out', keystore, ...password,
    ]); // prettier-ignore
    await home.json(['keystore', 'import', keystore, '--use', ...password]);
    const opened = await home.json([
      'session', 'open', '--via', 'eid', '--as', 'doctor', '--pin-file', home.pinFile, ...password,
    ]); // prettier-ignore
    expect(opened).toMatchObject({ session: { via: 'eid', holder: { quality: 'doctor' } } });
  }, 90_000);

  test('a request says that OpenSC cannot use the Signature key, before any PIN', async () => {
    const failure = await home.failure([
      'cert', 'request', '--as', 'person', '--email', 'jean@exemple.test', '--phone', '+3221234567', '--accept-terms',
      '--pin-file', home.pinFile, '--password-file', home.passwordFile, '--new',
    ]); // prettier-ignore
    expect(failure).toMatchObject({ status: 5, code: 'E_SIGNATURE_KEY_UNUSABLE' });
    expect((JSON.parse(veid('ctl', card, 'status')) as { tries_left: number }).tries_left).toBe(3);
  }, 60_000);
});
