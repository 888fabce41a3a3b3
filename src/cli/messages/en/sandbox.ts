/**
 * Messages of `topaz sandbox`, English.
 *
 * @module
 */

export const sandbox = {
  'sandbox.start.ready': 'Sandbox ready: profile “{profile}”, data in {folder}',
  'sandbox.stop.done': 'The sandbox has stopped',
  'sandbox.status.url': 'Address  ',
  'sandbox.status.clock': 'Clock    ',
  'sandbox.status.approve': 'Requests ',
  'sandbox.status.exchanges': 'Calls    ',
  'sandbox.status.known': 'Known    ',
  'sandbox.status.fault': 'Fault    ',
  'sandbox.reset.done': 'The sandbox is empty again',
  'sandbox.seed.done': 'Seed added',
  'sandbox.approve.done': 'Approved: {count}',
  'sandbox.deliver.done': 'Message delivered, or waiting for an ETK',
  'sandbox.keystore.password': 'Password of the new keystore',
} as const;
