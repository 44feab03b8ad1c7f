import { isDeepStrictEqual } from 'node:util';
import type { Client } from 'graphql-ws';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  act,
  ask,
  befriend,
  connectForTest,
  move,
  signUp,
  signUpFriends,
  type TestUser,
} from '../support/api.js';
import { eventStream } from '../support/event-stream.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

/** How soon a change has to be told, on whatever server it was made. */
const SOON = { timeout: 3_000, interval: 5 };
/** How soon what was missed has to be told. */
const HEALED = { timeout: 10_000, interval: 20 };
const HERE = { latitude: 48.2, longitude: 16.37 };
const TTL_SECONDS = 4;

interface State {
  readonly sharing: { readonly enabled: boolean; readonly until: string | null };
  readonly place: { readonly updatedAt: string; readonly ofThisDevice: boolean | null } | null;
  readonly friendsChanged: string[] | null;
  readonly exceptionsChanged: string[] | null;
}

const fields = 'sharing { enabled until } place { updatedAt ofThisDevice } friendsChanged exceptionsChanged';
const subscription = (device: string): string =>
  `subscription { sharing(device: "${device}") { ${fields} } }`;

let cluster: TestCluster;
let ownCluster: TestCluster;

beforeAll(async () => {
  [cluster, ownCluster] = await Promise.all([
    startTestCluster(2),
    startTestCluster(2, { locationTtlSeconds: TTL_SECONDS }),
  ]);
});

afterAll(() => Promise.all([cluster.close(), ownCluster.close()]));

/** The URL of the first or second server. */
const server = (index: number, of = cluster): string => of.urls[index] as string;

/** The states that a user's device is told over WebSocket. */
function followStates(url: string, user: TestUser, device = 'phone'): State[] {
  const states: State[] = [];
  connectForTest(url, user.token).subscribe<{ sharing: State }>(
    { query: subscription(device) },
    {
      next: ({ data }) => void (data != null && states.push(data.sharing)),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return states;
}

/** Likewise, as server-sent events. */
function followEvents(url: string, user: TestUser, device = 'phone'): State[] {
  const states: State[] = [];
  void (async () => {
    for await (const event of eventStream(url, user, subscription(device)))
      states.push((event as { data: { sharing: State } }).data.sharing);
  })().catch(() => undefined);
  return states;
}

/** Whether a message after the first one said that friends and exceptions are to be read anew. */
const isReadAnew = (states: readonly State[]): boolean =>
  states
    .slice(1)
    .some(({ friendsChanged, exceptionsChanged }) => friendsChanged === null && exceptionsChanged === null);

/** Messages that say what the one before them said, of nobody. A notification may come twice, and names somebody again. */
const tellingNothing = (states: readonly State[]): State[] =>
  states.filter(({ friendsChanged, exceptionsChanged, ...state }, index) => {
    const { friendsChanged: _, exceptionsChanged: __, ...before } = states[index - 1] ?? {};
    const isOfNobody = friendsChanged?.length === 0 && exceptionsChanged?.length === 0;
    return isOfNobody && isDeepStrictEqual(state, before);
  });

const report = (url: string, user: TestUser, device: string, latitude = HERE.latitude): Promise<unknown> =>
  ask(
    url,
    user.token,
    'mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }',
    {
      input: { ...HERE, latitude, device },
    },
  );

const ON = { enabled: true, until: null };

describe.each([
  ['WebSocket', followStates],
  ['server-sent events', followEvents],
] as const)('over %s', (_name, followOver) => {
  it.each([0, 1])('a change through server %i is told on both', async (index) => {
    const [ann, bob] = await Promise.all([signUp(server(0)), signUp(server(1))]);
    const both = [followOver(server(0), ann), followOver(server(1), ann, 'tablet')];
    const told = (state: unknown): Promise<unknown> =>
      Promise.all(
        both.map((states) => expect.poll(() => states.at(-1), SOON).toMatchObject(state as object)),
      );
    await told({ sharing: ON, place: null, friendsChanged: null });

    await report(server(index), ann, 'phone');
    await told({ sharing: ON, place: { updatedAt: expect.any(String) }, friendsChanged: [] });
    expect(both.map((states) => states.at(-1)?.place?.ofThisDevice)).toEqual([true, false]);
    const { updatedAt } = both[0]?.at(-1)?.place ?? { updatedAt: '' };
    expect(Math.abs(Date.parse(updatedAt) - Date.now())).toBeLessThan(5_000);

    await act(server(index), ann, 'updateSharing(input: { enabled: false }) { enabled }');
    await told({ sharing: { enabled: false, until: null }, place: { updatedAt } });
    await befriend(server(index), ann, bob);
    await told({ friendsChanged: [bob.id] });
    await act(server(index), bob, `removeFriend(userId: "${ann.id}")`);
    await told({ friendsChanged: [bob.id] });
    await act(server(index), ann, 'clearLocation');
    await told({ place: null, friendsChanged: [] });
    for (const states of both) expect(tellingNothing(states)).toEqual([]);
  });
});

it('a friend’s pause is not told, nor another’s friendship, and the end of an account is', async () => {
  const [ann, bob, cid] = await Promise.all([signUp(server(0)), signUp(server(1)), signUp(server(0))]);
  await befriend(server(0), ann, bob);
  const states = followStates(server(1), ann);
  await expect.poll(() => states.length).toBe(1);
  await act(server(0), bob, 'updateSharing(input: { enabled: false }) { enabled }');
  await befriend(server(0), bob, cid);
  await act(server(0), bob, 'deleteAccount');
  await expect.poll(() => states.at(-1)?.friendsChanged, SOON).toEqual([bob.id]);
  expect(states).toHaveLength(2);
});

it.each([0, 1])(
  'an exception that is made, changed or cleared through server %i is told on both, to its maker alone',
  async (index) => {
    const url = server(index);
    const [ann, bob] = await signUpFriends(url);
    const both = [followStates(server(0), ann), followEvents(server(1), ann, 'tablet')];
    const ofBob = followStates(server(1 - index), bob);
    for (const states of [...both, ofBob])
      await expect.poll(() => states.at(-1), SOON).toMatchObject({ exceptionsChanged: null });
    const changes = [
      `setSharingException(input: { friendId: "${bob.id}", enabled: false }) { until }`,
      `setSharingException(input: { friendId: "${bob.id}", precision: APPROXIMATE }) { until }`,
      `clearSharingException(friendId: "${bob.id}")`,
    ];
    for (const change of changes) {
      const told = both.map(({ length }) => length);
      await act(url, ann, change);
      for (const [of, states] of both.entries()) {
        const later = (): State[] => states.slice(told[of]);
        const isTold = (): boolean => later().some((state) => state.exceptionsChanged?.includes(bob.id));
        await expect.poll(isTold, SOON).toBe(true);
        for (const state of later()) expect(state).toMatchObject({ sharing: ON, place: null });
      }
    }
    // There is nothing to clear, and so nothing to tell.
    await act(url, ann, `clearSharingException(friendId: "${bob.id}")`);
    await act(url, ann, 'updateSharing(input: { enabled: false }) { enabled }');
    for (const states of both) {
      await expect.poll(() => states.at(-1)?.sharing.enabled, SOON).toBe(false);
      expect(states.at(-1)?.exceptionsChanged).toEqual([]);
      expect(tellingNothing(states)).toEqual([]);
    }
    expect(ofBob).toHaveLength(1);
  },
);

it('timed sharing is told when it turns over by itself', async () => {
  const ann = await signUp(server(0));
  const both = [followStates(server(0), ann), followStates(server(1), ann)];
  await Promise.all(both.map((states) => expect.poll(() => states.length).toBe(1)));
  const untilMs = Date.now() + 1_500;
  const until = new Date(untilMs).toISOString();
  await act(server(0), ann, `updateSharing(input: { enabled: false, until: "${until}" }) { enabled }`);
  for (const states of both)
    await expect.poll(() => states.at(-1)?.sharing, SOON).toEqual({ enabled: false, until });
  for (const states of both)
    await expect.poll(() => states.at(-1)?.sharing, { ...SOON, timeout: 2_500 }).toEqual(ON);
  expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
  expect(Date.now()).toBeLessThan(untilMs + 1_000);
});

it('a location that expires is told, and one that another device takes over', async () => {
  const ann = await signUp(server(0, ownCluster));
  const states = followStates(server(1, ownCluster), ann, 'tablet');
  await expect.poll(() => states.length).toBe(1);
  await report(server(0, ownCluster), ann, 'phone');
  await expect.poll(() => states.at(-1)?.place?.ofThisDevice, SOON).toBe(false);
  // The phone is silent for half of the time.
  await expect
    .poll(
      async () => {
        await report(server(0, ownCluster), ann, 'tablet', HERE.latitude + Math.random() / 1_000);
        return states.at(-1)?.place?.ofThisDevice;
      },
      { timeout: 5_000, interval: 250 },
    )
    .toBe(true);
  await expect.poll(() => states.at(-1)?.place, { timeout: TTL_SECONDS * 1_000 + 2_000 }).toBeNull();
});

it('what was missed while connections to Redis were lost is read again', async () => {
  const ann = await signUp(server(0));
  const states = followStates(server(1), ann);
  await expect.poll(() => states.length).toBe(1);
  const redis = new Redis(cluster.redis.url);
  onTestFinished(() => redis.disconnect());
  await Promise.all([
    redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    act(server(0), ann, 'updateSharing(input: { enabled: false }) { enabled }'),
    move(server(0), ann, HERE),
  ]);
  await expect
    .poll(() => states.at(-1), HEALED)
    .toMatchObject({ sharing: { enabled: false }, place: { ofThisDevice: null } });
  await expect.poll(() => isReadAnew(states), HEALED).toBe(true);
});

it('a device name that is none is refused, and so are strangers and more subscriptions than are allowed', async () => {
  const ann = await signUp(server(0));
  const answer = (client: Client, query: string): Promise<unknown> =>
    new Promise((resolve) => {
      client.subscribe({ query }, { next: resolve, error: resolve, complete: () => undefined });
    });
  const code = (name: string): object => ({ errors: [{ extensions: { code: name } }] });
  const socket = connectForTest(server(0), ann.token);
  expect(await answer(socket, subscription(''))).toMatchObject(code('BAD_USER_INPUT'));
  const stranger = connectForTest(server(0), null);
  expect(await answer(stranger, subscription('phone'))).toMatchObject(code('UNAUTHENTICATED'));
  const { subscriptionsPerUser } = cluster.config.limits;
  const allowed = Array.from({ length: subscriptionsPerUser }, () => answer(socket, subscription('phone')));
  expect(await Promise.all(allowed)).toMatchObject(
    allowed.map(() => ({ data: { sharing: { sharing: ON } } })),
  );
  expect(await answer(socket, subscription('phone'))).toMatchObject(code('RATE_LIMITED'));
});

it('a subscription ends with its session', async () => {
  const ann = await signUp(server(0));
  const ended = new Promise((resolve) => {
    const client = connectForTest(server(1), ann.token);
    client.subscribe(
      { query: subscription('phone') },
      {
        next: () => void act(server(0), ann, 'signOut'),
        error: resolve,
        complete: () => {
          resolve(null);
        },
      },
    );
  });
  expect(await ended).toMatchObject({ code: 4403 });
});

it('a user who signs up without sharing is not seen until sharing is turned on', async () => {
  const query = `mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken user { id } } }`;
  const handle = `quiet_${process.pid}`;
  const input = { handle, displayName: 'Quiet', password: 'correct horse battery', sharingEnabled: false };
  const { signUp: made } = await ask<{ signUp: { accessToken: string; user: { id: string } } }>(
    server(0),
    null,
    query,
    { input },
  );
  const [quiet, ann] = [
    { id: made.user.id, handle, token: made.accessToken, refreshToken: '' },
    await signUp(server(0)),
  ];
  await befriend(server(0), quiet, ann);
  for (const user of [quiet, ann]) await move(server(0), user, HERE);
  const near = async (): Promise<unknown[]> =>
    (await ask<{ nearbyFriends: unknown[] }>(server(1), ann.token, '{ nearbyFriends { distanceMeters } }'))
      .nearbyFriends;
  expect(await near()).toEqual([]);
  const states = followStates(server(1), quiet);
  await expect.poll(() => states.at(-1)?.sharing, SOON).toEqual({ enabled: false, until: null });
  await act(server(0), quiet, 'updateSharing(input: { enabled: true }) { enabled }');
  await expect.poll(() => states.at(-1)?.sharing, SOON).toEqual(ON);
  expect(await near()).toHaveLength(1);
});

it('a pause is told while Redis is away', async () => {
  const ann = await signUp(server(0, ownCluster));
  const both = [followStates(server(0, ownCluster), ann), followStates(server(1, ownCluster), ann)];
  await Promise.all(both.map((states) => expect.poll(() => states.length).toBe(1)));
  await ownCluster.redis.kill9();
  await act(server(0, ownCluster), ann, 'updateSharing(input: { enabled: false }) { enabled }');
  for (const states of both)
    await expect.poll(() => states.at(-1)?.sharing, SOON).toEqual({ enabled: false, until: null });
  await ownCluster.redis.restart();
  for (const states of both) await expect.poll(() => isReadAnew(states), HEALED).toBe(true);
});
