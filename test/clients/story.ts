/** What every client has to bring about: two people become friends, and one sees the other come, move and leave. */
import { expect, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import { startTestCluster } from '../support/nodes.js';
import type { Message, Person, SignUp } from './apps/person.js';

export const HERE = { latitude: 48.2082, longitude: 16.3738 };
export const NEAR = { latitude: 48.2182, longitude: 16.3738 };
export const NEARER = { latitude: 48.2092, longitude: 16.3738 };
export const FAR = { latitude: 48.3582, longitude: 16.3738 };

const WITHIN = { timeout: 45_000, interval: 20 };
/** Five attempts of graphql-ws, which doubles its waits. */
const LONG = { timeout: 180_000, interval: 20 };

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** Lets every access token that was given expire. */
  endTokens(): void;
}

/** Closed when the test has finished. */
export async function startServer(): Promise<Server> {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  // Locations outlive tokens: whoever gets a snapshot has subscribed anew.
  const cluster = await startTestCluster(1, { locationTtlSeconds: 3_600 }, { clock });
  onTestFinished(() => cluster.close());
  return {
    url: cluster.urls[0] as string,
    stop: () => cluster.stop(0),
    async restart() {
      await cluster.stop(0);
      await cluster.start(0);
    },
    endTokens() {
      aheadMs += 31 * 60_000;
    },
  };
}

export interface Pair {
  /** Who looks. */
  readonly ada: Person;
  /** Who moves. */
  readonly bob: Person;
  readonly messages: readonly Message[];
  /** The list that the messages add up to. */
  list(): readonly Message['nearby'][number][];
  /** What the subscription ended with, alone; empty while it goes on. */
  readonly ends: readonly unknown[];
}

let pairs = 0;

/** Two friends, one of whom looks where the other is, until the test has finished. */
export async function befriend(url: string, signUp: SignUp): Promise<Pair> {
  const number = ++pairs;
  const ada = await join(url, signUp, `ada_${process.pid}_${number}`);
  const bob = await join(url, signUp, `bob_${process.pid}_${number}`);
  await ada.befriend(bob.id);
  await bob.befriend(ada.id);
  const messages: Message[] = [];
  const list = new Map<string, Message['nearby'][number]>();
  const ends: unknown[] = [];
  ada.follow(
    (message) => {
      messages.push(message);
      if (message.snapshot) list.clear();
      for (const entry of message.nearby) list.set(entry.friend.id, entry);
      for (const { friendId } of message.left) list.delete(friendId);
    },
    (error) => void (ends.length === 0 && ends.push(error)),
  );
  await vi.waitFor(() => expect([messages.length, ends]).toEqual([1, []]), WITHIN);
  return { ada, bob, messages, ends, list: () => [...list.values()] };
}

async function join(url: string, signUp: SignUp, handle: string): Promise<Person> {
  const person = await signUp(url, handle);
  onTestFinished(async () => {
    // A connection that is just being opened fails by that.
    await Promise.resolve(person.leave()).catch(() => undefined);
  });
  return person;
}

/** The other comes, moves and leaves. */
export async function comeMoveAndLeave({ ada, bob, messages, list, ends }: Pair): Promise<void> {
  await ada.share(HERE);
  await bob.share(NEAR);
  await vi.waitFor(
    () =>
      expect({ list: list(), ends }).toMatchObject({
        list: [{ friend: { id: bob.id }, distanceMeters: 1111.95, location: NEAR }],
        ends: [],
      }),
    WITHIN,
  );
  expect(Date.parse(list()[0]?.updatedAt ?? '')).not.toBeNaN();
  await bob.share(NEARER);
  await vi.waitFor(() => expect(list()).toMatchObject([{ location: NEARER }]), WITHIN);
  await bob.share(FAR);
  await vi.waitFor(() => expect(list()).toEqual([]), WITHIN);
  expect(messages.at(-1)).toMatchObject({ left: [{ friendId: bob.id, reason: 'OUT_OF_RANGE' }] });
}

/** The list goes on, with a snapshot, over a restart of the server and the end of the token. */
export async function goOn(pair: Pair, server: Server): Promise<void> {
  await comeBackAfter(pair, () => server.restart());
  await comeBackAfter(pair, () => server.endTokens());
}

async function comeBackAfter(
  { ada, bob, messages, list, ends }: Pair,
  interrupt: () => Promise<void> | void,
): Promise<void> {
  const before = snapshots(messages);
  await interrupt();
  await vi.waitFor(() => expect([snapshots(messages) > before, ends]).toEqual([true, []]), WITHIN);
  await ada.share(HERE);
  await bob.share(NEAR);
  await vi.waitFor(() => expect(list()).toMatchObject([{ location: NEAR }]), WITHIN);
  await bob.share(NEARER);
  await vi.waitFor(() => expect(list()).toMatchObject([{ location: NEARER }]), WITHIN);
  expect(ends).toEqual([]);
}

/**
 * The client offers nothing for the end of its token, and tells the app, which has to follow anew.
 * @param how what it tells.
 */
export async function endWithToken({ ends }: Pair, server: Server, how: unknown): Promise<void> {
  server.endTokens();
  await vi.waitFor(() => expect(ends).toMatchObject([how]), LONG);
}

/** The same for a server that is away. */
export async function endWithServer({ ends }: Pair, server: Server, how: unknown): Promise<void> {
  await server.stop();
  await vi.waitFor(() => expect(ends).toMatchObject([how]), WITHIN);
}

const snapshots = (messages: readonly Message[]): number =>
  messages.filter(({ snapshot }) => snapshot).length;
