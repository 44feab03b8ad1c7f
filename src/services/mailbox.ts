/**
 * Between a producer that can merge and a consumer that pulls: holds at most `limit` items, takes the next only
 * when there is room, and so never queues without bound. An async iterable iterator that can be returned at any time.
 */
export interface Mailbox<T> extends AsyncIterableIterator<T, undefined> {
  /** Takes what the producer has, as far as there is room. */
  offer(): void;
  /** Drops what is held; tells whether there was anything. */
  discard(): boolean;
  /** Ends the stream after what is already held. */
  end(): void;
  /** Whether nobody waits and no more can be held. */
  readonly full: boolean;
}

export interface MailboxOptions<T> {
  /** With 0 nothing is held: an item is taken at the moment when the consumer asks for it. */
  readonly limit: number;
  /** The next item, or null when there is none now. */
  take(): T | null;
  /** The consumer asked for an item: there is room now. */
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
      return waiting.length === 0 && held.length >= limit;
    },

    offer() {
      while (!ended && !mailbox.full) {
        const item = take();
        if (item === null) return;
        const consumer = waiting.shift();
        if (consumer === undefined) held.push(item);
        else consumer({ done: false, value: item });
      }
    },

    discard: () => held.splice(0).length > 0,

    end() {
      if (ended) return;
      ended = true;
      for (const consumer of waiting.splice(0)) consumer({ done: true, value: undefined });
      onEnd();
    },

    next() {
      const item = held.shift();
      if (item === undefined && ended) return Promise.resolve({ done: true, value: undefined });
      const result =
        item === undefined
          ? new Promise<IteratorResult<T, undefined>>((resolve) => waiting.push(resolve))
          : Promise.resolve({ done: false as const, value: item });
      if (!ended) onRoom();
      return result;
    },

    return() {
      mailbox.discard();
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
