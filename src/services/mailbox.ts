/**
 * Between a producer that can merge and a consumer that pulls: an async iterable iterator that takes an item when its
 * consumer waits or there is room for it, says so, and never queues without bound.
 */
export interface Mailbox<T> extends AsyncIterableIterator<T, undefined> {
  /** Whether an item can be sent now. */
  readonly ready: boolean;
  send(item: T): void;
  /** Drops what is held; tells whether there was anything. */
  discard(): boolean;
  /** Ends the stream after what it holds. */
  end(): void;
}

export interface MailboxOptions {
  /** Items that are held when nobody waits; with 0 whoever pulls gets what is newest at that moment. */
  readonly limit: number;
  /** There is room again after there was none. */
  onReady(): void;
  /** Called once, when the consumer leaves or the producer ends. */
  onEnd(): void;
}

export function createMailbox<T>({ limit, onReady, onEnd }: MailboxOptions): Mailbox<T> {
  const held: T[] = [];
  const waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  let ended = false;

  const mailbox: Mailbox<T> = {
    get ready() {
      return !ended && (waiting.length > 0 || held.length < limit);
    },

    send(item) {
      const consumer = waiting.shift();
      if (consumer === undefined) held.push(item);
      else consumer({ done: false, value: item });
    },

    discard: () => held.splice(0).length > 0,

    end() {
      if (ended) return;
      ended = true;
      for (const consumer of waiting.splice(0)) consumer({ done: true, value: undefined });
      onEnd();
    },

    next() {
      const wasReady = mailbox.ready;
      const item = held.shift();
      const result: Promise<IteratorResult<T, undefined>> =
        item !== undefined
          ? Promise.resolve({ done: false, value: item })
          : ended
            ? Promise.resolve({ done: true, value: undefined })
            : new Promise((resolve) => waiting.push(resolve));
      if (!wasReady && mailbox.ready) onReady();
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
