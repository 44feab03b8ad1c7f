/** Speed and heading, from the update of one server to what friends get from another, and into the history. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  ask,
  codesOf,
  connectForTest,
  request,
  requestOverSocket,
  signUp,
  signUpFriends,
  type TestUser,
} from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

const HERE = { latitude: 52.52, longitude: 13.405 };
const MOTION = 'speedMetersPerSecond headingDegrees';
const UPDATE = `mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded location { ${MOTION} } } }`;
const LIST = `subscription { nearbyFriends { nearby { location { ${MOTION} } } origin { ${MOTION} } } }`;
const UNKNOWN = { speedMetersPerSecond: null, headingDegrees: null };

let cluster: TestCluster;
let here: string;
let there: string;
beforeAll(async () => {
  cluster = await startTestCluster(2);
  [here, there] = cluster.urls as [string, string];
});
afterAll(() => cluster.close());

async function moving(url: string, user: TestUser, input: object): Promise<unknown> {
  const variables = { input: { ...HERE, ...input } };
  const { updateLocation } = await ask<{ updateLocation: { location: unknown } }>(
    url,
    user.token,
    UPDATE,
    variables,
  );
  return updateLocation.location;
}

async function historyOf(user: TestUser): Promise<unknown[]> {
  const query = `{ locationHistory { edges { node { ${MOTION} } } } }`;
  const { locationHistory } = await ask<{ locationHistory: { edges: { node: unknown }[] } }>(
    here,
    user.token,
    query,
  );
  return locationHistory.edges.map(({ node }) => node);
}

it('friends, the device itself and the history get the same', async () => {
  const [ann, bob] = await signUpFriends(here);
  await moving(here, ann, { speedMetersPerSecond: 0 });
  const told = [
    [
      { speedMetersPerSecond: 1.38888, headingDegrees: 87.5 },
      { speedMetersPerSecond: 1.389, headingDegrees: 87.5 },
    ],
    [
      { speedMetersPerSecond: 9999.999, headingDegrees: 360 },
      { speedMetersPerSecond: 9999.999, headingDegrees: 0 },
    ],
    [{ speedMetersPerSecond: 0 }, { speedMetersPerSecond: 0, headingDegrees: null }],
    [{ headingDegrees: 359.999 }, { speedMetersPerSecond: null, headingDegrees: 359.999 }],
    [{ speedMetersPerSecond: -1, headingDegrees: -1 }, UNKNOWN],
    [{}, UNKNOWN],
  ] as const;
  const origin = { speedMetersPerSecond: 0, headingDegrees: null };
  for (const [sent, location] of told) {
    expect(await moving(there, bob, sent)).toEqual(location);
    const frame = { nearby: [{ location }], origin };
    for (const url of cluster.urls) {
      // Frames that are written, and those that graphql-js executes.
      const written = await requestOverSocket(connectForTest(url, ann.token), LIST);
      expect(written.data).toEqual({ nearbyFriends: frame });
      expect((await eventStream(url, ann, LIST).next()).value).toEqual({ data: { nearbyFriends: frame } });
    }
  }
  expect(await historyOf(bob)).toEqual(told.map(([, location]) => location).reverse());
});

it('an id stands for them, too, where the device said them', async () => {
  const ann = await signUp(here);
  const [id, recordedAt] = [randomUUID(), new Date(Date.now() - 1_000).toISOString()];
  const fix = { id, recordedAt, speedMetersPerSecond: 3, headingDegrees: 90 };
  for (const url of [here, there, here])
    expect(await moving(url, ann, fix)).toMatchObject({ headingDegrees: 90 });
  for (const other of [{ speedMetersPerSecond: 4 }, { headingDegrees: 91 }, { headingDegrees: null }]) {
    const { errors } = await request(there, ann.token, UPDATE, { input: { ...HERE, ...fix, ...other } });
    expect(errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
  }
  // Not known, however that is said, is as before there were such fields.
  const still = { id: randomUUID(), recordedAt };
  await moving(here, ann, still);
  expect(await moving(there, ann, { ...still, speedMetersPerSecond: -1, headingDegrees: null })).toEqual(
    UNKNOWN,
  );
  expect(await historyOf(ann)).toHaveLength(2);
});

it('what can’t be is BAD_USER_INPUT, and a literal that is no number is not valid', async () => {
  const ann = await signUp(here);
  for (const wrong of [
    'speedMetersPerSecond: 10001',
    'headingDegrees: 360.5',
    'speedMetersPerSecond: 1e400',
  ]) {
    const update = `mutation { updateLocation(input: { latitude: 1, longitude: 2, ${wrong} }) { recorded } }`;
    expect(await codesOf(here, ann.token, update)).toEqual(['BAD_USER_INPUT']);
  }
  const literal =
    'mutation { updateLocation(input: { latitude: 1, longitude: 2, headingDegrees: NaN }) { recorded } }';
  expect(await codesOf(here, ann.token, literal)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(await codesOf(here, ann.token, UPDATE, { input: { ...HERE, headingDegrees: 'NaN' } })).toEqual([
    'BAD_USER_INPUT',
  ]);
  expect(await historyOf(ann)).toEqual([]);
});
