/**
 * One subscription per topic and server, whatever the number of watchers. A topic lives from its first watcher to its
 * last; one that is left while its subscription is still under way is ended as soon as that is done.
 */

/** What carries messages between servers. Redis, or memory where there is one server only. */
export interface Topics {
  publish(topic: string, message: unknown): Promise<void>;
  /** Resolves, with the id to unsubscribe with, once every message published from then on will arrive. */
  subscribe(topic: string, onMessage: (message: unknown) => void): Promise<number>;
  unsubscribe(subscriptionId: number): void;
}

/** Watchers of one topic. */
const FEW = 4;

/** A class, since a server has two for each of its subscribers, and one for each of their friends who are away. */
export class SharedTopic<Watcher, State> {
  /** In no order. An array, since a server has one entry here for each friend of each of its subscribers. */
  watchers: Watcher[] = [];
  /** Resolves when the topic is subscribed; null when it is. */
  live: Promise<void> | null = null;
  subscriptionId: number | null = null;

  /** @param state what the server knows by this topic, in common for all watchers. */
  constructor(
    readonly key: string,
    readonly state: State,
  ) {}
}

export interface SharedTopicsOptions<Watcher, State> {
  readonly topics: Topics;
  topicOf(key: string): string;
  newState(key: string): State;
  onMessage(shared: SharedTopic<Watcher, State>, message: unknown): void;
}

export function createSharedTopics<Watcher, State>(options: SharedTopicsOptions<Watcher, State>) {
  const { topics } = options;
  const byKey = new Map<string, SharedTopic<Watcher, State>>();

  function open(key: string): SharedTopic<Watcher, State> {
    const shared = new SharedTopic<Watcher, State>(key, options.newState(key));
    shared.live = subscribe(shared);
    // A failure reaches whoever awaits `live`, if anybody does; the next to watch tries anew.
    shared.live.catch(() => {
      if (byKey.get(key) === shared) byKey.delete(key);
    });
    byKey.set(key, shared);
    return shared;
  }

  async function subscribe(shared: SharedTopic<Watcher, State>): Promise<void> {
    // Bound, not a closure, which would keep this function's variables for as long as the topic lives.
    const onMessage = options.onMessage.bind(null, shared);
    shared.subscriptionId = await topics.subscribe(options.topicOf(shared.key), onMessage);
    shared.live = null;
    if (shared.watchers.length === 0) topics.unsubscribe(shared.subscriptionId);
  }

  return {
    /** Adds a watcher, once, which hears messages from now on, for certain once `live` has resolved. */
    watch(key: string, watcher: Watcher): SharedTopic<Watcher, State> {
      const shared = byKey.get(key) ?? open(key);
      if (shared.watchers.includes(watcher)) return shared;
      // An array that grows in place makes room for 17 at least: too much for an inbox, of which there are many.
      if (shared.watchers.length < FEW) shared.watchers = shared.watchers.concat([watcher]);
      else shared.watchers.push(watcher);
      return shared;
    },

    unwatch(key: string, watcher: Watcher): void {
      const shared = byKey.get(key);
      const index = shared?.watchers.indexOf(watcher) ?? -1;
      if (shared === undefined || index < 0) return;
      const last = shared.watchers.pop();
      if (last !== undefined && last !== watcher) shared.watchers[index] = last;
      if (shared.watchers.length > 0) return;
      byKey.delete(key);
      if (shared.subscriptionId !== null) topics.unsubscribe(shared.subscriptionId);
    },

    get: (key: string) => byKey.get(key),
    values: () => byKey.values(),
    get size() {
      return byKey.size;
    },
  };
}
