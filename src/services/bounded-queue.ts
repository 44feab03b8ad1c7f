/**
 * Connects a producer that can merge its items with a consumer that pulls them. It is an async iterable
 * iterator that says when it takes an item, and never holds more than its limit.
 */
export function createBoundedQueue<T>({ limit, onReady, onEnd }: BoundedQueueOptions): BoundedQueue<T> {
  const held: T[] = [];
  const consumers: ((result: IteratorResult<T, undefined>) => void)[] = [];
  let ended = false;

  const queue: BoundedQueue<T> = {
    get ready() {
      return !ended && (consumers.length > 0 || held.length < limit);
    },

    send(item) {
      const consumer = consumers.shift();
      if (consumer === undefined) held.push(item);
      else consumer({ done: false, value: item });
    },

    discard: () => held.splice(0).length > 0,

    end() {
      if (ended) return;
      ended = true;
      for (const consumer of consumers.splice(0)) consumer({ done: true, value: undefined });
      onEnd();
    },

    next() {
      const wasReady = queue.ready;
      const item = held.shift();
      const result: Promise<IteratorResult<T, undefined>> =
        item !== undefined
          ? Promise.resolve({ done: false, value: item })
          : ended
            ? Promise.resolve({ done: true, value: undefined })
            : new Promise((resolve) => consumers.push(resolve));
      if (!wasReady && queue.ready) onReady();
      return result;
    },

    return() {
      queue.discard();
      queue.end();
      return Promise.resolve({ done: true, value: undefined });
    },

    throw(error) {
      void queue.return?.();
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    },

    [Symbol.asyncIterator]() {
      return queue;
    },
  };
  return queue;
}

export interface BoundedQueue<T> extends AsyncIterableIterator<T, undefined> {
  /** Whether an item can be sent now. */
  readonly ready: boolean;
  /** Hands an item to a consumer that waits, or holds it. Only to be called while `ready`. */
  send(item: T): void;
  /** Drops the items that are held; returns whether there were any. */
  discard(): boolean;
  /** Ends the stream after the items that are held. */
  end(): void;
}

export interface BoundedQueueOptions {
  /**
   * Items held while no consumer waits, 0 or more. With 0 a consumer gets the item that is newest when it
   * pulls.
   */
  readonly limit: number;
  /** Called when the queue becomes ready after it was not. */
  onReady(): void;
  /** Called once, when the consumer leaves or the producer ends. */
  onEnd(): void;
}
