/**
 * The product in the bench of a batch: the same parts as `topaz mycarenet insurability --file`, without a limit of
 * its own to the pace.
 *
 * @module
 */

import { createPrivateKey, randomUUID } from 'node:crypto';

import { parseNihii, padNihii11 } from '../../src/ids/nihii.js';
import { parseSsin } from '../../src/ids/ssin.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { AnswerJournal } from '../../src/mycarenet/batch/journal.js';
import { runBatch } from '../../src/mycarenet/batch/run-batch.js';
import type { LocalDate } from '../../src/mycarenet/belgian-day.js';
import { consultPatiently } from '../../src/mycarenet/memberdata/client.js';
import type { MemberDataCaller } from '../../src/mycarenet/memberdata/client.js';
import type { MemberDataQuery } from '../../src/mycarenet/memberdata/query.js';
import { createReferences } from '../../src/mycarenet/reference.js';
import { createCall } from '../../src/soap/call.js';
import { createTransport } from '../../src/soap/transport.js';
import { parsePemCertificates } from '../../src/x509/pem.js';

export interface BatchOptions {
  readonly url: string;
  readonly caPem: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly connections: number;
  readonly assertion: string;
  readonly assertionId: string;
  readonly folder: string;
}

export interface BenchQuestion {
  readonly ssin: string;
  readonly day: string;
}

/** Opens a caller; `ask` runs one batch through a journal and gives how many were answered. */
export async function openBatch(options: BatchOptions) {
  const { url, caPem, connections, folder, assertion, assertionId } = options;
  const [certificate] = parsePemCertificates(options.certificatePem);
  if (certificate === undefined) {
    throw new Error('there is no certificate');
  }
  const privateKey = createPrivateKey(options.keyPem);
  const transport = createTransport({
    caPem: [caPem],
    systemRoots: false,
    userAgent: 'topaz-bench',
    client: 'undici',
    connections,
    clientCertificate: { privateKey, chain: [certificate] },
  });
  const now = (): Date => new Date();
  const call = createCall({ transport, now, newId: randomUUID, timeoutMs: 60_000 });
  const caller: MemberDataCaller = {
    origin: {
      packageName: 'topaz-bench',
      license: { username: 'bench', password: Buffer.from('licence of the bench') },
      careProvider: {
        quality: 'doctor',
        nihii: padNihii11(parseNihii('19547181004')),
        name: 'Jean Exemple',
        ssin: '79021599732',
      },
    },
    isTest: true,
    roots: parsePemCertificates(caPem),
    security: {
      kind: 'saml',
      assertion,
      assertionId,
      signer: createSigner(privateKey, [certificate]),
    },
  };
  const newReference = createReferences(now, randomUUID);
  const signal = new AbortController().signal;
  const journal = await AnswerJournal.open(folder, '2026-01-01' as LocalDate, { signal });
  const asker = { environment: 'sandbox', nihii: '19547181004' } as const;
  return {
    /** @param onCount Told after each answer how many there are. */
    ask: async (
      questions: readonly BenchQuestion[],
      onCount: (count: number) => void = () => undefined,
    ): Promise<number> => {
      let answered = 0;
      const results = await runBatch(queriesOf(questions), {
        asker,
        journal,
        ask: (query, sent) =>
          consultPatiently(call, url, caller, query, {
            now,
            newId: randomUUID,
            newReference: () => {
              const reference = newReference();
              sent(reference);
              return reference;
            },
            signal,
            sleep: () => Promise.resolve(),
          }),
        now,
        maxAgeMs: 0,
        concurrency: connections,
        raw: false,
        until: new Date(Date.now() + 3_600_000),
        signal,
        onEnd: () => {
          answered += 1;
          onCount(answered);
        },
      });
      for (const result of results.values()) {
        if (result.error !== undefined) {
          throw result.error;
        }
      }
      return results.size;
    },
    /** How the answer to one question is read. */
    check: async ({ ssin, day }: BenchQuestion): Promise<string> => {
      const [query] = queriesOf([{ ssin, day }]);
      if (query === undefined) {
        return 'nothing';
      }
      const { reply } = await consultPatiently(call, url, caller, query, {
        now,
        newId: randomUUID,
        newReference,
        sleep: () => Promise.resolve(),
      });
      return `${reply.insurability.status} ${JSON.stringify(reply.warnings)}`;
    },
    close: async () => {
      await journal.close();
      await transport.close();
    },
  };
}

function* queriesOf(questions: readonly BenchQuestion[]): Generator<MemberDataQuery> {
  for (const { ssin, day } of questions) {
    yield {
      patient: { kind: 'ssin', ssin: parseSsin(ssin) },
      from: day as LocalDate,
      to: day as LocalDate,
      requestType: 'information',
      hospitalized: false,
      otherFacets: [],
    };
  }
}
