/** Location apps that know no GraphQL, by what they send: OwnTracks and Overland. */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { createIngest } from '../../src/http/ingest/ingest.js';
import {
  act,
  ask,
  codesOf,
  metric,
  move,
  request,
  signUp,
  signUpFriends,
  type TestUser,
} from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

const HERE = { latitude: 48.8583, longitude: 2.2951 };
const NEAR = { latitude: 48.8604, longitude: 2.294 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] ?? '';
});
afterAll(() => cluster.close());

interface Created {
  readonly token: { readonly id: string };
  readonly secret: string;
}
const createToken = (user: TestUser, name = 'Phone'): Promise<Created> =>
  act(url, user, `createDeviceToken(name: "${name}") { token { id } secret }`);

const basic = (handle: string, secret: string): string =>
  `Basic ${Buffer.from(`${handle}:${secret}`).toString('base64')}`;

const post = (app: string, authorization: string, body: unknown): Promise<Response> =>
  fetch(`${url}/ingest/${app}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

interface Row {
  readonly location: Record<string, unknown>;
}
async function historyOf(user: TestUser): Promise<Row['location'][]> {
  const query = `query ($after: String) { locationHistory(first: 100, after: $after) {
    edges { node { latitude longitude accuracyMeters speedMetersPerSecond headingDegrees recordedAt } }
    pageInfo { hasNextPage endCursor } } }`;
  const rows: Row['location'][] = [];
  for (let after: string | null = null; ;) {
    const page: HistoryPage = await ask(url, user.token, query, { after });
    rows.push(...page.locationHistory.edges.map(({ node }) => node));
    const { hasNextPage, endCursor } = page.locationHistory.pageInfo;
    if (!hasNextPage) return rows;
    after = endCursor;
  }
}
interface HistoryPage {
  readonly locationHistory: {
    readonly edges: readonly { readonly node: Record<string, unknown> }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const secondsAgo = (seconds: number): number => Math.floor(Date.now() / 1_000) - seconds;

describe('OwnTracks', () => {
  it('reports, and shows the friends who are near on its own map', async () => {
    const [user, friend] = await signUpFriends(url);
    const { secret } = await createToken(user);
    const authorization = basic(user.handle, secret);
    await move(url, friend, { ...NEAR, accuracyMeters: 12.4, speedMetersPerSecond: 10, headingDegrees: 90 });

    const tst = secondsAgo(20);
    const message = {
      _type: 'location',
      lat: 48.8583,
      lon: 2.2951,
      tst,
      acc: 65,
      vel: 36,
      cog: 270,
      tid: 'ph',
      batt: 80,
    };
    const response = await post('owntracks', authorization, message);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const answer = (await response.json()) as Record<string, unknown>[];
    expect(answer).toEqual([
      { _type: 'card', tid: friend.handle, name: 'Somebody' },
      {
        _type: 'location',
        tid: friend.handle,
        lat: NEAR.latitude,
        lon: NEAR.longitude,
        tst: expect.any(Number) as number,
        acc: 12,
        vel: 36,
        cog: 90,
      },
    ]);
    expect(Math.abs(Number(answer[1]?.['tst']) - Date.now() / 1_000)).toBeLessThan(60);

    const { nearbyFriends } = await ask<{ nearbyFriends: Record<string, unknown>[] }>(
      url,
      friend.token,
      '{ nearbyFriends { friend { id } location { latitude accuracyMeters speedMetersPerSecond headingDegrees } } }',
    );
    expect(nearbyFriends).toEqual([
      {
        friend: { id: user.id },
        location: { latitude: 48.8583, accuracyMeters: 65, speedMetersPerSecond: 10, headingDegrees: 270 },
      },
    ]);

    // A retry is recorded once. So is one from a phone whose clock is ahead.
    expect((await post('owntracks', authorization, message)).status).toBe(200);
    const ahead = { ...message, tst: secondsAgo(-300), lat: 48.8584 };
    for (let time = 0; time < 2; time++)
      expect((await post('owntracks', authorization, ahead)).status).toBe(200);
    expect(await historyOf(user)).toHaveLength(2);
  });

  it('is answered with no friends when it sends anything else, and goes on after what can never be taken', async () => {
    const [user, friend] = await signUpFriends(url);
    const { secret } = await createToken(user);
    const authorization = basic(`@${user.handle.toUpperCase()}`, secret);
    await move(url, friend, NEAR);
    const leftOut = await metric(url, 'nearby_drops_total{cause="app location refused"}');
    const tst = secondsAgo(5);
    for (const message of [
      '',
      { _type: 'lwt', tst },
      { _type: 'transition', event: 'enter', lat: 1, lon: 1, tst },
      { _type: 'location', lat: 91, lon: 0, tst },
      { _type: 'location', lat: null, lon: 0, tst },
      { _type: 'location', lat: 1, lon: 1 },
      { _type: 'location', lat: 1, lon: 1, tst: 1_000_000_000 },
      [],
      'null',
    ]) {
      const response = await post('owntracks', authorization, message);
      expect([response.status, await response.json()]).toEqual([200, []]);
    }
    expect(await historyOf(user)).toEqual([]);
    expect(await metric(url, 'nearby_drops_total{cause="app location refused"}')).toBe(leftOut + 4);
  });
});

describe('Overland', () => {
  const point = (index: number, properties: object = {}): object => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [2.2951, 48.8583 + index * 1e-5] },
    properties: {
      timestamp: `${new Date(Date.now() - 3_600_000 - index * 1_000).toISOString().slice(0, 19)}-0000`,
      horizontal_accuracy: 30,
      speed: 4,
      course: -1,
      motion: ['driving'],
      battery_level: 0.89,
      ...properties,
    },
  });

  it('sends batches, of which each location is recorded once, whatever else is in them', async () => {
    const user = await signUp(url);
    const { secret } = await createToken(user, 'iPhone');
    const authorization = `Bearer ${secret}`;
    const current = point(-3_000, { speed: -1, horizontal_accuracy: -1 });
    const locations = [
      ...Array.from({ length: 700 }, (_, index) => point(index)),
      point(800, { action: 'visit', arrival_date: null }),
      { ...point(801), geometry: { type: 'Point', coordinates: [2.3, 99] } },
      point(802, { timestamp: 'yesterday' }),
      { type: 'Feature', geometry: null, properties: null },
      null,
    ];
    for (const body of [{ locations, current }, { locations, current }, { locations: [current] }]) {
      const response = await post('overland', authorization, body);
      expect([response.status, await response.json()]).toEqual([200, { result: 'ok' }]);
    }
    const rows = await historyOf(user);
    expect(rows).toHaveLength(701);
    expect(rows[0]).toMatchObject({ accuracyMeters: null, speedMetersPerSecond: null, headingDegrees: null });
    expect(rows[1]).toMatchObject({ latitude: 48.8583, accuracyMeters: 30, speedMetersPerSecond: 4 });
  });

  it('says times with an offset without a colon', async () => {
    const user = await signUp(url);
    const { secret } = await createToken(user);
    const timestamp = `${new Date(Date.now() - 8 * 3_600_000).toISOString().slice(0, 19)}-0700`;
    await post('overland', `Bearer ${secret}`, { locations: [point(0, { timestamp })] });
    const [row] = await historyOf(user);
    expect(Date.now() - Date.parse(String(row?.['recordedAt']))).toBeLessThan(3_700_000);
    expect(Date.now() - Date.parse(String(row?.['recordedAt']))).toBeGreaterThan(3_500_000);
  });
});

describe('a device token', () => {
  it('is told once, is listed with its last use, and ends when it is revoked', async () => {
    const [user, other] = [await signUp(url), await signUp(url)];
    const { token, secret } = await createToken(user, ' My  phone ');
    const list = '{ deviceTokens { id name createdAt lastUsedAt } }';
    const before = await ask<{ deviceTokens: object[] }>(url, user.token, list);
    expect(before.deviceTokens).toMatchObject([{ id: token.id, name: 'My phone', lastUsedAt: null }]);
    expect(JSON.stringify(before)).not.toContain(secret);

    expect((await post('overland', `Bearer ${secret}`, { locations: [] })).status).toBe(200);
    const { deviceTokens } = await ask<{ deviceTokens: { lastUsedAt: string }[] }>(url, user.token, list);
    expect(deviceTokens[0]?.lastUsedAt).toMatch(/:00\.000Z$/);

    expect(await act(url, other, `revokeDeviceToken(id: "${token.id}")`)).toBe(false);
    expect(await act(url, user, `revokeDeviceToken(id: "${token.id}")`)).toBe(true);
    expect(await act(url, user, `revokeDeviceToken(id: "${token.id}")`)).toBe(false);
    expect((await post('overland', `Bearer ${secret}`, { locations: [] })).status).toBe(401);
  });

  it('allows nothing else, and belongs to one user', async () => {
    const [user, other] = [await signUp(url), await signUp(url)];
    const { secret } = await createToken(user);
    expect(await codesOf(url, secret, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    for (const authorization of [
      basic(other.handle, secret),
      basic('', secret),
      basic(user.handle, `${secret}x`),
      basic(user.handle, 'correct horse battery'),
      `Bearer ${user.token}`,
      'Bearer',
      'Basic bm8tY29sb24=',
      '',
    ]) {
      const response = await post('owntracks', authorization, { _type: 'location', lat: 1, lon: 1, tst: 1 });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(await response.json()).toEqual({ error: 'There is no such device token.' });
    }
  });

  it('has a name that people see, and each user has 20 at most', async () => {
    const user = await signUp(url);
    const create = 'mutation ($name: String!) { createDeviceToken(name: $name) { secret } }';
    for (const name of ['', ' ', 'x'.repeat(101), '\u200b']) {
      expect(await codesOf(url, user.token, create, { name })).toEqual(['BAD_USER_INPUT']);
    }
    const answers = await Promise.all(
      Array.from({ length: 23 }, (_, index) => request(url, user.token, create, { name: `phone ${index}` })),
    );
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(20);
  });
});

it('refuses what is no such request, and lives on', async () => {
  const user = await signUp(url);
  const { secret } = await createToken(user);
  const authorization = `Bearer ${secret}`;
  expect((await fetch(`${url}/ingest/owntracks`, { headers: { authorization } })).status).toBe(405);
  expect((await post('overland', authorization, '{')).status).toBe(400);
  expect((await post('overland', authorization, 'x'.repeat(1_048_577))).status).toBe(413);
  expect((await post('overland', authorization, { locations: [] })).status).toBe(200);
  expect((await post('traccar', authorization, {})).status).toBe(404);
});

test('what is not recorded yet is to be sent again', async () => {
  const ingest = createIngest({
    deviceTokens: { authenticate: async () => ({ tokenId: 'device', userId: 'user', handle: 'ada' }) },
    locations: {
      publishAll: async (_viewer, inputs) =>
        inputs.map(() => ({
          location: { id: '', receivedAtMs: 0, recordedAtMs: 0, accuracyMeters: null, ...HERE },
          recorded: false,
        })),
    },
    nearbyFriends: { list: async () => [] },
    fixId: () => '',
    now: Date.now,
    onLeftOut: () => undefined,
  });
  const { createServer } = await import('node:http');
  const server = createServer(
    (incoming, response) => void ingest.answer('/ingest/owntracks', incoming, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret' },
    body: JSON.stringify({ _type: 'location', lat: 1, lon: 1, tst: secondsAgo(1) }),
  });
  expect(response.status).toBe(503);
  server.close();
});
