/**
 * The product in this bench: signed calls through `createCall` over undici, and an answer whose part goes to a
 * file.
 *
 * @module
 */

import { createPrivateKey, randomUUID } from 'node:crypto';

import { createSigner } from '../../src/keys/software-keys.js';
import { createCall } from '../../src/soap/call.js';
import type { SoapRequest } from '../../src/soap/call.js';
import { createTransport } from '../../src/soap/transport.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { namespace } from '../../src/xml/build.js';

export interface SubjectOptions {
  readonly port: number;
  readonly caPem: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly connections: number;
  readonly client: 'axios' | 'undici';
}

const b = namespace('b', 'urn:bench');
const ASSERTION_ID = '_0123456789abcdef0123456789abcdef';
/** About the size of a real one. */
const ASSERTION = `<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="${ASSERTION_ID}" IssueInstant="2026-03-02T09:00:00Z" Issuer="urn:be:fgov:ehealth:sts:1_0" MajorVersion="1" MinorVersion="1"><AttributeStatement>${'<Attribute AttributeName="urn:be:fgov:person:ssin" AttributeNamespace="urn:be:fgov:identification-namespace"><AttributeValue>79021599732</AttributeValue></Attribute>'.repeat(12)}</AttributeStatement></Assertion>`;

/** @returns Functions that make one call each. */
export function openSubject({
  port,
  caPem,
  keyPem,
  certificatePem,
  connections,
  client,
}: SubjectOptions) {
  const [certificate] = parsePemCertificates(certificatePem);
  if (certificate === undefined) {
    throw new Error('there is no certificate');
  }
  const transport = createTransport({
    caPem: [caPem],
    systemRoots: false,
    userAgent: 'topaz-bench',
    client,
    connections,
  });
  const call = createCall({
    transport,
    now: () => new Date(),
    newId: randomUUID,
    timeoutMs: 60_000,
  });
  const signer = createSigner(createPrivateKey(keyPem), [certificate]);
  const request = (path: string, records: number): SoapRequest => ({
    service: 'bench',
    operation: 'Ask',
    url: `https://localhost:${port}${path}`,
    body: b(
      'Question',
      {},
      Array.from({ length: records }, (_, index) =>
        b('Record', { Id: `r${index}` }, `value ${1_000_000 + index} of a record`),
      ),
    ),
    security: { kind: 'saml', assertion: ASSERTION, assertionId: ASSERTION_ID, signer },
  });
  return {
    /** One signed question and its answer. */
    ask: async (records: number): Promise<number> =>
      (await call(request('/small', records))).payload.children.length,
    /** One large part to a file in `folder`. */
    receive: async (folder: string) => {
      const store = { folder };
      const maxBytes = 256 * 1024 * 1024;
      const reply = await call({ ...request('/large', 1), maxBytes, store });
      return reply.files?.get('part@stub.test');
    },
    close: () => transport.close(),
  };
}
