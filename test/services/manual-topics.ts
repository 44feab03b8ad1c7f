import { settle } from '../support/fake-clock.js';
import type { Interruption, MessageChannels, Topics, UserMessage } from '../../src/services/user-topics.js';

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
  /** Messages may be lost, of all users or of those named, until restore(). */
  interrupt(userIds?: readonly string[]): void;
  restore(): Promise<void>;
}

export function createManualTopics(): ManualTopics {
  /** The channels that are subscribed. */
  const live = new Set<string>();
  let reportInterrupted: (interruption: Interruption) => void = () => undefined;
  const wanted = new Set<string>();
  let restore = (): void => undefined;
  let held: Promise<void> | null = null;
  let release = (): void => undefined;
  let failing = false;
  let subscribed = 0;

  const channels = (kind: string, listeners: ((message: UserMessage) => void)[] = []): MessageChannels => ({
    publish(userId, message) {
      if (live.has(kind + userId)) for (const listener of listeners) listener({ userId, message });
      return Promise.resolve();
    },

    onMessage: (listener) => void listeners.push(listener),

    async subscribe(userId) {
      subscribed += 1;
      wanted.add(userId);
      const fails = failing;
      failing = false;
      await held;
      if (fails) throw new Error('subscribe failed');
      live.add(kind + userId);
    },

    unsubscribe(userId) {
      if (!live.delete(kind + userId)) throw new Error('ended twice');
    },
  });

  return {
    ...channels('user:'),
    inboxes: channels('inbox:'),

    onInterrupted: (listener) => {
      reportInterrupted = listener;
    },

    interrupt(userIds) {
      const restored = new Promise<void>((resolve) => (restore = resolve));
      const users = new Set(userIds ?? wanted);
      reportInterrupted({
        users,
        concerns: (userId) => userIds === undefined || users.has(userId),
        restored,
      });
    },
    async restore() {
      restore();
      await settle();
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
      return live.size;
    },
  };
}
