/**
 * One topic per user, subscribed once per server, whatever the number of watchers: who follow where the user is, and
 * the user's own sockets and streams. It lives from its first watcher to its last; one that is left while its
 * subscription is still under way is ended as soon as that is done.
 */
import { type Strip, stripAround } from '../domain/distance.js';
import type { LocationUpdate } from '../domain/location-update.js';
import type { Notice } from '../domain/notice.js';

/** What carries messages between servers, a topic for each user: Redis, or memory where there is one server only. */
export interface Topics {
  publish(userId: string, message: unknown): Promise<void>;
  /** Resolves, with the id to unsubscribe with, once every message published from then on will arrive. */
  subscribe(userId: string, onMessage: (message: unknown) => void): Promise<number>;
  unsubscribe(subscriptionId: number): void;
  onInterrupted(listener: (interruption: Interruption) => void): void;
}

/** From now on messages of subscribed topics may be lost. */
export interface Interruption {
  /** Whose topics they are. */
  readonly users: ReadonlySet<string>;
  /** Resolves when all of them are subscribed again. */
  readonly restored: Promise<void>;
}

/**
 * A user as one server knows them, in common for all who watch. The strip holds the newest location and the one before,
 * or all the earth where there is none.
 */
export interface WatchedUser extends Strip {
  readonly userId: string;
  /** The newest location; null for an inactive user, within a second after the TTL. */
  readonly newest: LocationUpdate | null;
  /** Resolves when the cache was read after the topic went live; null before, and when that failed. */
  readonly loaded: Promise<void> | null;
}

export interface LocationWatcher {
  onLocation(user: WatchedUser, update: LocationUpdate): void;
  /** No update for the TTL: the user is inactive. */
  onInactive(user: WatchedUser): void;
}

export interface NoticeWatcher {
  onNotice(notice: Notice): void;
}

/** Watchers of one topic, of whom each costs a word and no room is kept for more. */
const FEW = 64;
const NOBODY: never[] = [];
/** Beyond both poles. */
const ALL_THE_EARTH: Strip = { south: -1e8, north: 1e8 };

/** A class, since a server has one for each of its subscribers, and one for each of their friends who are away. */
export class UserTopic implements WatchedUser {
  newest: LocationUpdate | null = null;
  south = ALL_THE_EARTH.south;
  north = ALL_THE_EARTH.north;
  loaded: Promise<void> | null = null;
  /** In no order. An array, since a server has one entry here for each friend of each of its subscribers. */
  followers: LocationWatcher[] = NOBODY;
  /** The user's own, who are told of notices. */
  own: NoticeWatcher[] = NOBODY;
  /** Resolves when the topic is subscribed, or is again after an interruption; null when it is. */
  live: Promise<void> | null = null;
  subscriptionId: number | null = null;

  constructor(readonly userId: string) {}

  moveTo(next: LocationUpdate): void {
    const { south, north } = this.newest === null ? ALL_THE_EARTH : stripAround(this.newest, next, 0);
    this.south = south;
    this.north = north;
    this.newest = next;
  }

  get isWatched(): boolean {
    return this.followers.length > 0 || this.own.length > 0;
  }
}

/** What comes over the topics: locations are arrays, all else is for the user's own. */
interface Handlers {
  onRecord(topic: UserTopic, record: unknown[]): void;
  onNotice(topic: UserTopic, notice: unknown): void;
}

export type UserTopics = ReturnType<typeof createUserTopics>;

export function createUserTopics(topics: Topics) {
  const byUser = new Map<string, UserTopic>();
  const handlers: Handlers = { onRecord: () => undefined, onNotice: () => undefined };

  topics.onInterrupted(({ users, restored }) => {
    for (const userId of users) {
      const topic = byUser.get(userId);
      // One that is not live yet is subscribed by whatever is there now.
      if (topic === undefined || topic.live !== null) continue;
      topic.live = restored.then(() => {
        topic.live = null;
      });
    }
  });

  const topicOf = (userId: string): UserTopic => byUser.get(userId) ?? open(userId);

  function open(userId: string): UserTopic {
    const topic = new UserTopic(userId);
    topic.live = subscribe(topic);
    // A failure reaches whoever awaits `live`, if anybody does; the next to watch tries anew.
    topic.live.catch(() => {
      if (byUser.get(userId) === topic) byUser.delete(userId);
    });
    byUser.set(userId, topic);
    return topic;
  }

  async function subscribe(topic: UserTopic): Promise<void> {
    // Bound, not a closure, which would keep this function's variables for as long as the topic lives.
    topic.subscriptionId = await topics.subscribe(topic.userId, receive.bind(null, handlers, topic));
    topic.live = null;
    if (!topic.isWatched) topics.unsubscribe(topic.subscriptionId);
  }

  function endIfLeft(topic: UserTopic): void {
    if (topic.isWatched) return;
    byUser.delete(topic.userId);
    if (topic.subscriptionId !== null) topics.unsubscribe(topic.subscriptionId);
  }

  return {
    /** Adds a follower, once, who hears of locations from now on, for certain once `live` has resolved. */
    follow(userId: string, follower: LocationWatcher): UserTopic {
      const topic = topicOf(userId);
      topic.followers = withWatcher(topic.followers, follower);
      return topic;
    },

    unfollow(userId: string, follower: LocationWatcher): void {
      const topic = byUser.get(userId);
      if (topic !== undefined && removeWatcher(topic.followers, follower)) endIfLeft(topic);
    },

    /** Adds one of the user's own, once, who hears of notices from now on, for certain once `live` has resolved. */
    listen(userId: string, listener: NoticeWatcher): UserTopic {
      const topic = topicOf(userId);
      topic.own = withWatcher(topic.own, listener);
      return topic;
    },

    unlisten(userId: string, listener: NoticeWatcher): void {
      const topic = byUser.get(userId);
      if (topic !== undefined && removeWatcher(topic.own, listener)) endIfLeft(topic);
    },

    publish: (userId: string, message: unknown) => topics.publish(userId, message),

    handlers,

    /** Told after the topics concerned have ceased to be `live`. */
    onInterrupted(listener: (interruption: Interruption) => void): void {
      topics.onInterrupted(listener);
    },

    get: (userId: string) => byUser.get(userId),
    values: () => byUser.values(),
    /** How many topics are watched. */
    get size() {
      return byUser.size;
    },
  };
}

function receive(handlers: Handlers, topic: UserTopic, message: unknown): void {
  if (Array.isArray(message)) handlers.onRecord(topic, message);
  else handlers.onNotice(topic, message);
}

function withWatcher<Watcher>(watchers: Watcher[], watcher: Watcher): Watcher[] {
  if (watchers.includes(watcher)) return watchers;
  // An array that grows in place makes room for half as many again and 16: too much where there are few, as mostly.
  if (watchers.length < FEW) return watchers.concat([watcher]);
  watchers.push(watcher);
  return watchers;
}

/** @returns whether it was there. */
function removeWatcher<Watcher>(watchers: Watcher[], watcher: Watcher): boolean {
  const index = watchers.indexOf(watcher);
  if (index < 0) return false;
  const last = watchers.pop();
  if (last !== undefined && index < watchers.length) watchers[index] = last;
  return true;
}
