/**
 * Which addresses may be asked about a certificate. The URL stands in a certificate that somebody else wrote:
 * outside the sandbox it must not reach into this machine or its network, and from the sandbox it must not
 * leave this machine.
 *
 * @module
 */

import { BlockList, isIP } from 'node:net';

/** Where answers may come from: `public` for real environments, `loopback` for the sandbox. */
export type Reach = 'public' | 'loopback';

const V4_PRIVATE: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Loopback, mapped and translated IPv4, 6to4, unique local, link local, multicast. */
const V6_PRIVATE: readonly (readonly [string, number])[] = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const listOf = (
  v4: readonly (readonly [string, number])[],
  v6: readonly (readonly [string, number])[],
): BlockList => {
  const list = new BlockList();
  v4.forEach(([address, prefix]) => {
    list.addSubnet(address, prefix, 'ipv4');
  });
  v6.forEach(([address, prefix]) => {
    list.addSubnet(address, prefix, 'ipv6');
  });
  return list;
};

// Apart: a list compares an IPv4 address with the rules for mapped ones as well.
const PRIVATE = { ipv4: listOf(V4_PRIVATE, []), ipv6: listOf([], V6_PRIVATE) };
const LOOPBACK = listOf([['127.0.0.0', 8]], [['::1', 128]]);

/** @param address IPv4 or IPv6, without brackets. */
export function mayReach(address: string, reach: Reach): boolean {
  const kind = isIP(address);
  if (kind === 0) {
    return false;
  }
  const type = kind === 4 ? 'ipv4' : 'ipv6';
  return reach === 'loopback' ? LOOPBACK.check(address, type) : !PRIVATE[type].check(address, type);
}
