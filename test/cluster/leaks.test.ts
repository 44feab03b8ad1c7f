import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { befriend, connect, metric, move, signUp, type TestUser } from '../support/api.js';
import { followNearby, NEARBY_FRIENDS } from '../support/nearby-list.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { openRawSocket, rawSocket, type RawSocket } from '../support/raw-socket.js';

const OPENINGS = 1_000;
const AT_ONCE = 20;
const GAUGES = [
  'nearby_subscriptions',
  'nearby_watched_users',
  'nearby_connections',
  'nearby_history_rows_held',
];
/** Timers that come and go by themselves: one for each idle connection of a server's pool, and two of the wait itself. */
const TIMERS_OF_OTHERS = 2 * 20 + 2;
const HERE = { latitude: 52.52, longitude: 13.4 };

let cluster: TestCluster;
let redis: Redis;
let ann: TestUser;
let timersBefore = 0;

beforeAll(async () => {
  cluster = await startTestCluster(2);
  redis = new Redis(cluster.redis.url);
  ann = await signUp(server(0));
  for (let friend = 0; friend < 3; friend++) {
    const other = await signUp(server(1));
    await befriend(server(0), ann, other);
    await move(server(1), other, HERE);
  }
  await move(server(0), ann, HERE);
});

beforeEach(async () => {
  await vi.waitFor(async () => expect(await leftBehind()).toEqual([]), 5_000);
  timersBefore = timers();
});

afterAll(async () => {
  redis.disconnect();
  await cluster.close();
});

const server = (index: number): string => cluster.urls[index % 2] as string;
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** Gauges that are not 0 and topics that are still subscribed, on any server. */
async function leftBehind(): Promise<unknown[]> {
  const open: unknown[] = [];
  for (const url of cluster.urls) {
    for (const name of GAUGES) if ((await metric(url, name)) !== 0) open.push(name);
  }
  return [...open, ...((await redis.pubsub('CHANNELS', '*:user:*')) as string[])];
}

async function expectNothingLeft(): Promise<void> {
  await vi.waitFor(async () => {
    expect(await leftBehind()).toEqual([]);
    expect(timers()).toBeLessThanOrEqual(timersBefore + TIMERS_OF_OTHERS);
  }, 10_000);
}

async function repeat(count: number, run: (index: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => run(at + index)));
  }
}

const subscribe = (raw: RawSocket, id: string): void => {
  raw.send({ id, type: 'subscribe', payload: { query: NEARBY_FRIENDS } });
};
const isNext = ({ type }: { type: string }): boolean => type === 'next';

describe(`${OPENINGS} openings and closings leave nothing behind`, () => {
  it('of subscriptions that are completed after their snapshot', async () => {
    const clients = cluster.urls.map((url) => connect(url, ann.token));
    await repeat(OPENINGS, async (index) => {
      const list = followNearby(clients[index % 2] as (typeof clients)[0], 1_000 + index);
      expect((await list.next()).nearby).toHaveLength(3);
      list.close();
    });
    await vi.waitFor(async () => {
      for (const url of cluster.urls) expect(await metric(url, 'nearby_subscriptions')).toBe(0);
    }, 5_000);
    for (const client of clients) await client.dispose();
    await expectNothingLeft();
  });

  it('of subscriptions that are completed while they are being made', async () => {
    const sockets = await Promise.all(cluster.urls.map((url) => openRawSocket(url)));
    await Promise.all(sockets.map((raw) => raw.init(ann.token)));
    await repeat(OPENINGS, async (index) => {
      const raw = sockets[index % 2] as RawSocket;
      subscribe(raw, String(index));
      // From at once to a few turns later, when the notifications, the friends or the locations are being read.
      for (let turn = 0; turn < index % 12; turn++) await new Promise((resolve) => setImmediate(resolve));
      raw.send({ id: String(index), type: 'complete' });
    });
    for (const raw of sockets) raw.socket.close();
    await expectNothingLeft();
  });

  it('of sockets with live lists, closed or cut at any moment', async () => {
    const stages: ((raw: RawSocket) => Promise<unknown>)[] = [
      () => Promise.resolve(),
      (raw) =>
        Promise.resolve(
          raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${ann.token}` } }),
        ),
      (raw) => raw.init(ann.token),
      async (raw) => {
        await raw.init(ann.token);
        subscribe(raw, 'a');
      },
      async (raw) => {
        await raw.init(ann.token);
        for (const id of ['a', 'b', 'c']) subscribe(raw, id);
        await raw.message(isNext);
      },
      async (raw) => {
        await raw.init(ann.token);
        raw.send({
          id: 'r',
          type: 'subscribe',
          payload: { query: 'subscription { friendRequests { id } }' },
        });
        subscribe(raw, 'a');
        await new Promise((resolve) => setTimeout(resolve, 3)); // Somewhere in the middle.
      },
    ];
    await repeat(OPENINGS, async (index) => {
      const raw = await openRawSocket(server(index));
      await stages[index % stages.length]?.(raw);
      if (index % 4 < 2) raw.socket.close();
      else raw.socket.terminate();
      await raw.closed;
    });
    await expectNothingLeft();
  });

  it('of sockets that go before they are open', async () => {
    await repeat(200, async (index) => {
      const raw = rawSocket(server(index));
      for (let turn = 0; turn < index % 8; turn++) await new Promise((resolve) => setImmediate(resolve));
      raw.socket.terminate();
      await raw.closed;
    });
    await expectNothingLeft();
  });

  it('of event streams over HTTP', async () => {
    await repeat(200, async (index) => {
      const abort = new AbortController();
      const response = await fetch(`${server(index)}/graphql`, {
        method: 'POST',
        signal: abort.signal,
        headers: {
          accept: 'text/event-stream',
          'content-type': 'application/json',
          authorization: `Bearer ${ann.token}`,
        },
        body: JSON.stringify({ query: NEARBY_FRIENDS }),
      });
      if (index % 2 === 0) await response.body?.getReader().read();
      abort.abort();
    });
    await expectNothingLeft();
  });
});

it('a list works as ever after all that', async () => {
  const client = connect(server(1), ann.token);
  expect((await followNearby(client).next()).nearby).toHaveLength(3);
  await client.dispose();
});
