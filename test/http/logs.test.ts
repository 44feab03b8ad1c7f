import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../src/log.js';
import {
  ask,
  codesOf,
  connectForTest,
  metric,
  move,
  requestOverSocket,
  signUp,
  signUpFriends,
} from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket } from '../support/raw-socket.js';

const HERE = { latitude: 35.681236, longitude: 139.767125 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

type Line = Readonly<Record<string, unknown>>;

let cluster: TestCluster;
let url: string;
let database: pg.Client;
const written: string[] = [];

beforeAll(async () => {
  const log = createLogger('debug', { write: (line) => void written.push(line) });
  cluster = await startTestCluster(1, {}, { log });
  url = cluster.urls[0] as string;
  database = new pg.Client(cluster.database.url);
  await database.connect();
});

afterAll(async () => {
  await database.end();
  await cluster.close();
});

const linesSaying = (message: string): Line[] =>
  written.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === message);

function requestWithId(id: string | null, query = '{ __typename }', token?: string): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(id === null ? {} : { 'x-request-id': id }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
}

/** Makes everything about friends fail, until the test has finished. */
/** Makes reads of friendships fail by no fault of the connection: a table that is missing may come back. */
async function breakFriendships(): Promise<void> {
  await database.query('ALTER TABLE friendships RENAME TO friendships_away');
  await database.query('CREATE VIEW friendships AS SELECT * FROM friendships_away WHERE 1 / 0 = 1');
  onTestFinished(async () => {
    await database.query('DROP VIEW friendships');
    await database.query('ALTER TABLE friendships_away RENAME TO friendships');
  });
}

describe('a request', () => {
  it('has the id that it came with, or a new one, which every answer tells', async () => {
    const id = 'edge-7f3a_2B';
    expect((await requestWithId(id)).headers.get('x-request-id')).toBe(id);
    const made = (await requestWithId(null)).headers.get('x-request-id');
    expect(made).toMatch(UUID);
    expect((await requestWithId(null)).headers.get('x-request-id')).not.toBe(made);
    for (const bad of ['35.681236', 'a b', 'x'.repeat(65), 'eyJh.eyJz.c2ln'])
      expect((await requestWithId(bad)).headers.get('x-request-id')).toMatch(UUID);
    for (const path of ['/health/live', '/metrics', '/nowhere', '/graphql'])
      expect((await fetch(url + path)).headers.get('x-request-id'), path).toMatch(UUID);
    await vi.waitFor(
      () =>
        expect(linesSaying('a request was answered')).toContainEqual(
          expect.objectContaining({ requestId: id, method: 'POST', path: '/graphql', status: 200 }),
        ),
      { timeout: 10_000 },
    );
  });

  it('whose operation fails is logged with its id, and counted', async () => {
    const user = await signUp(url);
    await breakFriendships();
    const before = await metric(url, 'nearby_operation_failures_total');
    const response = await requestWithId(
      'failing-request',
      '{ nearbyFriends { distanceMeters } }',
      user.token,
    );
    expect(await response.text()).toContain('INTERNAL_SERVER_ERROR');
    const lines = linesSaying('an operation failed').filter(
      ({ requestId }) => requestId === 'failing-request',
    );
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toMatchObject({ level: 50, err: { code: expect.any(String) as string } });
    expect(await metric(url, 'nearby_operation_failures_total')).toBe(before + lines.length);
  });
});

describe('a WebSocket', () => {
  it('has an id of its own in the lines from its start to its end', async () => {
    const before = linesSaying('a WebSocket opened').length;
    const raw = await openRawSocket(url);
    raw.socket.close(1000);
    await raw.closed;
    const [opened] = linesSaying('a WebSocket opened').slice(before);
    expect(opened?.['connectionId']).toEqual(expect.any(Number));
    await vi.waitFor(
      () =>
        expect(linesSaying('a WebSocket closed')).toContainEqual(
          expect.objectContaining({ connectionId: opened?.['connectionId'], code: 1000 }),
        ),
      { timeout: 10_000 },
    );
  });

  it('whose operation fails is logged with the id', async () => {
    const user = await signUp(url);
    const client = connectForTest(url, user.token);
    await requestOverSocket(client, '{ __typename }');
    const opened = linesSaying('a WebSocket opened').map(({ connectionId }) => connectionId);
    await breakFriendships();
    const { errors } = await requestOverSocket(client, '{ nearbyFriends { distanceMeters } }');
    expect(errors?.[0]?.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
    const failed = linesSaying('an operation failed').at(-1);
    expect(opened).toContain(failed?.['connectionId']);
    expect(failed).not.toHaveProperty('requestId');
  });
});

it('no password, token, handle or coordinate is ever logged, not when PostgreSQL repeats a row either', async () => {
  const [ann, bob] = await signUpFriends(url);
  await move(url, ann, HERE);
  const list = follow(url, ann);
  await list.next();
  await ask(url, null, 'mutation ($t: String!) { refreshToken(refreshToken: $t) { accessToken } }', {
    t: bob.refreshToken,
  });
  await fetch(`${url}/graphql?query=${encodeURIComponent(`{ user(handle: "${bob.handle}") { id } }`)}`);
  await fetch(`${url}/${ann.token}`);
  const taken = `mutation { signUp(input: { handle: "${ann.handle}", displayName: "A", password: "hunter2hunter2" }) { accessToken } }`;
  expect(await codesOf(url, null, taken)).toEqual(['CONFLICT']);
  await database.query('ALTER TABLE location_history ADD CONSTRAINT south CHECK (latitude < 0) NOT VALID');
  await expect(move(url, bob, HERE)).rejects.toThrow('The location history does not take this location.');
  await database.query('ALTER TABLE location_history DROP CONSTRAINT south');
  const failed = linesSaying('a dependency failed').find(({ cause }) => cause === 'history write');
  expect(failed).toMatchObject({
    err: { code: '23514', message: expect.stringContaining('south') as string },
  });

  const log = written.join('');
  const secrets = [ann, bob].flatMap(({ token, refreshToken, handle }) => [token, refreshToken, handle]);
  for (const secret of [...secrets, 'correct horse', 'hunter2', '35.68', '139.76'])
    expect(log.includes(secret), secret).toBe(false);
});
