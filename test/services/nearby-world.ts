import { type Friend, mayBeApproximate } from '../../src/domain/friendship.js';
import { createMemoryLocationStore } from '../../src/adapters/memory/location-store.js';
import type { LocationUpdate } from '../../src/domain/location-update.js';
import { type Notification, toMessage } from '../../src/domain/notification.js';
import type { NearbyFrame } from '../../src/domain/proximity-gate.js';
import { MAX_RADIUS_METERS } from '../../src/domain/radius.js';
import type { Sharing, SharingChange, SharingException } from '../../src/domain/sharing.js';
import type { Viewer } from '../../src/domain/user.js';
import { createAnnouncer } from '../../src/services/announcer.js';
import { createNotifications } from '../../src/services/notifications.js';
import { createOlderServers } from '../../src/services/older-servers.js';
import { createLocationDispatcher } from '../../src/services/location-dispatcher.js';
import type { LocationStore } from '../../src/services/location-store.js';
import { createNearbyFriends } from '../../src/services/nearby-friends.js';
import { createSubscriptionQuota } from '../../src/services/subscription-quota.js';
import { createTickScheduler } from '../../src/services/tick-scheduler.js';
import { createUserTopics } from '../../src/services/user-topics.js';
import { createFakeClock, settle } from '../support/fake-clock.js';
import { uuidFrom, uuidOf } from '../support/uuid.js';
import { createManualTopics } from './manual-topics.js';
import { viewerLifetimesOver } from './notifications-over.js';

export const VIEWER: Viewer = {
  userId: uuidOf('me'),
  sessionId: uuidOf('session'),
  expiresAtMs: Infinity,
  keyId: null,
};
export const TTL_MS = 600_000;
export const RADIUS_METERS = 1_000;
const TICK_MS = 50;
/** Users stay in a cell up to 650 m beyond its edge. */
const MIDDLE = 0.5;

/** A place on the equator, so many metres east of the origin. */
export const degreesOf = (meters: number): number => meters / 111_195.0802;

/**
 * One viewer's friends and locations as the services below the subscription see them, all in the test's hands. Users
 * have names; their ids are made of those.
 */
export function createNearbyWorld(frameIntervalMs: number) {
  const clock = createFakeClock();
  const topics = createManualTopics();
  const friends = new Map<string, Friend>();
  const failures: unknown[] = [];
  const metered: { frame: NearbyFrame; coalesced: number; lagMs: number | null }[] = [];
  const reader = { reads: 0, failing: false, held: null as Promise<void> | null };
  let release = (): void => undefined;
  let nth = 0;
  let cacheFails = false;
  /** Whether what is kept is published, too. */
  let isHeard = true;
  /** What reads of friends' locations wait for. */
  let cacheHeld: Promise<void> | null = null;
  let releaseCache = (): void => undefined;
  let announcementsFail = false;
  /** Whose locations were asked for, by id. */
  const cacheReads: string[][] = [];
  const publishHeard = (userId: string, message: unknown): Promise<void> =>
    isHeard ? topics.publish(userId, message) : Promise.resolve();
  const kept = createMemoryLocationStore({ publish: publishHeard }, TTL_MS, clock, () => MIDDLE);
  /** Of whom `kept` has lost everything, and what came after that. */
  const lost = new Set<string>();
  const keptLater = createMemoryLocationStore({ publish: publishHeard }, TTL_MS, clock, () => MIDDLE);
  const storeOf = (userId: string): LocationStore => (lost.has(userId) ? keptLater : kept);
  const store: LocationStore = {
    ...kept,
    publish: (userId, ...rest) => storeOf(userId).publish(userId, ...rest),
    confirm: (userId, madeAtMs) => storeOf(userId).confirm(userId, madeAtMs),
    async newest(userIds, onCleared) {
      if (cacheFails) throw new Error('cache down');
      cacheReads.push([...userIds]);
      const cleared: [userId: string, clearedAtMs: number][] = [];
      const note = (...clearing: (typeof cleared)[number]): void => void cleared.push(clearing);
      const answer = await Promise.all(
        userIds.map(async (userId) => (await storeOf(userId).newest([userId], note))[0] ?? null),
      );
      if (!userIds.includes(VIEWER.userId)) await cacheHeld;
      for (const clearing of cleared) onCleared?.(...clearing);
      return answer;
    },
  };
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
    onNotification: (topic, message) => {
      notifications.receive(topic, message);
    },
    onFailed: (error) => failures.push(error),
  });
  const inboxes = createUserTopics(topics.inboxes, {
    onLocation: () => failures.push('a location in an inbox'),
    onNotification: (inbox, message) => {
      announcements.receive(inbox, message);
    },
    onFailed: (error) => failures.push(error),
  });
  const olderServers = createOlderServers(TTL_MS, clock);
  const dispatcher = createLocationDispatcher({
    topics: userTopics,
    store,
    locationTtlMs: TTL_MS,
    clock,
    meter: {
      users: { hits: 0, misses: 0 },
      stored: { hits: 0, misses: 0 },
      unreadable: () => undefined,
    },
    trace: null,
    onOlderServer: olderServers.seen,
    onReadFailed: (error) => failures.push(error),
  });
  const unreadable = (): void => void failures.push('an unreadable message');
  const notifications = createNotifications(userTopics, unreadable);
  const announcements = createNotifications(inboxes, unreadable);
  const friendReader = {
    idsOf: () =>
      read({
        all: [...friends.keys()],
        approximate: [...friends.values()].filter(mayBeApproximate).map(({ card }) => card.id),
      }),
    friendsOf: () => read([...friends.values()]),
    relations: (_viewerId: string, friendIds: readonly string[]) =>
      read(friendIds.map((friendId) => friends.get(friendId) ?? null)),
  };
  const announcer = createAnnouncer({
    store,
    dispatcher,
    friends: {
      idsOf: async (userId) => ({
        all: friends.has(userId) ? [VIEWER.userId] : [...friends.keys()],
        approximate: [],
      }),
    },
    friendsThere: (userId) => nearbyFriends.friendsThere(userId),
    async publish(messages) {
      if (announcementsFail) throw new Error('inboxes down');
      await announcements.publish(messages);
    },
    clock,
    onFailed: (error) => failures.push(error),
  });
  for (const each of [kept, keptLater]) each.onUnannounced(announcer.handle);
  const nearbyFriends = createNearbyFriends({
    dispatcher,
    notifications,
    announcements,
    announcer,
    olderServers,
    viewerLifetimes: viewerLifetimesOver(notifications, clock),
    lease: { isHeld: () => lease.isHeld },
    friends: friendReader,
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
    inboxes.awaitRestored(interruption);
    dispatcher.reload(interruption.users);
    nearbyFriends.resync(interruption);
  });
  olderServers.onAppeared(nearbyFriends.resyncAll);

  const notify = (notification: Notification) => topics.publish(VIEWER.userId, toMessage(notification));

  const updateAt = (meters: number, recordedAtMs = clock.now()): LocationUpdate => ({
    id: uuidFrom(String(++nth).padStart(8, '0')),
    latitude: 0,
    longitude: degreesOf(meters),
    accuracyMeters: null,
    recordedAtMs,
    receivedAtMs: clock.now(),
  });

  /** @returns once all who hear of it have done what they do at once. */
  async function move(name: string, meters: number): Promise<void> {
    await store.publish(uuidOf(name), updateAt(meters));
    await settle();
  }

  return {
    clock,
    topics,
    friends,
    failures,
    metered,
    reader,
    userTopics,
    cacheReads,
    store,
    dispatcher,
    notifications,
    announcements,
    nearbyFriends,
    notify,
    updateAt,

    /** Whether who comes or leaves the whereabouts that friends know is announced to them. */
    announce(isAnnounced: boolean): void {
      for (const each of [kept, keptLater])
        each.onUnannounced(isAnnounced ? announcer.handle : () => undefined);
    },
    /** The store forgets a user, and nobody hears of it. */
    lose(name: string): void {
      lost.add(uuidOf(name));
    },
    failAnnouncements(fail: boolean): void {
      announcementsFail = fail;
    },
    /** What comes to a user's inbox from now on. */
    async inboxOf(name: string): Promise<unknown[]> {
      const messages: unknown[] = [];
      topics.inboxes.onMessage(({ userId, message }) => {
        if (userId === uuidOf(name)) messages.push(message);
      });
      await topics.inboxes.subscribe(uuidOf(name));
      return messages;
    },
    /** From now on reads of friends' locations give what is kept now, but later, at releaseCache(). */
    holdCache(): void {
      cacheHeld ??= new Promise((resolve) => (releaseCache = resolve));
    },
    async releaseCache(): Promise<void> {
      releaseCache();
      cacheHeld = null;
      await settle();
    },

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
    move,
    /** Somebody moves of whom no message comes. */
    async moveUnheard(name: string, meters: number): Promise<void> {
      isHeard = false;
      await move(name, meters);
      isHeard = true;
    },
    failCache(fails: boolean): void {
      cacheFails = fails;
    },

    befriend(...names: string[]): void {
      for (const name of names) this.setSharing(name, { enabled: true, untilMs: null });
    },
    unfriend(name: string): void {
      friends.delete(uuidOf(name));
    },
    setSharing(
      name: string,
      { enabled, untilMs, maxRadiusMeters = null, precision = 'EXACT' }: SharingChange,
      exception: SharingException | null = null,
    ): void {
      const sharing: Sharing = { enabled, untilMs, maxRadiusMeters, precision };
      const id = uuidOf(name);
      friends.set(id, { card: { id, handle: name, displayName: name }, sharing, exception });
    },
    /** What a friend is to the viewer changed. */
    relation: (name: string) => notify({ kind: 'relation', friendId: uuidOf(name) }),

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
export function createNearbyClient(
  world: NearbyWorld,
  viewer: Viewer = VIEWER,
  radiusMeters?: number,
  leaveMarginMeters?: number,
) {
  const radius = { radiusMeters, leaveMarginMeters };
  const stream = world.nearbyFriends.subscribe(viewer, radius, { isOpen: true });
  const frames: (NearbyFrame & { readonly atMs: number })[] = [];
  const list = new Map<string, [name: string, meters: number]>();
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
    for (const { friend, distanceMeters } of value.nearby)
      list.set(friend.id, [friend.handle, Math.round(distanceMeters)]);
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
      return Object.fromEntries([...list.values()].sort(([a], [b]) => a.localeCompare(b)));
    },
    get done() {
      return done;
    },
    leave: () => stream.return?.(),
  };
}

export type NearbyClient = ReturnType<typeof createNearbyClient>;
