/**
 * The newest location of every user whom somebody on this server watches: subscribed once, decoded once, kept once.
 * Watchers hear of what is newer only, and of silence that outlasts the TTL by this server's own clock, within a
 * second. Watching is complete when the topic was live before the cache was read: no update falls in between.
 */
import { fromRecord, isNewer, type LocationUpdate } from '../domain/location-update.js';
import type { Clock } from './clock.js';
import type { LocationWatcher, UserTopic, UserTopics, WatchedUser } from './user-topics.js';

/** The cache of newest locations, shared by all servers. */
export interface NewestLocations {
  /** In the order of `userIds`; null where nothing is kept. */
  newest(userIds: readonly string[]): Promise<(LocationUpdate | null)[]>;
}

/** How often something was found and how often not; the feed adds to it. */
export interface Lookups {
  hits: number;
  misses: number;
}

/** Told of what comes to the feed. */
export interface FeedMeter {
  /** Users asked for whom this server knows already, and those for whom the cache is asked. */
  readonly feed: Lookups;
  /** What the cache has of those. */
  readonly positions: Lookups;
  /** A message that is no record was thrown away. */
  unreadable(): void;
}

/** Follows one message while its watchers are told. */
export type TraceDelivery = (traceparent: string, watchers: number, deliver: () => void) => void;

interface LocationFeedOptions {
  readonly topics: UserTopics;
  readonly cache: NewestLocations;
  readonly locationTtlMs: number;
  readonly clock: Clock;
  readonly meter: FeedMeter;
  /** Null where nothing is traced. */
  readonly trace: TraceDelivery | null;
  /** Told when the cache could not be read after an interruption; it is read again until it can. */
  onReadFailed(error: unknown): void;
}

const CHECK_INTERVAL_MS = 1_000;

export type LocationFeed = ReturnType<typeof createLocationFeed>;

export function createLocationFeed(options: LocationFeedOptions) {
  const { topics, locationTtlMs, clock, meter, trace } = options;
  /** Topics of which the cache could not be read after an interruption. */
  const unread: UserTopic[] = [];

  topics.handlers.onRecord = (topic, record) => {
    const update = fromRecord(record);
    if (update === null) meter.unreadable();
    else accept(topic, update);
  };
  topics.onInterrupted(({ users }) => {
    reload([...users].map(topics.get).filter((topic) => topic !== undefined));
  });

  const lapseOf = (update: LocationUpdate): number => update.receivedAtMs + locationTtlMs;
  const isActive = (update: LocationUpdate): boolean => lapseOf(update) > clock.now();
  /** No location that is held lapses before this instant. */
  let nextLapseMs = Infinity;
  const expectLapse = (update: LocationUpdate): void => {
    if (lapseOf(update) < nextLapseMs) nextLapseMs = lapseOf(update);
  };

  const isNews = ({ newest }: UserTopic, update: LocationUpdate): boolean =>
    isActive(update) && (newest === null || isNewer(update, newest));

  function accept(topic: UserTopic, update: LocationUpdate): void {
    if (!isNews(topic, update)) return;
    if (trace === null || update.traceparent === undefined) tell(topic, update);
    else trace(update.traceparent, topic.followers.length, tell.bind(null, topic, update));
  }

  function tell(topic: UserTopic, update: LocationUpdate): void {
    topic.moveTo(update);
    expectLapse(update);
    for (const follower of topic.followers) follower.onLocation(topic, update);
  }

  async function readCache(userIds: readonly string[]): Promise<(LocationUpdate | null)[]> {
    const updates = await options.cache.newest(userIds);
    const hits = updates.filter((update) => update !== null).length;
    meter.positions.hits += hits;
    meter.positions.misses += updates.length - hits;
    return updates;
  }

  /** Reads the cache for topics; who comes to watch them meanwhile waits for it, and reads it again if it fails. */
  function load(opened: readonly UserTopic[]): Promise<void> {
    const loaded = readNewest(opened);
    for (const topic of opened) topic.loaded = loaded;
    loaded.catch(() => {
      for (const topic of opened) if (topic.loaded === loaded) topic.loaded = null;
    });
    return loaded;
  }

  async function readNewest(opened: readonly UserTopic[]): Promise<void> {
    for (const { live } of opened) if (live !== null) await live;
    const updates = await readCache(opened.map(({ userId }) => userId));
    opened.forEach((topic, index) => {
      const update = updates[index];
      if (update != null && isNews(topic, update)) tell(topic, update);
    });
  }

  /** Reads again what may have been missed, once the topics are live again, until that works. */
  function reload(missed: readonly UserTopic[]): void {
    load(missed).catch((error: unknown) => {
      options.onReadFailed(error);
      unread.push(...missed);
    });
  }

  /** Looks at all topics, but only when one may have lapsed: while everybody moves that is once in a TTL. */
  function checkInactivity(): void {
    if (nextLapseMs > clock.now()) return;
    nextLapseMs = Infinity;
    for (const topic of topics.values()) {
      const { newest } = topic;
      if (newest === null) continue;
      if (isActive(newest)) expectLapse(newest);
      else {
        topic.newest = null;
        for (const follower of topic.followers) follower.onInactive(topic);
      }
    }
  }

  function check(): void {
    checkInactivity();
    if (unread.length > 0) {
      reload(unread.splice(0).filter(({ loaded, isWatched }) => loaded === null && isWatched));
    }
    stopChecking = clock.after(CHECK_INTERVAL_MS, check);
  }
  let stopChecking = clock.after(CHECK_INTERVAL_MS, check);

  return {
    /**
     * Watches users; from the call on `watcher` hears of every newer location. What is known of the users, who come in
     * the order of `userIds`, may be old until `known` has resolved.
     */
    watch(userIds: readonly string[], watcher: LocationWatcher): WatchedUser[] {
      const opened: UserTopic[] = [];
      const users = userIds.map((userId) => {
        const topic = topics.follow(userId, watcher);
        if (topic.loaded === null) opened.push(topic);
        return topic;
      });
      meter.feed.hits += userIds.length - opened.length;
      meter.feed.misses += opened.length;
      if (opened.length > 0) void load(opened);
      return users;
    },

    /**
     * Resolves when what is known of watched users is right; rejects when the cache could not be read, and the users are
     * then still watched: watch them again.
     */
    async known(users: readonly WatchedUser[]): Promise<void> {
      for (const loaded of new Set(users.map((user) => user.loaded))) await loaded;
    },

    unwatch(userIds: Iterable<string>, watcher: LocationWatcher): void {
      for (const userId of userIds) topics.unfollow(userId, watcher);
    },

    /** An update that this server received itself: its watchers need not wait until it comes back as a message. */
    hear(userId: string, update: LocationUpdate): void {
      const topic = topics.get(userId);
      if (topic !== undefined) accept(topic, update);
    },

    /** The newest location of a watched user, null when inactive. */
    newest(userId: string): LocationUpdate | null {
      const newest = topics.get(userId)?.newest ?? null;
      return newest !== null && isActive(newest) ? newest : null;
    },

    /** The newest locations without watching: what this server knows already, and the cache for the others. */
    async peek(userIds: readonly string[]): Promise<ReadonlyMap<string, LocationUpdate>> {
      const found = new Map<string, LocationUpdate>();
      const keep = (userId: string, update: LocationUpdate | null | undefined): void => {
        if (update != null && isActive(update)) found.set(userId, update);
      };
      const unknown = userIds.filter((userId) => {
        const newest = topics.get(userId)?.newest;
        keep(userId, newest);
        return newest == null;
      });
      meter.feed.hits += userIds.length - unknown.length;
      meter.feed.misses += unknown.length;
      if (unknown.length > 0) {
        const updates = await readCache(unknown);
        unknown.forEach((userId, index) => {
          keep(userId, updates[index]);
        });
      }
      return found;
    },

    close(): void {
      stopChecking();
    },
  };
}
