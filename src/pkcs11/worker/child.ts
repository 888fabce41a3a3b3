/**
 * The child process that owns the PKCS#11 module, from load to finalize. A build of its own
 * (`dist/pkcs11-child.js`), started by `native-module.ts`; it reads requests from the IPC channel, answers
 * each, and leaves after `finalize` or when its parent is gone.
 *
 * Signals of the terminal are for the parent: it decides when to log out and when to end this process.
 *
 * @module
 */

import { codeOf, Conversation } from './conversation.js';
import { isOperation, perform } from './operations.js';
import type { Failure, Operation, Reply, Request } from './protocol.js';

function isRequest(message: unknown): message is Request {
  return (
    typeof message === 'object' &&
    message !== null &&
    'id' in message &&
    typeof message.id === 'number' &&
    'op' in message &&
    typeof message.op === 'string' &&
    isOperation(message.op) &&
    'args' in message
  );
}

function explain(error: unknown, op: Operation): Failure {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code !== 0) {
    const method =
      typeof error === 'object' &&
      error !== null &&
      'method' in error &&
      typeof error.method === 'string' &&
      error.method !== ''
        ? error.method
        : op;
    return { kind: 'ckr', ckr: code, method };
  }
  return op === 'load' ? { kind: 'load', message } : { kind: 'bug', message };
}

async function start(): Promise<Conversation | Failure> {
  try {
    const { PKCS11 } = await import('pkcs11js');
    return new Conversation(new PKCS11());
  } catch (error) {
    return {
      kind: 'binding-missing',
      message: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
    };
  }
}

function main(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => undefined);
  }
  const started = start();

  const answer = async ({ id, op, args }: Request): Promise<Reply> => {
    const conversation = await started;
    if (!(conversation instanceof Conversation)) {
      return { id, ok: false, failure: conversation };
    }
    try {
      return { id, ok: true, result: perform(conversation, op, args) };
    } catch (error) {
      return { id, ok: false, failure: explain(error, op) };
    }
  };

  process.on('message', (message: unknown) => {
    if (!isRequest(message)) {
      return;
    }
    const last = message.op === 'finalize';
    void answer(message).then((reply) => {
      process.send?.(reply, undefined, undefined, () => {
        if (last) {
          process.exit(0);
        }
      });
    });
  });
  process.on('disconnect', () => {
    void started.then((conversation) => {
      if (conversation instanceof Conversation) {
        conversation.finalize();
      }
      process.exit(0);
    });
  });
}

main();
