import { expect, test } from 'vitest';
import { parseCassandraAddress } from '../../../src/adapters/cassandra/address.js';

test('names nodes alone, or what else there is to say', () => {
  expect(parseCassandraAddress('10.0.0.1:9042, db-2.example:9042,[::1]:9042')).toEqual({
    contactPoints: ['10.0.0.1:9042', 'db-2.example:9042', '[::1]:9042'],
    port: 9042,
    datacenter: 'datacenter1',
    keyspace: 'nearby',
    credentials: null,
    tls: false,
  });
  expect(parseCassandraAddress('ann:p%40ss%3A@db:9042?datacenter=eu-west&keyspace=friends_2&tls=on')).toEqual(
    {
      contactPoints: ['db:9042'],
      port: 9042,
      datacenter: 'eu-west',
      keyspace: 'friends_2',
      credentials: { username: 'ann', password: 'p@ss:' },
      tls: true,
    },
  );
});

test.each([
  'db',
  'db:port',
  'db:9042,',
  'db:9042,db-2:9043',
  'cassandra://db:9042',
  'ann@db:9042',
  'ann:%zz@db:9042',
  'db:9042/friends',
  'db:9042?keyspace=Friends',
  'db:9042?keyspace=a;drop',
  'db:9042?tls=yes',
  'db:9042?datacenter=',
  'db:9042?keyspaces=friends',
])('refuses %s', (text) => {
  expect(parseCassandraAddress(text)).toBeUndefined();
});
