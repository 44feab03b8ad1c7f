/** Servers whose history is in Cassandra, as an app sees them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectCassandra } from '../../src/adapters/cassandra/client.js';
import { ask, codesOf, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { createKeyspace, type TestKeyspace } from './cassandra-history.js';

let keyspace: TestKeyspace;
let cluster: TestCluster;

beforeAll(async () => {
  keyspace = await createKeyspace();
  cluster = await startTestCluster(2, { historyCassandra: keyspace.address });
});
afterAll(async () => {
  await cluster.close();
  await keyspace.drop();
});

const server = (index: number): string => cluster.urls[index] ?? '';

const UPDATE = `mutation ($id: ID!, $latitude: Latitude!, $at: DateTime) {
  updateLocation(input: { id: $id, latitude: $latitude, longitude: 2, recordedAt: $at }) { recorded }
}`;
const HISTORY = `query ($after: String) {
  locationHistory(first: 2, after: $after) {
    edges { node { latitude } } pageInfo { hasNextPage endCursor }
  }
}`;

interface HistoryPage {
  readonly edges: readonly { readonly node: { readonly latitude: number } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

test('what one server records, retries and conflicts included, another one pages through and deletes', async () => {
  const ann = await signUp(server(0));
  const ids = Array.from({ length: 5 }, () => randomUUID());
  const at = (index: number) => new Date(Date.now() - (index + 1) * 60_000).toISOString();
  for (const [index, id] of ids.entries()) {
    const update = { id, latitude: index, at: at(index) };
    expect(await ask(server(0), ann.token, UPDATE, update)).toEqual({ updateLocation: { recorded: true } });
    expect(await ask(server(1), ann.token, UPDATE, update)).toEqual({ updateLocation: { recorded: true } });
    expect(await codesOf(server(1), ann.token, UPDATE, { ...update, latitude: 9 })).toEqual(['CONFLICT']);
  }
  const read: number[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { locationHistory }: { locationHistory: HistoryPage } = await ask<{ locationHistory: HistoryPage }>(
      server(1),
      ann.token,
      HISTORY,
      { after },
    );
    read.push(...locationHistory.edges.map(({ node }) => node.latitude));
    ({ endCursor: after, hasNextPage: more } = locationHistory.pageInfo);
  }
  expect(read).toEqual([0, 1, 2, 3, 4]);
  expect(await ask(server(1), ann.token, 'mutation { deleteLocationHistory }')).toEqual({
    deleteLocationHistory: 5,
  });
});

test('nothing is in PostgreSQL, and nothing is left of an account that is deleted', async () => {
  const ann = await signUp(server(0));
  await ask(server(0), ann.token, UPDATE, { id: randomUUID(), latitude: 1, at: null });
  const client = await connectCassandra(keyspace.address);
  const counts = () =>
    Promise.all(
      ['locations', 'location_ids', 'location_days'].map(async (table) => {
        const query = `SELECT user_id FROM ${table} WHERE user_id = ? ALLOW FILTERING`;
        return (await client.execute(query, [ann.id])).rowLength;
      }),
    );
  expect(await counts()).toEqual([1, 1, 1]);
  await ask(server(1), ann.token, 'mutation { deleteAccount }');
  await expect.poll(counts).toEqual([0, 0, 0]);
  await client.shutdown();
});
