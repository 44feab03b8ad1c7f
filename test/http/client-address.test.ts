import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClientAddress, parseNetworks } from '../../src/http/client-address.js';

const PROXY = '10.0.0.7';

/** The address of a request that comes from `peer`. */
function seenBy(trusted: readonly string[], peer: string | undefined, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return createClientAddress(trusted)({ socket: { remoteAddress: peer } as never, headers });
}

test('is the other end, whatever it says, when no proxy is trusted or another one', () => {
  expect(seenBy([], '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
  expect(seenBy(['10.0.0.0/8'], '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
  expect(seenBy(['10.0.0.0/8'], undefined, '203.0.113.9')).toBe('');
});

describe('behind a trusted proxy', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['  203.0.113.9:4711 ', '203.0.113.9'],
    ['[2001:db8:1:2:3::4]:4711', '2001:db8:1:2::/64'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    // Each proxy appends whom it talked to, so the client's own words stand on the left.
    ['1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['127.0.0.1, 10.9.9.9, 203.0.113.9, 10.1.2.3, 10.4.5.6', '203.0.113.9'],
    ['10.1.2.3', '10.1.2.3'],
    // What is no address ends the chain at the proxy that passed it on.
    ['203.0.113.9, unknown', PROXY],
    ['203.0.113.9, ', PROXY],
    ['203.0.113.9, 10.1.2.3.4, 10.1.2.3', '10.1.2.3'],
    ['', PROXY],
  ])('of X-Forwarded-For: %s it is %s', (forwarded, address) => {
    expect(seenBy(['10.0.0.0/8', '::1'], PROXY, forwarded)).toBe(address);
  });

  test('without the header it is the proxy', () => {
    expect(seenBy([PROXY], PROXY)).toBe(PROXY);
    expect(seenBy([PROXY], `::ffff:${PROXY}`, '203.0.113.9')).toBe('203.0.113.9');
  });

  test('nothing that a client writes changes it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6())), (said) => {
        const forwarded = [...said.map((text) => text.replaceAll(/[\r\n]/g, '')), '203.0.113.9'].join(', ');
        expect(seenBy([PROXY], PROXY, forwarded)).toBe('203.0.113.9');
      }),
    );
  });
});

test('all IPv6 addresses of a /64 are one', () => {
  for (const address of [
    '2001:db8:0:7::1',
    '2001:0DB8:0000:0007:ffff::',
    '2001:db8:0:7:1:2:3.4.5.6',
    '2001:db8:0:7::%eth0',
  ]) {
    expect(seenBy([], address)).toBe('2001:db8:0:7::/64');
  }
  expect(seenBy([], '2001:db8:0:8::1')).toBe('2001:db8:0:8::/64');
  expect(seenBy([], '::1')).toBe('0:0:0:0::/64');
  expect(seenBy([], 'fe80::1')).toBe('fe80:0:0:0::/64');
});

test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0', 'proxy.example', '::1/129', '10.0.0.0/8/8', ''])(
  'takes %j for no network',
  (text) => {
    expect(() => parseNetworks([text])).toThrow();
  },
);
