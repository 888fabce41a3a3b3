/**
 * KGSS v1 (etee §4.2): makes keys for recipients that are not known yet, and hands them to those on their
 * list. What counts is sealed inside; GetNewKey trusts the seal alone, GetKey the session too, whose key must
 * be the one that sealed. The official codes of refusals are not known: those here are the sandbox's own.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';

import { formatIdentifier } from '../../ids/identifier.js';
import type { Certificate } from '../../x509/certificate.js';
import { readHolder } from '../../x509/holder.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal, SandboxFault } from '../faults-soap.js';
import { mayRead, readReaders } from '../kgss-readers.js';
import { answerKey, bytesOf, openRequest, tokenHolder } from '../kgss-request.js';
import { KGSS } from '../names.js';
import { sealBytes } from '../seal.js';
import type { SharedKey } from '../seal.js';
import { verifyTokenSecurity } from '../security.js';
import { textOf } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Markup } from '../xml-text.js';

/** The element around the sealed content of an answer. */
const SEALED_RESPONSE: Readonly<Record<string, string>> = {
  GetNewKey: 'SealedNewKeyResponse',
  GetKey: 'SealedKeyResponse',
};

const KEY_BYTES = 16;
const HOUR_MS = 3_600_000;

/** Status of each refusal, beside its own code. */
const STATUS: Readonly<Record<string, string>> = { KEY_UNKNOWN: '404', ACCESS_DENIED: '403' };

export const kgss: Service = {
  name: 'kgss',
  paths: ['/Kgss/v1'],
  namespace: KGSS,
  actions: () => [],
  refuse: (exchange, sandbox, code, message) =>
    refusal(exchange, sandbox, new Refusal(code, message)),
  handle: async (exchange, sandbox): Promise<Answer> => {
    try {
      const answer = await operate(exchange, sandbox);
      exchange.checks.ok('business');
      return answer;
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      exchange.checks.failed('business', error.code);
      return refusal(exchange, sandbox, error);
    }
  },
};

async function operate(exchange: Exchange, sandbox: Sandbox): Promise<Answer> {
  switch (exchange.operation) {
    case 'GetNewKey':
      return getNewKey(exchange, sandbox);
    case 'GetKey':
      return getKey(exchange, sandbox);
    default:
      throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
  }
}

async function getNewKey(exchange: Exchange, sandbox: Sandbox): Promise<Answer> {
  const { content, signer } = await openRequest(
    exchange,
    sandbox,
    exchange.payload,
    'SealedNewKeyRequest',
  );
  const lists = readReaders(content);
  const recipient = tokenHolder(exchange, sandbox, textOf(content, KGSS, 'ETK'), signer);
  const id = randomBytes(KEY_BYTES);
  const key = randomBytes(KEY_BYTES);
  const holder = readHolder(signer.subject);
  sandbox.state.keys.push({
    idBase64: id.toString('base64'),
    keyBase64: key.toString('base64'),
    createdAt: sandbox.now().toISOString(),
    owner: holder === undefined ? '' : formatIdentifier(holder.identifier),
    ...lists,
  });
  await sandbox.store.save();
  return seal(
    exchange,
    sandbox,
    el(
      'k:GetNewKeyResponseContent',
      { 'xmlns:k': KGSS },
      el('k:NewKeyIdentifier', {}, id.toString('base64')),
      el('k:NewKey', {}, key.toString('base64')),
    ),
    [recipient],
  );
}

async function getKey(exchange: Exchange, sandbox: Sandbox): Promise<Answer> {
  const { payload, holder, attributes } = verifyTokenSecurity(exchange, sandbox);
  const { content, signer } = await openRequest(exchange, sandbox, payload, 'SealedKeyRequest');
  if (Buffer.compare(signer.der, holder.der) !== 0) {
    exchange.checks.failed('sealed', 'sealed by another key than that of the session');
    throw new Refusal(
      'SIGNER_NOT_HOLDER',
      'the request is not sealed by the holder of the session',
    );
  }
  const recipient = answerKey(exchange, sandbox, content, signer);
  const id = bytesOf(textOf(content, KGSS, 'KeyIdentifier')).toString('base64');
  const key = sandbox.state.keys.find(({ idBase64 }) => idBase64 === id);
  if (key === undefined) {
    throw new Refusal('KEY_UNKNOWN', 'no key with this identifier');
  }
  if (!mayRead(key, attributes)) {
    throw new Refusal('ACCESS_DENIED', 'the session is not on the list of readers of this key');
  }
  const answer = el('k:GetKeyResponseContent', { 'xmlns:k': KGSS }, el('k:Key', {}, key.keyBase64));
  return seal(exchange, sandbox, answer, recipient);
}

/** The answer, sealed; faults that are being played show in the seal. */
async function seal(
  exchange: Exchange,
  sandbox: Sandbox,
  content: Markup,
  recipients: readonly Certificate[] | SharedKey,
): Promise<Answer> {
  const { operation, hints, checks } = exchange;
  const { state, detail = '' } = sandbox.schemas.validate(exchange.read(content.text).node);
  if (state === 'ok') {
    checks.ok('answerSealedSchema');
  } else {
    checks[state]('answerSealedSchema', detail);
  }
  const { authentication, chain } = await sandbox.pki.holders.of(
    hints.wrongHolder ? 'bed' : 'kgss',
  );
  const at = new Date(sandbox.now().getTime() - (hints.expired ? HOUR_MS : 0));
  const sealed = Buffer.from(
    sealBytes(Buffer.from(content.text, 'utf8'), authentication, chain, recipients, at),
  );
  if (hints.badSignature) {
    spoilSignature(sealed);
  }
  return {
    payload: response(exchange, sandbox, { code: '200', message: 'OK' }, [
      el(
        `k:${SEALED_RESPONSE[operation] ?? ''}`,
        {},
        el('k:SealedContent', {}, sealed.toString('base64')),
      ),
    ]),
  };
}

/** A bit of the outer signature, which stands before the four marks of ended lengths. */
function spoilSignature(sealed: Buffer): void {
  const at = sealed.length - KEY_BYTES;
  sealed.writeUInt8(sealed.readUInt8(at) ^ 1, at);
}

const response = (
  { operation }: Exchange,
  sandbox: Sandbox,
  status: { readonly code: string; readonly message: string },
  content: readonly Markup[],
): Markup =>
  el(
    `k:${operation}Response`,
    { 'xmlns:k': KGSS, Id: `_${sandbox.newId()}` },
    el('Status', {}, el('Code', {}, status.code), el('Message', {}, status.message)),
    content,
  );

const refusal = (exchange: Exchange, sandbox: Sandbox, { code, message }: Refusal): Answer => ({
  payload: response(exchange, sandbox, { code: STATUS[code] ?? '400', message }, [
    el('Error', {}, el('Code', {}, code), el('Message', { Lang: 'EN' }, message)),
  ]),
});
