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
  /** An array, since a server has one entry here for each friend of each of its subscribers: 8 bytes instead of 28. */
  readonly watchers: Watcher[];
  /** What the server knows by this topic, in common for all watchers. */
  readonly state: State;
  /** Resolves, with what ends it, when the topic is subscribed. */
  readonly live: Promise<() => void>;
}

export interface SharedTopicsOptions<Watcher, State> {
  readonly topics: Topics;
  topicOf(key: string): string;
  newState(key: string): State;
  onMessage(shared: SharedTopic<Watcher, State>, message: unknown): void;
}

export function createSharedTopics<Watcher, State>(options: SharedTopicsOptions<Watcher, State>) {
  const byKey = new Map<string, SharedTopic<Watcher, State>>();

  function open(key: string): SharedTopic<Watcher, State> {
    const shared: SharedTopic<Watcher, State> = {
      key,
      watchers: [],
      state: options.newState(key),
      live: options.topics.subscribe(options.topicOf(key), (message) => {
        options.onMessage(shared, message);
      }),
    };
    // A failure reaches whoever awaits `live`, if anybody does; the next to watch tries anew.
    shared.live.catch(() => {
      if (byKey.get(key) === shared) byKey.delete(key);
    });
    byKey.set(key, shared);
    return shared;
  }

  return {
    /** Adds a watcher, once, which hears messages from now on, for certain once `live` has resolved. */
    watch(key: string, watcher: Watcher): SharedTopic<Watcher, State> {
      const shared = byKey.get(key) ?? open(key);
      if (!shared.watchers.includes(watcher)) shared.watchers.push(watcher);
      return shared;
    },

    unwatch(key: string, watcher: Watcher): void {
      const shared = byKey.get(key);
      const index = shared?.watchers.indexOf(watcher) ?? -1;
      if (shared === undefined || index < 0) return;
      // The last one takes the place: the order of watchers means nothing.
      const last = shared.watchers.pop();
      if (last !== undefined && last !== watcher) shared.watchers[index] = last;
      if (shared.watchers.length > 0) return;
      byKey.delete(key);
      shared.live.then(
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
