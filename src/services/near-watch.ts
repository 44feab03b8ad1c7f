/**
 * Tells users who are near, though no app of theirs is open. An alert is a list that nobody looks at: while updates of
 * a user with alerts come to this server it keeps a list of nearby friends for them, and compares its frames with the
 * radii. So friends count as near who may be seen, and where they may be seen. Several servers may watch for one
 * user; what is sent is counted for all of them together, once an hour for each friend.
 */
import { LRUCache } from 'lru-cache';
import { LEAVE_FACTOR, takeArrivals } from '../domain/near-alerts.js';
import type { NearbyFrame } from '../domain/proximity-gate.js';
import { MAX_LEAVE_MARGIN_METERS } from '../domain/radius.js';
import { precisionAt } from '../domain/sharing.js';
import type { UserCard } from '../domain/user.js';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import type { FriendReader } from './friend-relations.js';
import type { FrameSink } from './frame-sink.js';
import type { NearAlertStore } from './near-alerts.js';
import type { NearbyFriends, NearbySubscription } from './nearby-friends.js';
import type { PushNotifications } from './push-notifications.js';
import type { RateLimiter } from './rate-limiter.js';

export function createNearWatch(deps: NearWatchDeps) {
  const { store, lists, clock, locationTtlMs } = deps;
  const users = new LRUCache<string, WatchedUser>({
    max: MAX_KNOWN_USERS,
    dispose: (user) => {
      unwatch(user);
    },
  });
  const watched = new Set<WatchedUser>();

  function userOf(userId: string): WatchedUser {
    const known = users.get(userId);
    if (known !== undefined) return known;
    const user: WatchedUser = {
      userId,
      reportedAtMs: 0,
      readAtMs: -Infinity,
      radii: new Map(),
      near: new Set(),
      list: null,
    };
    users.set(userId, user);
    return user;
  }

  async function read(user: WatchedUser): Promise<void> {
    const startedAtMs = clock.monotonic();
    user.readAtMs = startedAtMs;
    try {
      const radii = await store.radiiOf(user.userId);
      // An answer is old when another read has begun, or when the user was forgotten.
      if (user.readAtMs === startedAtMs && users.peek(user.userId) === user) watch(user, radii);
    } catch (error) {
      deps.onFailed(error);
    }
  }

  function watch(user: WatchedUser, radii: ReadonlyMap<string, number>): void {
    const isSame = isSameRadii(radii, user.radii) && (user.list !== null || radii.size === 0);
    user.radii = radii;
    if (isSame) return;
    unwatch(user);
    if (radii.size === 0) {
      user.near.clear();
      return;
    }
    if (watched.size >= MAX_WATCHED_USERS) return deps.onFull();
    const sink: FrameSink = {
      ready: true,
      send(frame) {
        take(user, frame);
      },
      discard: () => false,
      end() {
        unwatch(user);
      },
    };
    const radiusMeters = Math.max(...radii.values());
    const leaveMarginMeters = Math.min(radiusMeters * (LEAVE_FACTOR - 1), MAX_LEAVE_MARGIN_METERS);
    user.list = lists.subscribeSink(user, { radiusMeters, leaveMarginMeters }, sink, NOBODY);
    watched.add(user);
  }

  function unwatch(user: WatchedUser): void {
    const { list } = user;
    user.list = null;
    watched.delete(user);
    list?.end();
  }

  function take({ userId, near, radii }: WatchedUser, frame: NearbyFrame): void {
    for (const friend of takeArrivals(near, frame, radii)) tell(userId, friend).catch(deps.onFailed);
  }

  /** What cannot be counted is not sent. */
  async function tell(userId: string, { id, displayName }: UserCard): Promise<void> {
    // The friend may have paused since the frame was made.
    const [friend = null] = await deps.friends.relations(userId, [id]);
    if (friend === null || precisionAt(friend.sharing, friend.exception, clock.now()) === null) return;
    if ((await deps.oncePerHour.count(`${userId} ${id}`)) !== null) return;
    deps.push.send(userId, { kind: 'near', friend: { id, displayName } });
  }

  const stopSweeping = every(clock, SWEEP_MS, () => {
    const silentSinceMs = clock.monotonic() - locationTtlMs;
    for (const { userId, reportedAtMs } of watched) if (reportedAtMs < silentSinceMs) users.delete(userId);
  });

  return {
    /** To be called for each live location that a user reports to this server. */
    reported(userId: string): void {
      const user = userOf(userId);
      user.reportedAtMs = clock.monotonic();
      const knownMs = user.radii.size > 0 ? KNOWN_MS : NONE_KNOWN_MS;
      if (user.reportedAtMs - user.readAtMs > knownMs) void read(user);
    },

    /** To be called when the user's alerts are others, or whether something can be sent. */
    changed(userId: string): void {
      const user = userOf(userId);
      user.reportedAtMs = clock.monotonic();
      void read(user);
    },

    close(): void {
      void stopSweeping();
      users.clear();
    },

    /** Users who are watched for. */
    get size() {
      return watched.size;
    },
  };
}

export type NearWatch = ReturnType<typeof createNearWatch>;

interface NearWatchDeps {
  readonly store: Pick<NearAlertStore, 'radiiOf'>;
  /** Lists of this service alone: they count nowhere else. */
  readonly lists: Pick<NearbyFriends, 'subscribeSink'>;
  readonly friends: Pick<FriendReader, 'relations'>;
  /** Counts one event an hour for each key, over all servers, and rejects while it can't. */
  readonly oncePerHour: Pick<RateLimiter, 'count'>;
  readonly push: Pick<PushNotifications, 'send'>;
  readonly locationTtlMs: number;
  readonly clock: Clock;
  /** Called when alerts could not be read or nobody could be told. */
  onFailed(error: unknown): void;
  /** Called when a user is not watched for, as too many others are. */
  onFull(): void;
}

/** What a server knows of a user who reported a location to it. */
interface WatchedUser {
  readonly userId: string;
  /** On the monotonic clock. */
  reportedAtMs: number;
  readAtMs: number;
  /** Metres, by friend. */
  radii: ReadonlyMap<string, number>;
  /** The ids of the friends who are within them. */
  readonly near: Set<string>;
  /** Null while the user is not watched for. */
  list: NearbySubscription | null;
}

/** A list without a connection ends with its user's reports. */
const NOBODY = { isOpen: true };

/**
 * How long an answer counts: alerts may be changed at another server. Most users have none, and theirs come over the
 * socket that also reports, so nobody's are asked for often.
 */
const KNOWN_MS = 60_000;
const NONE_KNOWN_MS = 600_000;
const SWEEP_MS = 30_000;
/** Whether they have alerts is remembered of so many, the last to report. */
const MAX_KNOWN_USERS = 200_000;
/** A list takes some 12 kB, and its share of watching friends. */
const MAX_WATCHED_USERS = 10_000;

function isSameRadii(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return one.size === other.size && [...one].every(([id, meters]) => other.get(id) === meters);
}
