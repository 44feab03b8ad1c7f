/**
 * Delivers locations to the subscribers on this server. It keeps the newest location of every user who has
 * any: each is read from the store once, decoded once and held once. Subscribers get newer locations only,
 * and learn of a silence that outlasts the TTL, which is counted on a clock that only moves forward, within a
 * second. The topic is subscribed before the store is read, so that no update falls between
 * the two.
 */
import { approximateAt } from '../domain/approximate-place.js';
import { clearedAtIn } from '../domain/cleared-location.js';
import {
  fromRecord,
  isOfOtherDevice,
  isKeptAfter,
  isSame,
  type LocationUpdate,
  newestAfter,
  SERVER_CLOCKS_DIFFER_MS,
} from '../domain/location-update.js';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import { createApproximatePlaces } from './approximate-places.js';
import type { LocationStore } from './location-store.js';
import type { LocationSubscriber, TrackedUser, UserTopic, UserTopics } from './user-topics.js';

export function createLocationDispatcher(options: LocationDispatcherOptions) {
  const { topics, store, locationTtlMs, clock, meter, trace } = options;
  /** Topics whose location could not be read after an interruption. */
  const unread: UserTopic[] = [];
  const approximatePlaces = createApproximatePlaces(topics, clock);

  const isActive = ({ newest, activeUntilMs }: UserTopic): boolean =>
    newest !== null && activeUntilMs > clock.monotonic();
  /** The earliest instant at which a held location may expire. */
  let nextExpiryMs = Infinity;

  /**
   * For how long the user of a location that arrives now stays active, milliseconds. Nothing arrives that is
   * much older than the TTL or comes from the future; where it seems so, a clock was wrong.
   */
  function activeMsOf({ receivedAtMs }: LocationUpdate): number {
    const leftMs = receivedAtMs + locationTtlMs - clock.now();
    if (leftMs > locationTtlMs || leftMs <= -SERVER_CLOCKS_DIFFER_MS) return locationTtlMs;
    return Math.max(leftMs, 0);
  }

  /**
   * What is shown after an update; null when that says nothing new.
   * @param isSignOfLife true for what the store has: it keeps an older update as a sign of life alone.
   */
  function news(
    { newest, clearedAtMs }: UserTopic,
    update: LocationUpdate,
    isSignOfLife = true,
  ): LocationUpdate | null {
    if (activeMsOf(update) <= 0 || update.receivedAtMs <= clearedAtMs) return null;
    if (newest === null) return update;
    const next = newestAfter(update, newest, clock.now(), isSignOfLife);
    return next === newest ? null : next;
  }

  function accept(topic: UserTopic, update: LocationUpdate, isSignOfLife?: boolean): void {
    const newest = news(topic, update, isSignOfLife);
    if (newest === null) return;
    if (trace === null || update.traceparent === undefined) dispatch(topic, newest);
    else {
      trace(update.traceparent, topic.locationSubscribers.length, () => {
        dispatch(topic, newest);
      });
    }
  }

  /**
   * Takes what the location store has kept: only that has whereabouts.
   * @param isCertain it is kept now, even if something newer was known. A Redis that failed over has lost that.
   */
  function learn(topic: UserTopic, update: LocationUpdate, isCertain = false): void {
    const newest = news(topic, update);
    if (newest !== null) dispatch(topic, newest);
    keep(topic, update, isCertain);
  }

  function keep(topic: UserTopic, update: LocationUpdate, isCertain = false): void {
    const { kept } = topic;
    if (update.receivedAtMs <= topic.clearedAtMs) return;
    if (kept !== null && !isCertain && !isKeptAfter(update, kept, clock.now())) return;
    topic.kept = update;
    // One object for both takes half the memory.
    if (topic.newest !== null && isSame(update, topic.newest)) topic.newest = update;
    approximatePlaces.kept(topic);
    if (kept?.whereabouts === update.whereabouts) return;
    topics.tell([...topic.locationSubscribers], (subscriber) => {
      subscriber.onWhereabouts(topic);
    });
  }

  function dispatch(topic: UserTopic, update: LocationUpdate): void {
    topic.newest = update;
    topic.activeUntilMs = clock.monotonic() + activeMsOf(update);
    if (topic.activeUntilMs < nextExpiryMs) nextExpiryMs = topic.activeUntilMs;
    topics.tell(topic.locationSubscribers, (subscriber) => {
      subscriber.onLocation(topic, update);
    });
  }

  /** The user is not there any more. */
  function forget(topic: UserTopic): void {
    topic.newest = topic.kept = topic.approximate = null;
    topics.tell(topic.locationSubscribers, (subscriber) => {
      subscriber.onInactive(topic);
    });
  }

  /** The user took the location back. What the store keeps after that follows on the topic. */
  function clear(topic: UserTopic, clearedAtMs: number): void {
    topic.clearedAtMs = Math.max(topic.clearedAtMs, clearedAtMs);
    if (topic.newest !== null) forget(topic);
  }

  async function readStore(userIds: readonly string[]): Promise<(LocationUpdate | null)[]> {
    const updates = await store.newest(userIds, (userId, clearedAtMs) => {
      const topic = topics.get(userId);
      if (topic !== undefined && (topic.newest?.receivedAtMs ?? 0) <= clearedAtMs) clear(topic, clearedAtMs);
    });
    const hits = updates.filter((update) => update !== null).length;
    meter.stored.hits += hits;
    meter.stored.misses += updates.length - hits;
    if (updates.some((update) => update !== null && update.whereabouts === undefined))
      options.onOlderServer();
    return updates;
  }

  /**
   * Reads the newest locations of topics. Later subscribers await the same read, and repeat it if it fails.
   */
  function load(opened: readonly UserTopic[]): Promise<void> {
    const loaded = readNewest(opened);
    for (const topic of opened) topic.loaded = loaded;
    const settle = (after: Promise<void> | null): void => {
      for (const topic of opened) if (topic.loaded === loaded) topic.loaded = after;
    };
    loaded.then(
      () => {
        settle(DONE);
      },
      () => {
        settle(null);
      },
    );
    return loaded;
  }

  async function readNewest(opened: readonly UserTopic[]): Promise<void> {
    for (const subscribed of new Set(opened.map((topic) => topic.subscribed))) await subscribed;
    const before = opened.map(({ kept }) => kept);
    const updates = await readStore(opened.map(({ userId }) => userId));
    opened.forEach((topic, index) => {
      const update = updates[index];
      if (update != null) learn(topic, update, topic.kept === before[index]);
    });
  }

  function reloadTopics(missed: readonly UserTopic[]): void {
    load(missed).catch((error: unknown) => {
      options.onReadFailed(error);
      unread.push(...missed);
    });
  }

  /**
   * Looks through all topics, but only when a location may have expired: while everybody moves, once in a
   * TTL.
   */
  function checkInactivity(): void {
    if (nextExpiryMs > clock.monotonic()) return;
    nextExpiryMs = Infinity;
    for (const topic of topics.values()) {
      if (topic.newest === null) continue;
      if (isActive(topic)) nextExpiryMs = Math.min(nextExpiryMs, topic.activeUntilMs);
      else forget(topic);
    }
  }

  const stopChecking = every(clock, CHECK_INTERVAL_MS, () => {
    checkInactivity();
    if (unread.length > 0) {
      reloadTopics(unread.splice(0).filter(({ loaded, isUsed }) => loaded === null && isUsed));
    }
  });

  return {
    /**
     * Subscribes to users; from now on `subscriber` gets every newer location. What is known of the users,
     * who come in the order of `userIds`, may be old until `whenLoaded` has resolved.
     * @param anew reads what is known already once more. Default: false.
     */
    subscribe(userIds: readonly string[], subscriber: LocationSubscriber, anew = false): TrackedUser[] {
      const opened: UserTopic[] = [];
      const users = userIds.map((userId) => {
        const topic = topics.subscribeLocations(userId, subscriber);
        if (topic.loaded === null || anew) opened.push(topic);
        return topic;
      });
      meter.users.hits += userIds.length - opened.length;
      meter.users.misses += opened.length;
      if (opened.length > 0) void load(opened);
      return users;
    },

    /**
     * Resolves when what is known of subscribed users is right. Rejects when the store could not be read; the
     * users are then still subscribed, and subscribing again repeats the read.
     */
    async whenLoaded(users: readonly TrackedUser[]): Promise<void> {
      for (const loaded of new Set(users.map((user) => user.loaded))) await loaded;
    },

    unsubscribe(userIds: Iterable<string>, subscriber: LocationSubscriber): void {
      for (const userId of userIds) topics.unsubscribeLocations(userId, subscriber);
    },

    /**
     * Takes a message of a user's topic: a location, or that it was taken back. Any other message is counted and
     * thrown away.
     */
    receive(topic: UserTopic, record: unknown[]): void {
      const clearedAtMs = clearedAtIn(record, clock.now());
      if (clearedAtMs !== null) return clear(topic, clearedAtMs);
      const update = fromRecord(record, clock.now());
      if (update === null) return meter.unreadable();
      if (update.whereabouts === undefined) options.onOlderServer();
      accept(topic, update);
      keep(topic, update);
    },

    /** Takes what the location store keeps of a user, who need not be subscribed. */
    learn(userId: string, update: LocationUpdate): void {
      const topic = topics.get(userId);
      if (topic !== undefined) learn(topic, update);
    },

    /** What the location store keeps of users, in their order. @throws DomainError 'unavailable' */
    kept: readStore,

    /**
     * Takes an update that a client sent to this server, before it comes back as a message. A retry is left to
     * the store, and so is what another device reports, or a user who was not there: the location may have been
     * taken back.
     */
    receiveOwn(userId: string, update: LocationUpdate): void {
      const topic = topics.get(userId);
      if (topic?.newest == null) return;
      const { newest } = topic;
      if (newest.id === update.id && update.stillHere !== true) return;
      if (isOfOtherDevice(newest, update)) return;
      accept(topic, update, update.stillHere === true);
    },

    /**
     * Reads again what may have been missed, once the users' topics are subscribed again, until that works.
     */
    reload(userIds: ReadonlySet<string>): void {
      reloadTopics([...userIds].map(topics.get).filter((topic) => topic !== undefined));
    },

    /** The newest location of a subscribed user, null when inactive. */
    newest(userId: string): LocationUpdate | null {
      const topic = topics.get(userId);
      return topic !== undefined && isActive(topic) ? topic.newest : null;
    },

    /** Where a subscribed user is shown approximately, null when inactive. */
    approximate(userId: string): LocationUpdate | null {
      const topic = topics.get(userId);
      return topic !== undefined && isActive(topic) ? approximatePlaces.of(topic) : null;
    },

    /**
     * The newest locations without subscribing: what this server knows already, and the store's for the
     * others.
     */
    async read(userIds: readonly string[]): Promise<ReadonlyMap<string, LocationUpdate>> {
      const found = new Map<string, LocationUpdate>();
      const unknown = userIds.filter((userId) => {
        const topic = topics.get(userId);
        if (topic?.newest == null) return true;
        if (isActive(topic)) found.set(userId, topic.newest);
        return false;
      });
      meter.users.hits += userIds.length - unknown.length;
      meter.users.misses += unknown.length;
      if (unknown.length > 0) {
        const updates = await readStore(unknown);
        unknown.forEach((userId, index) => {
          const update = updates[index];
          if (update != null && activeMsOf(update) > 0) found.set(userId, update);
        });
      }
      return found;
    },

    /** The same of users who are shown approximately, by what the store has. */
    async readApproximate(userIds: readonly string[]): Promise<ReadonlyMap<string, LocationUpdate>> {
      const updates = userIds.length === 0 ? [] : await readStore(userIds);
      const found = new Map<string, LocationUpdate>();
      userIds.forEach((userId, index) => {
        const update = updates[index];
        const shown = update == null || activeMsOf(update) <= 0 ? null : approximateAt(update, clock.now());
        if (shown !== null) found.set(userId, shown);
      });
      return found;
    },

    close(): void {
      approximatePlaces.close();
      void stopChecking();
    },
  };
}

export type LocationDispatcher = ReturnType<typeof createLocationDispatcher>;

interface LocationDispatcherOptions {
  readonly topics: UserTopics;
  readonly store: Pick<LocationStore, 'newest'>;
  /** After so many milliseconds without an update a user is inactive. */
  readonly locationTtlMs: number;
  readonly clock: Clock;
  readonly meter: DispatchMeter;
  /** Null where nothing is traced. */
  readonly trace: TraceDelivery | null;
  /** Called when a server of the release before wrote a location. */
  onOlderServer(): void;
  /** Called when the store could not be read after an interruption; the read is repeated until it works. */
  onReadFailed(error: unknown): void;
}

/** How often something was found and how often not; whoever looks adds to it. */
export interface Lookups {
  hits: number;
  misses: number;
}

export interface DispatchMeter {
  /** Users asked for whom this server knows already, and those for whom the store is asked. */
  readonly users: Lookups;
  /** What the store has of those. */
  readonly stored: Lookups;
  /** A message that is no record was thrown away. */
  unreadable(): void;
}

/** Traces the delivery of one update to its subscribers. */
export type TraceDelivery = (traceparent: string, subscribers: number, deliver: () => void) => void;

const CHECK_INTERVAL_MS = 1_000;
/** One for all who are loaded. */
const DONE = Promise.resolve();
