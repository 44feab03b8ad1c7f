import type { MessageChannels, UserMessage } from '../../../src/services/user-topics.js';

type Callback = (message: UserMessage) => void;

/** Topics with callbacks for single users. */
export function listening(topics: MessageChannels) {
  const callbacks = new Map<string, Map<number, Callback>>();
  const users = new Map<number, string>();
  let nth = 0;
  topics.onMessage((message) => {
    for (const callback of [...(callbacks.get(message.userId)?.values() ?? [])]) callback(message);
  });
  return {
    publish: topics.publish,

    /** Resolves, with the id to unsubscribe with, once every message published from then on will arrive. */
    async subscribe(userId: string, callback: Callback): Promise<number> {
      const id = ++nth;
      const known = callbacks.get(userId) ?? new Map<number, Callback>();
      callbacks.set(userId, known.set(id, callback));
      users.set(id, userId);
      await topics.subscribe(userId);
      return id;
    },

    unsubscribe(id: number): void {
      const userId = users.get(id) ?? '';
      const known = callbacks.get(userId);
      known?.delete(id);
      if (known?.size !== 0) return;
      callbacks.delete(userId);
      topics.unsubscribe(userId);
    },
  };
}

export type Listening = ReturnType<typeof listening>;
