/** ETKRA as a client sees it: signed requests, strict answers. */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { completeEtkRegistration, startEtkRegistration } from '../../src/etkra/client.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { buildPlaceholder } from '../../src/keystore/placeholder.js';
import { writeXml } from '../../src/xml/write.js';
import { answer, refused, service, SUCCESS } from '../certra/answer.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';

const now = new Date('2026-01-15T08:30:00Z');
const options = { now, newId: () => 'uuid' };
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signer = createSigner(privateKey, [buildPlaceholder(privateKey, now)]);
const url = 'https://etkra.test/';

const start = (xml: string) => {
  const { call, sent } = service(xml);
  return { sent, result: startEtkRegistration(call, url, { publicKeyInfo: Uint8Array.of(1, 2), signer }, options) }; // prettier-ignore
};
const complete = (xml: string) => {
  const { call, sent } = service(xml);
  return { sent, result: completeEtkRegistration(call, url, { certificate: Uint8Array.of(1, 2), signer }, options) }; // prettier-ignore
};

describe('StartETKRegistration', () => {
  test('gives the challenge', async () => {
    const { sent, result } = start(
      answer('k:StartETKRegistrationResponse', `${SUCCESS}<k:Challenge>AAEC\nAw==</k:Challenge>`),
    );
    expect(await result).toEqual(Uint8Array.of(0, 1, 2, 3));
    expect(sent[0]).toMatchObject({
      action: 'urn:be:fgov:ehealth:etee:etkra:protocol:v2:startETKRegistration',
      security: { kind: 'none' },
    });
  });

  test.each([
    ['no challenge', SUCCESS, 'E_REPLY_INVALID'],
    ['an empty challenge', `${SUCCESS}<k:Challenge/>`, 'E_REPLY_INVALID'],
    ['no base64', `${SUCCESS}<k:Challenge>A</k:Challenge>`, 'E_REPLY_INVALID'],
    ['another namespace', `${SUCCESS}<p:Challenge>AAEC</p:Challenge>`, 'E_REPLY_INVALID'],
    ['a refusal', refused('ETK_EXISTS'), 'E_SERVICE_REFUSED'],
  ])('%s is refused', async (_, content, code) => {
    await expect(
      start(answer('k:StartETKRegistrationResponse', content)).result,
    ).rejects.toMatchObject({ code });
  });

  test("CertRA's answer is not taken for it", async () => {
    await expect(
      start(answer('p:StartETKRegistrationResponse', `${SUCCESS}<k:Challenge>AAEC</k:Challenge>`))
        .result,
    ).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });
});

describe('CompleteETKRegistration', () => {
  test('gives the token and whether it must be activated', async () => {
    const { sent, result } = complete(
      answer(
        'k:CompleteETKRegistrationResponse',
        `${SUCCESS}<k:ETK>AAEC</k:ETK><k:ToBeActivated>false</k:ToBeActivated>`,
      ),
    );
    expect(await result).toEqual({ token: Uint8Array.of(0, 1, 2), toBeActivated: false });
    // Quirk of the service: the r is small here.
    expect(sent[0]?.action).toBe(
      'urn:be:fgov:ehealth:etee:etkra:protocol:v2:completeETKregistration',
    );
  });

  test.each([
    ['no token', '<k:ToBeActivated>false</k:ToBeActivated>'],
    ['no word about activation', '<k:ETK>AAEC</k:ETK>'],
    ['an unclear one', '<k:ETK>AAEC</k:ETK><k:ToBeActivated>perhaps</k:ToBeActivated>'],
  ])('%s is refused', async (_, content) => {
    await expect(
      complete(answer('k:CompleteETKRegistrationResponse', SUCCESS + content)).result,
    ).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
  });
});

(hasShared() && hasProgram('xmlsec1') ? test : test.skip)(
  'both requests fit the schema, and xmlsec1 verifies them',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'topaz-etkra-'));
    const key = join(dir, 'key.pem');
    writeFileSync(key, signer.certificate.publicKey.export({ type: 'spki', format: 'pem' }));
    try {
      const first = start(answer('k:StartETKRegistrationResponse', refused('X')));
      const second = complete(answer('k:CompleteETKRegistrationResponse', refused('X')));
      await expect(first.result).rejects.toThrow();
      await expect(second.result).rejects.toThrow();
      for (const { body } of [...first.sent, ...second.sent]) {
        const file = join(dir, 'request.xml');
        writeFileSync(file, writeXml(body));
        const schema = join(SHARED, 'schemas/ra/ehealth-etee/XSD/ehealth-etkra-schema-protocol-2_0.xsd'); // prettier-ignore
        execFileSync('xmllint', ['--nonet', '--noout', '--schema', schema, file], {
          stdio: 'pipe',
        });
        execFileSync(
          'xmlsec1',
          ['--verify', '--insecure', '--enabled-reference-uris', 'same-doc', '--id-attr:Id', `${body.namespace}:${body.name}`, '--pubkey-pem', key, file],
          { stdio: 'pipe' },
        ); // prettier-ignore
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);
