import { beforeEach, expect, test } from 'vitest';
import { type LocationUpdate, toRecord } from '../../src/domain/location-update.js';
import type { Notification } from '../../src/domain/notification.js';
import type { Sharing } from '../../src/domain/sharing.js';
import { createLocationDispatcher } from '../../src/services/location-dispatcher.js';
import { createNotifications, type Notifications } from '../../src/services/notifications.js';
import {
  createSharingStream,
  type SharingState,
  type SharingStream,
} from '../../src/services/sharing-stream.js';
import { createSubscriptionQuota } from '../../src/services/subscription-quota.js';
import { createUserTopics, type UserTopics } from '../../src/services/user-topics.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';
import { uuidOf } from '../support/uuid.js';
import { createManualTopics, type ManualTopics } from './manual-topics.js';
import { viewerLifetimesOver } from './notifications-over.js';

const TTL_MS = 600_000;
const ON: Sharing = { enabled: true, untilMs: null, maxRadiusMeters: null, precision: 'EXACT' };
const OFF: Sharing = { ...ON, enabled: false };
const NOT_KNOWN_OF_WHOM = { friendsChanged: null, exceptionsChanged: null };
const OF_NOBODY = { friendsChanged: [], exceptionsChanged: [] };
const SESSION = uuidOf('session');

let clock: FakeClock;
let topics: ManualTopics;
let userTopics: UserTopics;
let notifications: Notifications;
let stream: SharingStream;
/** As PostgreSQL has it; null while that fails. */
let sharing: Sharing | null;
let failures: number;
let isHeld: boolean;

beforeEach(() => {
  clock = createFakeClock();
  topics = createManualTopics();
  [sharing, failures, isHeld] = [ON, 0, true];
  const fail = (): void => void failures++;
  userTopics = createUserTopics(topics, {
    onLocation: (topic, record) => {
      dispatcher.receive(topic, record);
    },
    onNotification: (topic, message) => {
      notifications.receive(topic, message);
    },
    onFailed: fail,
  });
  notifications = createNotifications(userTopics);
  const dispatcher = createLocationDispatcher({
    topics: userTopics,
    store: { newest: async (userIds) => userIds.map(() => null) },
    locationTtlMs: TTL_MS,
    clock,
    meter: { users: { hits: 0, misses: 0 }, stored: { hits: 0, misses: 0 }, unreadable: fail },
    trace: null,
    onOlderServer: () => undefined,
    onReadFailed: fail,
  });
  stream = createSharingStream({
    dispatcher,
    notifications,
    lease: { isHeld: () => isHeld },
    subscriptions: createSubscriptionQuota(1),
    viewerLifetimes: viewerLifetimesOver(notifications, clock),
    friends: {
      async sharing() {
        if (sharing === null) throw new Error('database down');
        return sharing;
      },
    },
    deviceTag: (name) => name,
    clock,
    onReadFailed: fail,
  });
});

const follow = () =>
  stream.subscribe(
    { userId: 'ann', sessionId: SESSION, expiresAtMs: clock.now() + 3_600_000, keyId: null },
    'phone',
  );
const notify = (notification: Notification) =>
  notifications.publish([{ userId: 'ann', notification }]).then(settle);
const befriended = (name: string) => notify({ kind: 'relation', friendId: uuidOf(name), isFriendship: true });

async function report(): Promise<void> {
  const update: LocationUpdate = {
    id: uuidOf(`${clock.now()}`),
    latitude: 1,
    longitude: 2,
    accuracyMeters: null,
    recordedAtMs: clock.now(),
    receivedAtMs: clock.now(),
  };
  await topics.publish('ann', toRecord(update));
  await settle();
}

/** What the next message says, once it is there; null for none. */
async function read(states: AsyncIterator<SharingState>): Promise<SharingState | null> {
  let state: SharingState | null = null;
  const next = states.next().then(({ value }) => (state = value as SharingState));
  await settle();
  void next;
  return state;
}

test('a slow reader gets what is true when it reads, and whose friendship or exception changed since it read last', async () => {
  const states = follow();
  await settle();
  expect(await read(states)).toEqual({ ...NOT_KNOWN_OF_WHOM, sharing: ON, place: null });
  await befriended('bob');
  await report();
  sharing = OFF;
  await notify({ kind: 'sharing' });
  await befriended('cid');
  await befriended('bob');
  for (const name of ['dan', 'bob', 'dan']) await notify({ kind: 'sharing', friendId: uuidOf(name) });
  expect(await read(states)).toEqual({
    sharing: OFF,
    place: { updatedAtMs: clock.now(), ofThisDevice: null },
    friendsChanged: [uuidOf('bob'), uuidOf('cid')],
    exceptionsChanged: [uuidOf('dan'), uuidOf('bob')],
  });
});

test('nothing is said twice, and a friend’s pause is no change', async () => {
  const states = follow();
  expect(await read(states)).not.toBeNull();
  const next = read(states);
  await notify({ kind: 'sharing' });
  await notify({ kind: 'relation', friendId: uuidOf('bob') });
  expect(await next).toBeNull();
});

test('nothing is said while it is not known, and it is read again until it is', async () => {
  sharing = null;
  const states = follow();
  const first = states.next();
  await clock.advance(3_500);
  expect(failures).toBe(4);
  sharing = OFF;
  await clock.advance(1_000);
  expect((await first).value).toMatchObject({ sharing: OFF });
  sharing = null;
  const second = states.next();
  await notify({ kind: 'sharing' });
  // What came before is true no more.
  await report();
  sharing = ON;
  await clock.advance(1_000);
  expect((await second).value).toMatchObject({ sharing: ON, place: { ofThisDevice: null } });
});

test('while friends’ lists stand still, the location is told as it was when they did not', async () => {
  const states = follow();
  await read(states);
  await report();
  expect(await read(states)).toMatchObject({ place: { updatedAtMs: clock.now() } });
  const updatedAtMs = clock.now();
  isHeld = false;
  await clock.advance(30_000);
  await report();
  sharing = OFF;
  await notify({ kind: 'sharing' });
  expect(await read(states)).toMatchObject({ sharing: OFF, place: { updatedAtMs } });
  const renewed = states.next();
  isHeld = true;
  stream.resume();
  expect((await renewed).value).toMatchObject({ place: { updatedAtMs: updatedAtMs + 30_000 } });
});

test('after a gap it is read again, and friends are to be read anew', async () => {
  const states = follow();
  await read(states);
  sharing = OFF;
  stream.resync({ users: new Set(['bob']) });
  const next = states.next();
  await settle();
  stream.resync({ users: new Set(['ann']) });
  expect((await next).value).toEqual({ ...NOT_KNOWN_OF_WHOM, sharing: OFF, place: null });
});

test('while connections are lost, a change that is heard of otherwise is told, and after the gap it is read again', async () => {
  topics.onInterrupted((interruption) => {
    userTopics.awaitRestored(interruption);
    stream.resync(interruption);
  });
  const states = follow();
  await read(states);
  topics.interrupt(['ann']);
  sharing = OFF;
  const heard = states.next();
  notifications.tellOwn({ userId: 'ann', notification: { kind: 'sharing' } });
  expect((await heard).value).toEqual({ ...OF_NOBODY, sharing: OFF, place: null });
  const restored = states.next();
  await topics.restore();
  expect((await restored).value).toEqual({ ...NOT_KNOWN_OF_WHOM, sharing: OFF, place: null });
});

test('an exception is told once, without a read of PostgreSQL', async () => {
  const states = follow();
  await read(states);
  sharing = null;
  await notify({ kind: 'sharing', friendId: uuidOf('bob') });
  expect(await read(states)).toEqual({
    ...OF_NOBODY,
    sharing: ON,
    place: null,
    exceptionsChanged: [uuidOf('bob')],
  });
  expect(await read(states)).toBeNull();
  expect(failures).toBe(0);
});

test('timed sharing and locations end by themselves', async () => {
  sharing = { ...OFF, untilMs: clock.now() + 60_000 };
  const states = follow();
  await settle();
  await report();
  expect(await read(states)).toMatchObject({ sharing: { enabled: false }, place: { ofThisDevice: null } });
  const turned = states.next();
  await clock.advance(60_000);
  expect((await turned).value).toMatchObject({ sharing: ON });
  const expired = states.next();
  await clock.advance(TTL_MS);
  expect((await expired).value).toMatchObject({ sharing: ON, place: null });
});

test.each([
  ['is left', true, (states: AsyncIterator<unknown>) => states.return?.()],
  ['is left while it begins', false, (states: AsyncIterator<unknown>) => states.return?.()],
  ['ends with the session', true, () => notify({ kind: 'session-ended', sessionId: SESSION })],
  ['ends with the token', true, () => clock.advance(3_600_000)],
  ['ends with the token while it begins', false, () => clock.advance(3_600_000)],
  ['ends with the server', true, () => stream.close()],
  ['ends with the server while it begins', false, () => stream.close()],
] as const)('one that %s leaves nothing behind', async (_name, isBegun, end) => {
  if (!isBegun) topics.hold();
  sharing = { ...ON, untilMs: clock.now() + 7_200_000 };
  const states = follow();
  expect(() => follow()).toThrow('Too many subscriptions');
  if (isBegun) await read(states);
  await end(states);
  topics.release();
  await settle();
  expect((await states.next()).done).toBe(true);
  expect([userTopics.size, topics.live]).toEqual([0, 0]);
  // The checks of sessions and of silence stay.
  expect(clock.pending).toBe(2);
  await follow().return?.();
});
