/**
 * Whose request it is, as far as limits go: the address at the other end, or what a trusted proxy says in
 * `X-Forwarded-For`. What stands left of the first untrusted address was written by nobody whom we know, and counts
 * for nothing.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** @param trusted addresses and networks of proxies, such as `10.0.0.0/8`; see parseNetworks. */
export function createClientAddress(trusted: readonly string[]): ClientAddress {
  const proxies = parseNetworks(trusted);

  return function clientAddress({ socket, headers }) {
    let address = plain(socket.remoteAddress ?? '');
    if (trusted.length === 0 || !proxies.has(address)) return partyOf(address);
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    for (let at = forwarded.length - 1; at >= 0 && proxies.has(address); at--) {
      const next = plain(forwarded[at]?.trim() ?? '');
      // A proxy that names no address stands for its clients itself.
      if (isIP(next) === 0) break;
      address = next;
    }
    return partyOf(address);
  };
}

/** An IPv4 address, or the first 64 bits of an IPv6 address: what one party has at least. */
export type ClientAddress = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string;

/** @throws Error for what is neither an address nor a network. */
export function parseNetworks(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits, ...more] = text.split('/');
    const family = isIP(address);
    const longest = family === 6 ? 128 : 32;
    const length = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
    if (family === 0 || !(length <= longest) || more.length > 0) throw new Error('Not a network');
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    has: (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
  };
}

export interface Networks {
  /** Whether an address lies in one of them. */
  has(address: string): boolean;
}

/** Without port, brackets and zone; an IPv4 address that is written as an IPv6 one is one. */
function plain(text: string): string {
  const [, bracketed, withPort] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/, '');
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  return mapped ?? address;
}

function partyOf(address: string): string {
  return isIP(address) === 6 ? `${firstGroups(address).join(':')}::/64` : address;
}

/** The first four of the eight groups, without leading zeros. */
function firstGroups(address: string): string[] {
  const [before = '', after] = address.toLowerCase().split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  // A last group in the form of an IPv4 address stands for two.
  const length = head.length + tail.length + (address.includes('.') ? 1 : 0);
  const zeros = Array.from({ length: Math.max(8 - length, 0) }, () => '0');
  return [...head, ...zeros, ...tail].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
}
