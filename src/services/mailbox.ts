/**
 * Between a producer that can merge and a consumer that pulls: holds at most `limit` items, asks for the next only
 * when there is room, and so never queues without bound. An async iterable iterator that can be returned at any time.
 */
export interface Mailbox<T> extends AsyncIterableIterator<T, undefined> {
  /** Takes what the producer has, as far as there is room. */
  offer(): void;
  /** Ends the stream after what is already held. */
  end(): void;
  readonly full: boolean;
}

export interface MailboxOptions<T> {
  readonly limit: number;
  /** The next item, or null when there is none now. */
  take(): T | null;
  /** There is room again after the mailbox was full. */
  onRoom(): void;
  /** Called once, when the consumer leaves or the producer ends. */
  onEnd(): void;
}

export function createMailbox<T>({ limit, take, onRoom, onEnd }: MailboxOptions<T>): Mailbox<T> {
  const held: T[] = [];
  const waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  let ended = false;

  const mailbox: Mailbox<T> = {
    get full() {
      return held.length >= limit;
    },

    offer() {
      while (!ended && held.length < limit) {
        const item = take();
        if (item === null) return;
        const consumer = waiting.shift();
        if (consumer === undefined) held.push(item);
        else consumer({ done: false, value: item });
      }
    },

    end() {
      if (ended) return;
      ended = true;
      for (const consumer of waiting.splice(0)) consumer({ done: true, value: undefined });
      onEnd();
    },

    next() {
      const wasFull = held.length >= limit;
      const item = held.shift();
      if (item !== undefined) {
        if (wasFull && !ended) onRoom();
        return Promise.resolve({ done: false, value: item });
      }
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => waiting.push(resolve));
    },

    return() {
      held.length = 0;
      mailbox.end();
      return Promise.resolve({ done: true, value: undefined });
    },

    throw(error) {
      void mailbox.return?.();
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    },

    [Symbol.asyncIterator]() {
      return mailbox;
    },
  };
  return mailbox;
}
