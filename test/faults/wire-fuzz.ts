/**
 * The fuzz of the wire: hostile clients send bytes, frames, messages, documents and variables at random, while
 * bystanders go on with their lists. Afterwards the server is as if nothing had been.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openRawSocket, type RawSocket } from '../support/raw-socket.js';
import { ATTACKS, type Target } from './attacks.js';
import { Random } from './random.js';
import type { Figure, Scenario, ScenarioSetup } from './scenario.js';
import { type FaultyServer, startFaultyServer } from './server.js';

export const wireFuzz: Scenario = {
  name: 'wire-fuzz',
  description: 'hostile clients send what no client should; nobody else notices, and nothing is left of it',
  run,
};

async function run({ seconds, seed, settings }: ScenarioSetup): Promise<Figure[]> {
  const server = await startFaultyServer({ FRAME_INTERVAL_MS: '0', ...settings });
  try {
    const { url } = server;
    const tokens = await Promise.all(
      Array.from({ length: HOSTILE_USERS }, (_, nth) => signUp(url, `hostile_${nth}`)),
    );
    const pairs = await Promise.all(Array.from({ length: PAIRS }, (_, nth) => startPair(url, nth)));
    let answers = 0;
    const internal: string[] = [];
    const target: Target = {
      url,
      tokens,
      onAnswer(text) {
        answers += 1;
        if (text.includes('INTERNAL_SERVER_ERROR')) internal.push(text);
      },
    };
    // Caches fill, and functions are compiled, before the heap is measured for the first time.
    const random = new Random(seed);
    // GraphiQL is read when somebody first asks for it, and takes 50 MB.
    const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    if (!(await page.text()).includes('GraphiQL')) throw new Error('GraphiQL is not served');
    await attack(random, target, server, Math.max(2, seconds / 4));
    await settle(server);
    const before = await server.heapBytes();
    const counts = await attack(random, target, server, seconds);
    await settle(server);
    const crashed = server.hasEnded();
    const after = crashed ? Infinity : await server.heapBytes();
    const log = server.output().trim();
    if (log !== '') console.error(log.slice(0, 20_000));
    for (const text of internal.slice(0, 3)) console.error(text.slice(0, 1_000));
    const seen = pairs.flatMap(({ seenAfterMs }) => seenAfterMs).sort((a, b) => a - b);
    const p99 = seen[Math.floor(seen.length * 0.99)] ?? Infinity;
    const disturbed = pairs.filter((pair) => pair.isDisturbed()).length;
    const left = crashed ? Infinity : await subscriptions(url);
    const orphans = crashed ? Infinity : await metric(url, 'nearby_subscriptions_without_client');
    const failures = crashed ? Infinity : await metric(url, 'nearby_operation_failures_total');
    for (const pair of pairs) pair.close();
    const growth = (after / before - 1) * 100;
    return [
      ...Object.entries(counts).map(([name, value]) => ({ name: `attacks by ${name}`, value, holds: null })),
      { name: 'texts that came back', value: answers, holds: answers > 0 },
      { name: 'the server has crashed', value: crashed ? 'yes' : 'no', holds: !crashed },
      { name: 'answers of INTERNAL_SERVER_ERROR', value: internal.length, holds: internal.length === 0 },
      { name: 'failed operations', value: failures, holds: failures === 0 },
      {
        name: 'lines in the log from warnings on',
        value: log === '' ? 0 : log.slice(0, MOST_OF_LOG),
        holds: log === '',
      },
      { name: 'updates of bystanders seen', value: seen.length, holds: seen.length > 0 },
      { name: 'bystanders disturbed', value: disturbed, holds: disturbed === 0 },
      { name: '… seen after, 99 of 100, ms', value: Math.round(p99), holds: p99 <= SEEN_WITHIN_MS },
      { name: 'subscriptions left beside theirs', value: left - PAIRS, holds: left === PAIRS },
      { name: 'subscriptions without a client', value: orphans, holds: orphans === 0 },
      { name: 'heap before, MB', value: megabytes(before), holds: null },
      { name: 'heap after, MB', value: megabytes(after), holds: null },
      { name: 'heap grown, %', value: growth.toFixed(1), holds: growth <= 20 },
    ];
  } finally {
    await server.close();
  }
}

const HOSTILE_USERS = 6;
const HOSTILE_CLIENTS = 12;
const PAIRS = 2;
const MOVE_EVERY_MS = 250;
/** Generous, since attackers, bystanders and server may share two cores. */
const SEEN_WITHIN_MS = 2_000;
/** As much of the log as the table shows. */
const MOST_OF_LOG = 1_000;
/** How long connections that were left may take to be closed. */
const SETTLE_MS = 10_000;

/** Some clients attack for a time; returns how often each kind of attack was made. */
async function attack(
  random: Random,
  target: Target,
  server: FaultyServer,
  seconds: number,
): Promise<Record<string, number>> {
  const counts = Object.fromEntries(Object.keys(ATTACKS).map((name) => [name, 0]));
  const untilMs = performance.now() + seconds * 1_000;
  async function client(own: Random): Promise<void> {
    while (performance.now() < untilMs && !server.hasEnded()) {
      const [name, make] = own.pick(Object.entries(ATTACKS));
      counts[name] = (counts[name] ?? 0) + 1;
      // What becomes of its own connection is no matter.
      await make(own, target).catch(() => undefined);
    }
  }
  await Promise.all(Array.from({ length: HOSTILE_CLIENTS }, () => client(new Random(random.below(2 ** 32)))));
  return counts;
}

/** Waits until only the bystanders' connections and subscriptions are left, or for SETTLE_MS. */
async function settle(server: FaultyServer): Promise<void> {
  const untilMs = performance.now() + SETTLE_MS;
  while (performance.now() < untilMs && !server.hasEnded()) {
    const isQuiet =
      (await subscriptions(server.url)) === PAIRS &&
      (await metric(server.url, 'nearby_connections')) === 2 * PAIRS;
    if (isQuiet) return;
    await sleep(200);
  }
}

/** Two friends: one moves all the time, the other watches. */
async function startPair(url: string, nth: number): Promise<Pair> {
  const [mover, watcher] = await Promise.all([signUp(url, `mover_${nth}`), signUp(url, `watcher_${nth}`)]);
  const { me } = await ask<{ me: { id: string } }>(url, mover, '{ me { id } }');
  const { me: other } = await ask<{ me: { id: string } }>(url, watcher, '{ me { id } }');
  await ask(url, mover, `mutation { sendFriendRequest(userId: "${other.id}") { id } }`);
  await ask(url, watcher, `mutation { sendFriendRequest(userId: "${me.id}") { id } }`);
  const sockets = await Promise.all(
    [mover, watcher].map(async (token) => {
      const raw = await openRawSocket(url);
      await raw.init(token);
      return raw;
    }),
  );
  const [moving, watching] = sockets as [RawSocket, RawSocket];
  let isClosed = false;
  let isDisturbed = false;
  for (const { closed } of sockets) void closed.then(() => (isDisturbed ||= !isClosed));
  const seenAfterMs: number[] = [];
  const sentAtMs = new Map<number, number>();
  watching.socket.on('message', (data: Buffer) => {
    for (const [, latitude] of data.toString().matchAll(/"latitude":([\d.]+)/g)) {
      const sentAt = sentAtMs.get(Number(latitude));
      if (sentAt !== undefined) seenAfterMs.push(performance.now() - sentAt);
      sentAtMs.delete(Number(latitude));
    }
  });
  for (const socket of sockets)
    socket.send({ id: 'move', type: 'subscribe', payload: { query: moveTo(10) } });
  watching.send({
    id: 'list',
    type: 'subscribe',
    payload: { query: 'subscription { nearbyFriends { nearby { location { latitude } } } }' },
  });
  // Until the friend is on the list, of several moves only the last one may be shown.
  await watching.message(({ id, payload }) => id === 'list' && JSON.stringify(payload).includes('latitude'));
  void (async () => {
    for (let step = 1; !isClosed && !isDisturbed; step++) {
      const latitude = Number((10 + (step % 1_000) * 1e-6).toFixed(6));
      sentAtMs.set(latitude, performance.now());
      const id = String(step);
      moving.send({ id, type: 'subscribe', payload: { query: moveTo(latitude) } });
      const answer = await moving.message((message) => message.id === id).catch(() => null);
      if (answer === null || answer.type !== 'next' || 'errors' in (answer.payload as object))
        isDisturbed ||= !isClosed;
      (moving.messages as unknown[]).length = 0;
      (watching.messages as unknown[]).length = 0;
      await sleep(MOVE_EVERY_MS);
    }
  })();
  return {
    seenAfterMs,
    isDisturbed: () =>
      isDisturbed || [...sentAtMs.values()].some((at) => performance.now() - at > SEEN_WITHIN_MS),
    close() {
      isClosed = true;
      for (const { socket } of sockets) socket.close();
    },
  };
}

interface Pair {
  /** How long after each update was sent its friend had it. */
  readonly seenAfterMs: readonly number[];
  /** Whether a socket was closed, an update refused, or one not seen. */
  isDisturbed(): boolean;
  close(): void;
}

const moveTo = (latitude: number): string =>
  `mutation { updateLocation(input: { latitude: ${latitude}, longitude: 20 }) { recorded } }`;

async function signUp(url: string, handle: string): Promise<string> {
  const input = `{ handle: "${handle}", displayName: "Somebody", password: "correct horse battery" }`;
  const { signUp: payload } = await ask<{ signUp: { accessToken: string } }>(
    url,
    null,
    `mutation { signUp(input: ${input}) { accessToken } }`,
  );
  return payload.accessToken;
}

async function ask<T>(url: string, token: string | null, query: string): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: unknown };
  if (data == null) throw new Error(`not answered: ${JSON.stringify(errors)}`);
  return data;
}

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
}

const subscriptions = (url: string): Promise<number> => metric(url, 'nearby_subscriptions');

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
