/**
 * Which method of the conversation answers which operation.
 *
 * @module
 */

import type { Conversation } from './conversation.js';
import type { Operation, Operations } from './protocol.js';

type Handlers = {
  readonly [O in Operation]: (
    conversation: Conversation,
    args: Operations[O]['args'],
  ) => Operations[O]['result'];
};

const HANDLERS: Handlers = {
  load: (conversation, args) => conversation.load(args),
  slots: (conversation) => conversation.slots(),
  open: (conversation, args) => conversation.open(args),
  certificate: (conversation, args) => conversation.certificate(args),
  data: (conversation, args) => conversation.data(args),
  login: (conversation, args) => {
    conversation.login(args);
    return undefined;
  },
  logout: (conversation) => {
    conversation.logout();
    return undefined;
  },
  sign: (conversation, args) => conversation.sign(args),
  closeSession: (conversation) => {
    conversation.closeSession();
    return undefined;
  },
  finalize: (conversation) => {
    conversation.finalize();
    return undefined;
  },
  provision: (conversation, args) => {
    conversation.provision(args);
    return undefined;
  },
};

/** Whether a name from the wire is one of the operations. */
export const isOperation = (name: string): name is Operation => Object.hasOwn(HANDLERS, name);

/** Runs the operation a request names. */
export const perform = <O extends Operation>(
  conversation: Conversation,
  op: O,
  args: Operations[O]['args'],
): unknown => HANDLERS[op](conversation, args);
