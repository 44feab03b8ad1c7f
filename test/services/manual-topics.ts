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
  const listeners = new Map<number, { topic: string; onMessage: (message: unknown) => void }>();
  let held: Promise<void> | null = null;
  let release = (): void => undefined;
  let failing = false;
  let subscribed = 0;

  return {
    publish(topic, message) {
      for (const listener of [...listeners.values()])
        if (listener.topic === topic) listener.onMessage(message);
      return Promise.resolve();
    },

    async subscribe(topic, onMessage) {
      const subscriptionId = ++subscribed;
      const fails = failing;
      failing = false;
      await held;
      if (fails) throw new Error('subscribe failed');
      listeners.set(subscriptionId, { topic, onMessage });
      return subscriptionId;
    },

    unsubscribe(subscriptionId) {
      if (!listeners.delete(subscriptionId)) throw new Error('ended twice');
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
      return listeners.size;
    },
  };
}
