/**
 * The product in this bench: a synchronisation of a whole box over the wire, signed, stored, decoded and indexed.
 *
 * @module
 */

import { createPrivateKey, randomUUID } from 'node:crypto';

import { clearOpener } from '../../src/ehbox/clear-opener.js';
import { fetchFullMessage, fetchMessagesList } from '../../src/ehbox/client.js';
import { settleIndex } from '../../src/ehbox/mirror-index.js';
import { MailboxMirror } from '../../src/ehbox/mirror.js';
import { runSync } from '../../src/ehbox/sync.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { createCall } from '../../src/soap/call.js';
import type { Security } from '../../src/soap/call.js';
import { createTransport } from '../../src/soap/transport.js';
import { parsePemCertificates } from '../../src/x509/pem.js';

export interface SubjectOptions {
  readonly url: string;
  readonly caPem: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** Of the mirror. */
  readonly folder: string;
}

const ASSERTION_ID = '_0123456789abcdef0123456789abcdef';
/** About the size of a real one. */
const ASSERTION = `<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="${ASSERTION_ID}" IssueInstant="2026-03-02T09:00:00Z" Issuer="urn:be:fgov:ehealth:sts:1_0" MajorVersion="1" MinorVersion="1"><AttributeStatement>${'<Attribute AttributeName="urn:be:fgov:person:ssin" AttributeNamespace="urn:be:fgov:identification-namespace"><AttributeValue>79021599732</AttributeValue></Attribute>'.repeat(12)}</AttributeStatement></Assertion>`;

/** @returns How many messages were stored. */
export async function synchronise(options: SubjectOptions): Promise<number> {
  const { url, caPem, keyPem, certificatePem, folder } = options;
  const now = (): Date => new Date();
  const transport = createTransport({ caPem: [caPem], systemRoots: false, userAgent: 'topaz-bench', client: 'undici', connections: 2 }); // prettier-ignore
  const call = createCall({ transport, now, newId: randomUUID, timeoutMs: 60_000 });
  const [certificate] = parsePemCertificates(certificatePem);
  if (certificate === undefined) {
    throw new Error('there is no certificate');
  }
  const signer = createSigner(createPrivateKey(keyPem), [certificate]);
  const security: Security = { kind: 'saml', assertion: ASSERTION, assertionId: ASSERTION_ID, signer }; // prettier-ignore
  const mirror = new MailboxMirror(folder, { now, newId: randomUUID });
  await mirror.create();
  const { stored, failed, stopped } = await runSync(mirror, {
    listPage: (source, start, end) => fetchMessagesList(call, url, { security, folder: source, start, end }), // prettier-ignore
    fetch: ({ id }) => fetchFullMessage(call, url, { security, source: 'INBOX', id }),
    environment: 'sandbox',
    info: {
      box: { type: 'NIHII', id: '19547181', quality: 'DOCTOR' },
      standBy: 0,
      usedBytes: 1000,
      maxBytes: 10_485_760,
    },
    opener: clearOpener,
    annexes: true,
    now,
    pause: () => Promise.resolve(),
  });
  if ((await settleIndex(mirror)) !== stored) {
    throw new Error('the index does not hold every message');
  }
  await transport.close();
  const [failure = stopped] = failed.map(({ error }) => error);
  if (failure !== undefined) {
    throw failure;
  }
  return stored;
}
