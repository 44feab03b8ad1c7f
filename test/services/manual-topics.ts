import type { Topics } from '../../src/services/shared-topics.js';

/** Topics within the test, whose subscriptions can be held up, fail and be counted. */
export interface ManualTopics extends Topics {
  /** Subscriptions that were ever asked for. */
  readonly subscribed: number;
  /** Subscriptions that have not ended. */
  readonly live: number;
  /** From now on subscriptions wait for release(). */
  hold(): void;
  release(): void;
  /** Makes the next subscription fail. */
  failNext(): void;
}

export function createManualTopics(): ManualTopics {
  const listeners = new Map<string, Set<(message: unknown) => void>>();
  let held: Promise<void> | null = null;
  let release = (): void => undefined;
  let failing = false;
  let subscribed = 0;
  let live = 0;

  return {
    publish(topic, message) {
      for (const listener of [...(listeners.get(topic) ?? [])]) listener(message);
      return Promise.resolve();
    },

    async subscribe(topic, onMessage) {
      subscribed += 1;
      const fails = failing;
      failing = false;
      await held;
      if (fails) throw new Error('subscribe failed');
      live += 1;
      const ofTopic = listeners.get(topic) ?? new Set();
      listeners.set(topic, ofTopic.add(onMessage));
      return () => {
        if (!ofTopic.delete(onMessage)) throw new Error('ended twice');
        if (ofTopic.size === 0) listeners.delete(topic);
        live -= 1;
      };
    },

    hold() {
      held ??= new Promise((resolve) => (release = resolve));
    },
    release() {
      release();
      held = null;
    },
    failNext() {
      failing = true;
    },

    get subscribed() {
      return subscribed;
    },
    get live() {
      return live;
    },
  };
}
