import type { Friend } from '../../src/domain/friendship.js';
import { type LocationUpdate, toRecord } from '../../src/domain/location-update.js';
import type { Notification } from '../../src/domain/notification.js';
import type { NearbyFrame } from '../../src/domain/proximity-gate.js';
import { MAX_RADIUS_METERS } from '../../src/domain/radius.js';
import type { Sharing, SharingChange } from '../../src/domain/sharing.js';
import type { Viewer } from '../../src/domain/user.js';
import { createNotifications } from '../../src/services/notifications.js';
import { createLocationDispatcher } from '../../src/services/location-dispatcher.js';
import { createNearbyFriends } from '../../src/services/nearby-friends.js';
import { createSubscriptionQuota } from '../../src/services/subscription-quota.js';
import { createTickScheduler } from '../../src/services/tick-scheduler.js';
import { createUserTopics } from '../../src/services/user-topics.js';
import { createFakeClock, settle } from '../support/fake-clock.js';
import { uuidFrom } from '../support/uuid.js';
import { createManualTopics } from './manual-topics.js';
import { viewerLifetimesOver } from './notifications-over.js';

export const VIEWER: Viewer = { userId: 'me', sessionId: 'session', expiresAtMs: Infinity };
export const TTL_MS = 600_000;
export const RADIUS_METERS = 1_000;
const TICK_MS = 50;

/** A place on the equator, so many metres east of the origin. */
export const degreesOf = (meters: number): number => meters / 111_195.0802;

/** One viewer's friends and locations as the services below the subscription see them, all in the test's hands. */
export function createNearbyWorld(frameIntervalMs: number) {
  const clock = createFakeClock();
  const topics = createManualTopics();
  const cache = new Map<string, LocationUpdate>();
  const friends = new Map<string, Friend>();
  const failures: unknown[] = [];
  const metered: { frame: NearbyFrame; coalesced: number; lagMs: number | null }[] = [];
  const reader = { reads: 0, failing: false, held: null as Promise<void> | null };
  let release = (): void => undefined;
  let nth = 0;
  let cacheFails = false;
  const lease = { isHeld: true };

  /** What the reader answers is read when it is asked, and may be given out much later. */
  async function read<T>(answer: T): Promise<T> {
    reader.reads += 1;
    const { failing, held } = reader;
    await held;
    if (failing) throw new Error('database down');
    return answer;
  }

  const userTopics = createUserTopics(topics, {
    onLocation: (topic, record) => {
      dispatcher.receive(topic, record);
    },
    // Without the parser of messages, as users here have their names for ids.
    onNotification: (topic, message) => {
      notifications.tell(topic, message as Notification);
    },
    onFailed: (error) => failures.push(error),
  });
  const dispatcher = createLocationDispatcher({
    topics: userTopics,
    store: {
      async newest(userIds) {
        if (cacheFails) throw new Error('cache down');
        return userIds.map((userId) => cache.get(userId) ?? null);
      },
    },
    locationTtlMs: TTL_MS,
    clock,
    meter: {
      users: { hits: 0, misses: 0 },
      stored: { hits: 0, misses: 0 },
      unreadable: () => undefined,
    },
    trace: null,
    onReadFailed: (error) => failures.push(error),
  });
  const notifications = createNotifications(userTopics);
  const nearbyFriends = createNearbyFriends({
    dispatcher,
    notifications,
    viewerLifetimes: viewerLifetimesOver(notifications, clock),
    lease: { isHeld: () => lease.isHeld },
    friends: {
      friendsOf: () => read([...friends.values()]),
      friend: (_viewerId, friendId) => read(friends.get(friendId) ?? null),
    },
    frameIntervalMs,
    ticks: createTickScheduler(TICK_MS, clock),
    defaultRadiusMeters: RADIUS_METERS,
    maxRadiusMeters: MAX_RADIUS_METERS,
    subscriptions: createSubscriptionQuota(100),
    clock,
    meter: { sent: (frame, coalesced, lagMs) => metered.push({ frame, coalesced, lagMs }) },
    onReadFailed: (error) => failures.push(error),
  });

  topics.onInterrupted((interruption) => {
    userTopics.awaitRestored(interruption);
    dispatcher.reload(interruption.users);
    nearbyFriends.resync(interruption.users);
  });

  const notify = (notification: Notification) => topics.publish(VIEWER.userId, notification);

  function keep(userId: string, meters: number): LocationUpdate {
    const update: LocationUpdate = {
      id: uuidFrom(String(++nth).padStart(8, '0')),
      latitude: 0,
      longitude: degreesOf(meters),
      accuracyMeters: null,
      recordedAtMs: clock.now(),
      receivedAtMs: clock.now(),
    };
    cache.set(userId, update);
    return update;
  }

  return {
    clock,
    topics,
    cache,
    friends,
    failures,
    metered,
    reader,
    userTopics,
    notifications,
    nearbyFriends,
    notify,

    /** Whether notifications are proven to arrive. */
    holdLease(isHeld: boolean): void {
      lease.isHeld = isHeld;
      if (isHeld) nearbyFriends.resume();
    },

    /** From now on reads of friends wait for releaseReads(). */
    holdReads(): void {
      reader.held ??= new Promise((resolve) => (release = resolve));
    },
    async releaseReads(): Promise<void> {
      release();
      reader.held = null;
      await settle();
    },

    /** Somebody moves: kept and published. */
    async move(userId: string, meters: number): Promise<void> {
      await topics.publish(userId, toRecord(keep(userId, meters)));
    },
    /** Somebody moves of whom no message comes. */
    moveUnheard(userId: string, meters: number): void {
      keep(userId, meters);
    },
    failCache(fails: boolean): void {
      cacheFails = fails;
    },

    befriend(...ids: string[]): void {
      for (const id of ids) this.setSharing(id, { enabled: true, untilMs: null });
    },
    setSharing(id: string, { enabled, untilMs, maxRadiusMeters = null }: SharingChange): void {
      const sharing: Sharing = { enabled, untilMs, maxRadiusMeters };
      friends.set(id, { card: { id, handle: id, displayName: id }, sharing });
    },
    /** What a friend is to the viewer changed. */
    relation: (friendId: string) => notify({ kind: 'relation', friendId }),

    /** What is held anywhere for subscriptions. */
    get leftovers() {
      const { size: sessions } = nearbyFriends;
      // The dispatcher's check of inactivity and the check of sessions stay.
      return {
        sessions,
        users: userTopics.size,
        topics: topics.live,
        timers: clock.pending - 2,
      };
    },
  };
}

export type NearbyWorld = ReturnType<typeof createNearbyWorld>;

export const NOTHING_LEFT = { sessions: 0, users: 0, topics: 0, timers: 0 };

/** A client that reads frames as they come and keeps its list as the schema says. */
export function createNearbyClient(world: NearbyWorld, viewer: Viewer = VIEWER) {
  const stream = world.nearbyFriends.subscribe(viewer, null, { isOpen: true });
  const frames: (NearbyFrame & { readonly atMs: number })[] = [];
  const list = new Map<string, number>();
  let done = false;
  let reading = false;

  /** Takes one frame; what comes meanwhile waits for the next call. */
  async function readOne(): Promise<boolean> {
    const { done: over, value } = await stream.next();
    if (over === true) {
      done = true;
      return false;
    }
    frames.push({ ...value, atMs: world.clock.now() });
    if (value.snapshot) list.clear();
    for (const { friend, distanceMeters } of value.nearby) list.set(friend.id, Math.round(distanceMeters));
    for (const { friendId } of value.left) list.delete(friendId);
    return true;
  }

  return {
    frames,
    readOne,
    /** Reads whatever comes from now on. */
    async read(): Promise<void> {
      reading = true;
      void (async () => {
        while (reading && (await readOne()));
      })();
      await settle();
    },
    /** The client's list: friends with their distance in whole metres. */
    get list() {
      return Object.fromEntries([...list].sort(([a], [b]) => a.localeCompare(b)));
    },
    get done() {
      return done;
    },
    leave: () => stream.return?.(),
  };
}

export type NearbyClient = ReturnType<typeof createNearbyClient>;
