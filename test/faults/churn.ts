/** Users who come and go, move and change their minds, as fast as takes a share of a server's processor. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, metric, request, signUp, UPDATE_LOCATION } from '../support/api.js';
import { type Member, somewhere } from '../support/crowd.js';
import { NEARBY_FRIENDS } from '../support/nearby-list.js';
import { CHANGES, type ChangeName } from './changes.js';
import { openClient } from './client.js';
import type { Random } from './random.js';

/** @param cpuShare of one processor. */
export function startChurn(url: string, members: readonly Member[], cpuShare: number, random: Random): Churn {
  const counts = { stays: 0, streams: 0, updates: 0, changes: 0, queries: 0, accounts: 0 };
  const failures = new Map<string, number>();
  let isOver = false;
  let isResting = false;
  let pauseMs = 300;

  async function pause(factor = 1): Promise<void> {
    await sleep(pauseMs * factor * (0.5 + random.next()));
    while (isResting) await sleep(50);
  }

  /** One after the other, until it is over; what fails is counted. */
  async function repeat(work: () => Promise<void>): Promise<void> {
    while (!isOver) {
      await work().catch((error: unknown) => {
        const text = String(error);
        failures.set(text, (failures.get(text) ?? 0) + 1);
      });
      await pause();
    }
  }

  /** With an id or without one. */
  async function move(send: (variables: Record<string, unknown>) => Promise<unknown>): Promise<void> {
    await send({ input: { ...somewhere(), ...(random.chance(0.5) && { id: crypto.randomUUID() }) } });
    counts.updates += 1;
  }

  /** With a live list on a socket, which breaks now and then, and at the end is closed or cut. */
  async function stay(member: Member): Promise<void> {
    const client = openClient({ url: () => url, token: member.token });
    for (let left = 5 + random.below(30); left > 0 && !isOver; left--) {
      await move((variables) =>
        random.chance(0.5)
          ? client.request(UPDATE_LOCATION, variables)
          : request(url, member.token, UPDATE_LOCATION, variables),
      );
      if (random.chance(0.05)) client.cut();
      await pause();
    }
    await client.close();
    counts.stays += 1;
  }

  /** An event stream that is left at any moment. */
  async function stream(): Promise<void> {
    const abort = new AbortController();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      signal: abort.signal,
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${random.pick(members).token}`,
      },
      body: JSON.stringify({ query: NEARBY_FRIENDS }),
    });
    await Promise.race([response.body?.getReader().read(), pause()]);
    abort.abort();
    counts.streams += 1;
  }

  async function change(): Promise<void> {
    const user = random.pick(members);
    const friend = random.pick(user.friends);
    const { hide, show } = CHANGES[random.pick(Object.keys(CHANGES) as ChangeName[])];
    await hide(url, user, friend);
    // No faster, as one may ask the same person ten times a day.
    await sleep(500);
    await show(url, user, friend);
    counts.changes += 2;
  }

  async function look(): Promise<void> {
    await ask(url, random.pick(members).token, random.pick(QUERIES));
    counts.queries += 1;
  }

  /** A new account, which signs out or is deleted. */
  async function comeAndGo(): Promise<void> {
    const { token } = await signUp(url);
    await ask(url, token, random.pick(['mutation { signOut }', 'mutation { deleteAccount }']));
    counts.accounts += 1;
    await pause(10);
  }

  let cpuBefore = { seconds: 0, atMs: performance.now() };
  async function pace(): Promise<void> {
    const cpu = { seconds: await metric(url, 'process_cpu_seconds_total'), atMs: performance.now() };
    const share = (cpu.seconds - cpuBefore.seconds) / ((cpu.atMs - cpuBefore.atMs) / 1_000);
    if (cpuBefore.seconds > 0) pauseMs *= share > cpuShare ? 1.05 : 0.95;
    cpuBefore = cpu;
    await sleep(2_000);
  }

  const work = Promise.all([
    ...members.map((member) => repeat(() => stay(member))),
    repeat(stream),
    repeat(change),
    repeat(look),
    repeat(comeAndGo),
    repeat(pace),
  ]);
  return {
    counts,
    failures,
    async rest(work) {
      isResting = true;
      await sleep(REST_MS);
      return work().finally(() => (isResting = false));
    },
    async stop() {
      isOver = true;
      await work;
    },
  };
}

export interface Churn {
  /** What has been done. */
  readonly counts: Readonly<
    Record<'stays' | 'streams' | 'updates' | 'changes' | 'queries' | 'accounts', number>
  >;
  /** How often what was not answered. */
  readonly failures: ReadonlyMap<string, number>;
  /** Does some work while nobody does anything; the sockets stay. */
  rest<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** What is under way has ended by then. */
const REST_MS = 2_000;

const QUERIES = [
  '{ me { handle } server { time } }',
  '{ friends(first: 10) { totalCount edges { node { handle } } } }',
  '{ nearbyFriends { distanceMeters } }',
  '{ locationHistory(first: 20) { edges { node { latitude } } } }',
  '{ friendRequests(first: 10) { edges { node { id } } } sharing { enabled } }',
];
