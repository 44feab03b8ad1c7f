/** Places have at most 7 decimals and distances 2, over every way on which they are told. */
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, move, request, signUp, signUpFriends, UPDATE_LOCATION } from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { isToldAs, toldFault } from '../support/list-oracle.js';
import { follow, type Frame, NEARBY_FRIENDS, type NearbyEntry } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { metersBetween, type Place } from '../support/sphere.js';

const HERE = { latitude: 48.137154321987654, longitude: 11.575382345678901 };
const THERE = { latitude: 48.14111111149999, longitude: 11.58222222255555 };

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster(2);
});
afterAll(() => cluster.close());

function expectTold({ nearby, origin }: Pick<Frame, 'nearby' | 'origin'>): void {
  expect(toldFault(HERE, origin as Place)).toBeNull();
  const { distanceMeters, location } = nearby[0] as NearbyEntry;
  expect(toldFault(THERE, location)).toBeNull();
  // A client that measures what it is told gets the same.
  expect(isToldAs(metersBetween(origin as Place, location), distanceMeters), String(distanceMeters)).toBe(
    true,
  );
}

it('in frames, event streams, the query, the answer and the history', async () => {
  const [here = '', there = ''] = cluster.urls;
  const [ann, bob] = await signUpFriends(here);
  const { location: origin } = await move(here, ann, HERE);
  expect(toldFault(HERE, origin)).toBeNull();
  await move(there, bob, THERE);

  expectTold(await follow(here, ann).next());
  const stream = eventStream(here, ann, NEARBY_FRIENDS);
  const { value } = (await stream.next()) as { value: { data: { nearbyFriends: Frame } } };
  expectTold(value.data.nearbyFriends);
  const { nearbyFriends: nearby } = await ask<{ nearbyFriends: NearbyEntry[] }>(
    here,
    ann.token,
    '{ nearbyFriends { distanceMeters location { latitude longitude } } }',
  );
  expectTold({ nearby, origin });

  // As a server wrote it that did not round.
  const query = `INSERT INTO location_history (user_id, id, recorded_at, received_at, latitude, longitude)
    VALUES ($1, $2, now(), now(), $3, $4)`;
  await inDatabase(query, [bob.id, randomUUID(), THERE.latitude, THERE.longitude]);
  const { locationHistory } = await ask<{ locationHistory: { edges: { node: Place }[] } }>(
    here,
    bob.token,
    '{ locationHistory { edges { node { latitude longitude } } } }',
  );
  expect(locationHistory.edges.map(({ node }) => toldFault(THERE, node))).toEqual([null, null]);
});

it('the edges of the coordinates stay where they are, and zero has no sign', async () => {
  const [url = ''] = cluster.urls;
  const ann = await signUp(url);
  for (const [sent, told] of [
    [
      { latitude: -90, longitude: -180 },
      { latitude: -90, longitude: -180 },
    ],
    [
      { latitude: 89.99999999999, longitude: 179.99999999999 },
      { latitude: 90, longitude: 180 },
    ],
    [
      { latitude: -1e-9, longitude: -0 },
      { latitude: 0, longitude: 0 },
    ],
  ] as const) {
    const { location } = await move(url, ann, sent);
    expect({ latitude: location.latitude, longitude: location.longitude }).toEqual(told);
  }
});

it('a retry of an id that a server recorded without rounding is a retry, and other contents are CONFLICT', async () => {
  const [url = ''] = cluster.urls;
  const ann = await signUp(url);
  const [id, recordedAtMs] = [randomUUID(), Date.now() - 1_000];
  const contents = JSON.stringify([HERE.latitude, HERE.longitude, null, recordedAtMs]);
  const fingerprint = createHash('sha256').update(contents).digest('hex').slice(0, 32);
  const recordedAt = new Date(recordedAtMs).toISOString();
  await inDatabase(
    'INSERT INTO location_ids (user_id, id, recorded_at, fingerprint) VALUES ($1, $2, $3, $4::uuid)',
    [ann.id, id, recordedAt, fingerprint],
  );
  const { location, recorded } = await move(url, ann, { ...HERE, id, recordedAt });
  expect([recorded, toldFault(HERE, location)]).toEqual([true, null]);
  // The rounded place is not what was sent.
  const input = { latitude: location.latitude, longitude: location.longitude, id, recordedAt };
  const { errors } = await request(url, ann.token, UPDATE_LOCATION, { input });
  expect(errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
});

async function inDatabase(text: string, values: readonly unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.database.url });
  await client.connect();
  await client.query(text, [...values]);
  await client.end();
}
