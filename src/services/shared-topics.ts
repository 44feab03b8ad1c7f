/**
 * One subscription per topic and server, whatever the number of watchers. A topic lives from its first watcher to its
 * last; one that is left while its subscription is still under way is ended as soon as that is done.
 */

/** What carries messages between servers. Redis, or memory where there is one server only. */
export interface Topics {
  publish(topic: string, message: unknown): Promise<void>;
  /** Resolves, with what ends it, once every message published from then on will arrive. */
  subscribe(topic: string, onMessage: (message: unknown) => void): Promise<() => void>;
}

export interface SharedTopic<Watcher, State> {
  readonly key: string;
  readonly watchers: Set<Watcher>;
  /** What the server knows by this topic, in common for all watchers. */
  readonly state: State;
  /** Resolves when the topic is subscribed. */
  readonly live: Promise<void>;
}

export interface SharedTopicsOptions<Watcher, State> {
  readonly topics: Topics;
  topicOf(key: string): string;
  newState(): State;
  onMessage(shared: SharedTopic<Watcher, State>, message: unknown): void;
}

export function createSharedTopics<Watcher, State>(options: SharedTopicsOptions<Watcher, State>) {
  const byKey = new Map<string, SharedTopic<Watcher, State>>();
  const endings = new WeakMap<SharedTopic<Watcher, State>, Promise<() => void>>();

  function open(key: string): SharedTopic<Watcher, State> {
    const subscribed = options.topics.subscribe(options.topicOf(key), (message) => {
      options.onMessage(shared, message);
    });
    const shared: SharedTopic<Watcher, State> = {
      key,
      watchers: new Set(),
      state: options.newState(),
      live: subscribed.then(() => undefined),
    };
    // A failure reaches whoever awaits `live`, if anybody does; the next to watch tries anew.
    shared.live.catch(() => {
      if (byKey.get(key) === shared) byKey.delete(key);
    });
    endings.set(shared, subscribed);
    byKey.set(key, shared);
    return shared;
  }

  return {
    /** Adds a watcher, which hears messages from now on, for certain once `live` has resolved. */
    watch(key: string, watcher: Watcher): SharedTopic<Watcher, State> {
      const shared = byKey.get(key) ?? open(key);
      shared.watchers.add(watcher);
      return shared;
    },

    unwatch(key: string, watcher: Watcher): void {
      const shared = byKey.get(key);
      if (shared === undefined || !shared.watchers.delete(watcher) || shared.watchers.size > 0) return;
      byKey.delete(key);
      endings.get(shared)?.then(
        (end) => {
          end();
        },
        () => undefined,
      );
    },

    get: (key: string) => byKey.get(key),
    values: () => byKey.values(),
    get size() {
      return byKey.size;
    },
  };
}
