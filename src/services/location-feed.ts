/**
 * The newest location of every user whom somebody on this server watches: subscribed once, decoded once, kept once.
 * Watchers hear of what is newer only, and of silence that outlasts the TTL by this server's own clock, within a
 * second. Watching is complete when the topic was live before the cache was read: no update falls in between.
 */
import { fromRecord, isNewer, locationTopic, type LocationUpdate } from '../domain/location-update.js';
import type { Clock } from './clock.js';
import { createSharedTopics, type SharedTopic, type Topics } from './shared-topics.js';

export interface LocationWatcher {
  onLocation(user: WatchedUser, update: LocationUpdate): void;
  /** No update for the TTL: the user is inactive. */
  onInactive(user: WatchedUser): void;
}

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
  readonly topics: Topics;
  readonly cache: NewestLocations;
  readonly locationTtlMs: number;
  readonly clock: Clock;
  readonly meter: FeedMeter;
  /** Null where nothing is traced. */
  readonly trace: TraceDelivery | null;
}

/** A user as one server knows them, in common for all who watch. */
export interface WatchedUser {
  readonly userId: string;
  /** The newest location; null for an inactive user, within a second after the TTL. */
  readonly newest: LocationUpdate | null;
  /** Resolves when the cache was read after the topic went live; null before, and when that failed. */
  readonly loaded: Promise<void> | null;
}

type Known = { -readonly [Key in keyof WatchedUser]: WatchedUser[Key] };
type Shared = SharedTopic<LocationWatcher, Known>;

const INACTIVITY_CHECK_MS = 1_000;

export type LocationFeed = ReturnType<typeof createLocationFeed>;

export function createLocationFeed(options: LocationFeedOptions) {
  const { topics, locationTtlMs, clock, meter, trace } = options;
  const shared = createSharedTopics<LocationWatcher, Known>({
    topics,
    topicOf: locationTopic,
    newState: (userId) => ({ userId, newest: null, loaded: null }),
    onMessage(topic, message) {
      const update = fromRecord(message);
      if (update === null) meter.unreadable();
      else if (trace === null || update.traceparent === undefined) accept(topic, update);
      else trace(update.traceparent, topic.watchers.length, accept.bind(null, topic, update));
    },
  });

  const isActive = (update: LocationUpdate): boolean => update.receivedAtMs + locationTtlMs > clock.now();

  function accept(topic: Shared, update: LocationUpdate): void {
    const { state, watchers } = topic;
    if (!isActive(update) || (state.newest !== null && !isNewer(update, state.newest))) return;
    state.newest = update;
    for (const watcher of watchers) watcher.onLocation(state, update);
  }

  async function readCache(userIds: readonly string[]): Promise<(LocationUpdate | null)[]> {
    const updates = await options.cache.newest(userIds);
    const hits = updates.filter((update) => update !== null).length;
    meter.positions.hits += hits;
    meter.positions.misses += updates.length - hits;
    return updates;
  }

  /** Reads the cache for topics; who comes to watch them meanwhile waits for it, and reads it again if it fails. */
  function load(opened: readonly Shared[]): Promise<void> {
    const loaded = readNewest(opened);
    for (const { state } of opened) state.loaded = loaded;
    loaded.catch(() => {
      for (const { state } of opened) if (state.loaded === loaded) state.loaded = null;
    });
    return loaded;
  }

  async function readNewest(opened: readonly Shared[]): Promise<void> {
    for (const { live } of opened) if (live !== null) await live;
    const updates = await readCache(opened.map((topic) => topic.key));
    opened.forEach((topic, index) => {
      const update = updates[index];
      if (update != null) accept(topic, update);
    });
  }

  function checkInactivity(): void {
    for (const topic of shared.values()) {
      if (topic.state.newest === null || isActive(topic.state.newest)) continue;
      topic.state.newest = null;
      for (const watcher of topic.watchers) watcher.onInactive(topic.state);
    }
    stopChecking = clock.after(INACTIVITY_CHECK_MS, checkInactivity);
  }
  let stopChecking = clock.after(INACTIVITY_CHECK_MS, checkInactivity);

  return {
    /**
     * Watches users; from the call on `watcher` hears of every newer location. What is known of the users, who come in
     * the order of `userIds`, may be old until `known` has resolved.
     */
    watch(userIds: readonly string[], watcher: LocationWatcher): WatchedUser[] {
      const opened: Shared[] = [];
      const users = userIds.map((userId) => {
        const topic = shared.watch(userId, watcher);
        if (topic.state.loaded === null) opened.push(topic);
        return topic.state;
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
      for (const userId of userIds) shared.unwatch(userId, watcher);
    },

    /** The newest location of a watched user, null when inactive. */
    newest(userId: string): LocationUpdate | null {
      const newest = shared.get(userId)?.state.newest ?? null;
      return newest !== null && isActive(newest) ? newest : null;
    },

    /** The newest locations without watching: what this server knows already, and the cache for the others. */
    async peek(userIds: readonly string[]): Promise<ReadonlyMap<string, LocationUpdate>> {
      const found = new Map<string, LocationUpdate>();
      const keep = (userId: string, update: LocationUpdate | null | undefined): void => {
        if (update != null && isActive(update)) found.set(userId, update);
      };
      const unknown = userIds.filter((userId) => {
        const state = shared.get(userId)?.state;
        keep(userId, state?.newest);
        return state?.newest == null;
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

    /**
     * Reads the cache again for all that is watched, after a gap in which messages may have been lost. When it rejects,
     * the next to watch a user reads again.
     */
    reload: (): Promise<void> => load([...shared.values()]),

    /** How many users are watched. */
    get size() {
      return shared.size;
    },

    close(): void {
      stopChecking();
    },
  };
}
