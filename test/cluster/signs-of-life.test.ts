/** What counts as a sign of life, and whose place is shown, over two real servers. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, codesOf, request, signUpFriends, type TestUser } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket } from '../support/raw-socket.js';
import { travel } from '../support/sphere.js';

const TTL_SECONDS = 3;
const HERE = { latitude: 51.5, longitude: -0.12 };
const HOUR_MS = 3_600_000;

let cluster: TestCluster;
let here: string;
let there: string;

beforeAll(async () => {
  cluster = await startTestCluster(2, { locationTtlSeconds: TTL_SECONDS });
  [here, there] = cluster.urls as [string, string];
});
afterAll(() => cluster.close());

interface Report {
  readonly meters: number;
  readonly agoMs?: number;
  readonly id?: string;
  readonly device?: string;
  readonly stillHere?: boolean;
}

const UPDATES = `mutation ($inputs: [UpdateLocationInput!]!) {
  updateLocations(inputs: $inputs) { recorded location { recordedAt } }
}`;
const UPDATE = `mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }`;

const inputOf = ({ meters, agoMs, ...rest }: Report) => ({
  ...travel(HERE, 90, meters),
  ...(agoMs !== undefined && { recordedAt: new Date(Date.now() - agoMs).toISOString() }),
  ...rest,
});

const report = (url: string, { token }: TestUser, what: Report) =>
  ask(url, token, UPDATE, { input: inputOf(what) });

/** Two friends on two servers; the first one watches and stays active until the test has finished. */
async function watch(): Promise<{ friend: TestUser; list: NearbyList; stop(): Promise<void> }> {
  const [viewer, friend] = await signUpFriends(here);
  let stopped = false;
  await report(here, viewer, { meters: 0 });
  const staying = (async () => {
    while (!stopped) {
      await report(here, viewer, { meters: 0 });
      await sleep(500);
    }
  })();
  const list = follow(here, viewer);
  await list.next();
  return {
    friend,
    list,
    stop: async () => {
      stopped = true;
      await staying;
    },
  };
}

/** The distances at which the friend was shown, each once in a row: the list is sent again when the viewer moves. */
const shownAt = (list: NearbyList): number[] => {
  const all = list.frames.flatMap(({ nearby }) =>
    nearby.map(({ distanceMeters }) => Math.round(distanceMeters)),
  );
  return all.filter((meters, index) => meters !== all[index - 1]);
};

const metersOf = (list: NearbyList, friend: TestUser): number | null => {
  const entry = list.entries.get(friend.id);
  return entry === undefined ? null : Math.round(entry.distanceMeters);
};

const historyOf = async ({ token }: TestUser): Promise<string[]> => {
  const { locationHistory } = await ask<{
    locationHistory: { edges: { node: { recordedAt: string } }[] };
  }>(there, token, '{ locationHistory { edges { node { recordedAt } } } }');
  return locationHistory.edges.map(({ node }) => node.recordedAt);
};

describe('a point older than the TTL', () => {
  it('goes to the history only, while the user is known and after the user was forgotten', async () => {
    const { friend, list, stop } = await watch();
    await report(there, friend, { meters: 100 });
    await list.until(() => metersOf(list, friend) === 100);
    await report(there, friend, { meters: 900, agoMs: 2 * HOUR_MS });
    await list.until(({ entries }) => !entries.has(friend.id));
    await report(there, friend, { meters: 900, agoMs: HOUR_MS });
    await report(there, friend, { meters: 300 });
    await list.until(() => metersOf(list, friend) === 300);
    expect(shownAt(list)).toEqual([100, 300]);
    expect(await historyOf(friend)).toHaveLength(4);
    await stop();
  });

  it('is not shown when Redis came back empty either', async () => {
    const { friend, list, stop } = await watch();
    await report(there, friend, { meters: 100 });
    await list.until(() => metersOf(list, friend) === 100);
    const redis = new Redis(cluster.redis.url);
    await redis.flushall();
    redis.disconnect();
    await report(there, friend, { meters: 900, agoMs: 2 * HOUR_MS });
    await report(there, friend, { meters: 200 });
    await list.until(() => metersOf(list, friend) === 200);
    expect(
      list.frames.flatMap(({ nearby }) => nearby).some(({ distanceMeters }) => distanceMeters > 800),
    ).toBe(false);
    await stop();
  });
});

describe('a device that stays where it is', () => {
  it('keeps its user on the list with the time of its only fix, and has one row', async () => {
    const { friend, list, stop } = await watch();
    const fix = { ...inputOf({ meters: 100, agoMs: 0 }), id: randomUUID() };
    await ask(there, friend.token, UPDATE, { input: fix });
    await list.until(() => metersOf(list, friend) === 100);
    const signs = 6;
    for (let sign = 0; sign < signs; sign++) {
      await sleep(TTL_SECONDS * 400);
      await ask(sign % 2 === 0 ? here : there, friend.token, UPDATE, { input: { ...fix, stillHere: true } });
      await list.until(({ frames }) => frames.length >= sign + 3);
    }
    const entries = list.frames.flatMap(({ nearby }) => nearby);
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
    expect(new Set(entries.map(({ location }) => location.recordedAt))).toEqual(new Set([fix.recordedAt]));
    const updatedAt = entries.map((entry) => Date.parse(entry.updatedAt));
    expect(updatedAt).toEqual(updatedAt.toSorted((a, b) => a - b));
    expect((updatedAt.at(-1) ?? 0) - (updatedAt[0] ?? 0)).toBeGreaterThan(TTL_SECONDS * 1_000);
    expect(await historyOf(friend)).toEqual([fix.recordedAt]);
    await stop();
  });

  it('comes back with the old fix after its user was forgotten', async () => {
    const { friend, list, stop } = await watch();
    await report(there, friend, { meters: 400, agoMs: HOUR_MS, stillHere: true });
    await list.until(() => metersOf(list, friend) === 400);
    await stop();
  });

  it('stays on the list however old its fix is, also when the history keeps it no longer', async () => {
    const { friend, list, stop } = await watch();
    const fix = { meters: 400, agoMs: 91 * 24 * HOUR_MS, id: randomUUID() };
    expect(await codesOf(there, friend.token, UPDATE, { input: inputOf(fix) })).toEqual(['BAD_USER_INPUT']);
    expect(await report(there, friend, { ...fix, stillHere: true })).toEqual({
      updateLocation: { recorded: true },
    });
    await list.until(() => metersOf(list, friend) === 400);
    expect(await historyOf(friend)).toEqual([]);
    await stop();
  });

  it('keeps its newest place while it sends an older fix, also once Redis came back empty', async () => {
    const { friend, list, stop } = await watch();
    const older = inputOf({ meters: 900, agoMs: 1_000, id: randomUUID(), device: 'phone' });
    await ask(there, friend.token, UPDATE, { input: older });
    await list.until(() => metersOf(list, friend) === 900);
    await report(there, friend, { meters: 100, device: 'phone' });
    await list.until(() => metersOf(list, friend) === 100);
    const updatedAt = () => Date.parse(list.entries.get(friend.id)?.updatedAt ?? '');
    for (let sign = 0; sign < 6; sign++) {
      if (sign === 3) {
        const redis = new Redis(cluster.redis.url);
        await redis.flushall();
        redis.disconnect();
      }
      await sleep(TTL_SECONDS * 400);
      const before = updatedAt();
      await ask(sign % 2 === 0 ? here : there, friend.token, UPDATE, {
        input: { ...older, stillHere: true },
      });
      await list.until(() => updatedAt() > before);
    }
    expect(shownAt(list)).toEqual([900, 100]);
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
    await stop();
  });

  it('must say of which fix', async () => {
    const { friend, stop } = await watch();
    const input = inputOf({ meters: 1, stillHere: true });
    expect(await codesOf(there, friend.token, UPDATE, { input })).toEqual(['BAD_USER_INPUT']);
    await stop();
  });
});

describe('two devices of one user', () => {
  it('that report alternately to two servers show the one that moves, until it is silent', async () => {
    const { friend, list, stop } = await watch();
    for (let step = 0; step < 12; step++) {
      await report(here, friend, { meters: 1_000 + step * 100, device: 'phone' });
      await list.until(() => metersOf(list, friend) === 1_000 + step * 100);
      await report(there, friend, { meters: 20 + (step % 3), device: 'tablet' });
    }
    const shown = list.frames.flatMap(({ nearby }) => nearby.map(({ distanceMeters }) => distanceMeters));
    expect(Math.min(...shown)).toBeGreaterThan(900);
    const silentFrom = Date.now();
    let tablet = 0;
    while (metersOf(list, friend) !== 21) {
      expect(Date.now() - silentFrom).toBeLessThan(4 * TTL_SECONDS * 1_000);
      await report(there, friend, { meters: 21, device: 'tablet' });
      tablet += 1;
      await sleep(250);
    }
    expect(await historyOf(friend)).toHaveLength(24 + tablet);
    await stop();
  });
});

describe('a phone that is switched off on the way', () => {
  it('gives way to the tablet at home before its user would be inactive', async () => {
    const { friend, list, stop } = await watch();
    for (let step = 0; step < 3; step++) {
      await report(here, friend, { meters: 1_000 + step * 100, device: 'phone' });
      await list.until(() => metersOf(list, friend) === 1_000 + step * 100);
      await report(there, friend, { meters: 21, device: 'tablet' });
    }
    await report(here, friend, { meters: 1_300, device: 'phone' });
    const offAtMs = performance.now();
    while (metersOf(list, friend) !== 21) {
      await report(there, friend, { meters: 21, device: 'tablet' });
      await sleep(100);
    }
    expect(performance.now() - offAtMs).toBeGreaterThan(TTL_SECONDS * 500);
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
    await stop();
  });
});

describe('a tablet that lies at home with a fix of hours ago', () => {
  it('takes over from the phone that is switched off, without a new fix', async () => {
    const { friend, list, stop } = await watch();
    const atHome = inputOf({
      meters: 21,
      agoMs: HOUR_MS,
      id: randomUUID(),
      device: 'tablet',
      stillHere: true,
    });
    await report(here, friend, { meters: 1_000, device: 'phone' });
    await list.until(() => metersOf(list, friend) === 1_000);
    while (metersOf(list, friend) !== 21) {
      await ask(there, friend.token, UPDATE, { input: atHome });
      await sleep(100);
    }
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
    await stop();
  });
});

describe('updateLocations', () => {
  it('records all in the order of the inputs and shows the newest alone', async () => {
    const { friend, list, stop } = await watch();
    const agesMs = [1_500, 500, HOUR_MS, 2_500];
    const inputs = agesMs.map((agoMs, index) =>
      inputOf({ meters: 100 * (index + 1), agoMs, id: randomUUID() }),
    );
    const send = () =>
      ask<{ updateLocations: { recorded: boolean; location: { recordedAt: string } }[] }>(
        there,
        friend.token,
        UPDATES,
        { inputs },
      );
    const expected = inputs.map(({ recordedAt }) => ({ recorded: true, location: { recordedAt } }));
    expect((await send()).updateLocations).toEqual(expected);
    await list.until(() => metersOf(list, friend) === 200);
    // A retry changes nothing.
    expect((await send()).updateLocations).toEqual(expected);
    await report(there, friend, { meters: 700 });
    await list.until(() => metersOf(list, friend) === 700);
    expect(shownAt(list)).toEqual([200, 700]);
    expect(await historyOf(friend)).toHaveLength(5);
    await stop();
  });

  it.each([
    [
      'BAD_USER_INPUT',
      (taken: object) => [inputOf({ meters: 1 }), taken, inputOf({ meters: 2, agoMs: -HOUR_MS })],
    ],
    [
      'CONFLICT',
      (taken: object) => [inputOf({ meters: 1 }), inputOf({ meters: 2 }), { ...taken, latitude: 1 }],
    ],
  ])('refuses all for one that is %s, and says which', async (code, inputsWith) => {
    const { friend, stop } = await watch();
    const taken = inputOf({ meters: 5, id: randomUUID() });
    await ask(there, friend.token, UPDATE, { input: taken });
    const { data, errors } = await request(there, friend.token, UPDATES, { inputs: inputsWith(taken) });
    expect(data).toBeNull();
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code, index: 2, indexes: [2] }]);
    expect(await historyOf(friend)).toHaveLength(1);
    await stop();
  });

  it('takes 500 and not one more', async () => {
    const { friend, stop } = await watch();
    const inputs = Array.from({ length: 500 }, (_, index) =>
      inputOf({ meters: index, agoMs: 10_000 + index, id: randomUUID() }),
    );
    await ask(there, friend.token, UPDATES, { inputs });
    const tooMany = { inputs: [...inputs, inputOf({ meters: 1 })] };
    expect(await codesOf(there, friend.token, UPDATES, tooMany)).toEqual(['BAD_USER_INPUT']);
    await stop();
  });
});

describe('the server says', () => {
  it('its time and its TTL, to a query and in connection_ack', async () => {
    const { friend, stop } = await watch();
    const { server } = await ask<{ server: { time: string; locationTtlSeconds: number } }>(
      here,
      friend.token,
      '{ server { time locationTtlSeconds } }',
    );
    expect(Math.abs(Date.parse(server.time) - Date.now())).toBeLessThan(2_000);
    expect(server.locationTtlSeconds).toBe(TTL_SECONDS);
    const socket = await openRawSocket(here);
    await socket.init(friend.token);
    expect(socket.messages[0]).toEqual({
      type: 'connection_ack',
      payload: { serverTime: expect.stringMatching(/^2.*Z$/), locationTtlSeconds: TTL_SECONDS },
    });
    socket.socket.close();
    expect(await codesOf(here, null, '{ server { time } }')).toEqual(['UNAUTHENTICATED']);
    await stop();
  });
});
