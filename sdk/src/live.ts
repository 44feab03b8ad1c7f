/** What changes while one looks: told to callbacks, or read with `for await`. */
import type { NearbyFriendsError } from './errors.js';

export interface Live<Value> extends AsyncIterable<Value> {
  /** Calls with every value, and once with the error that ended it. The returned function ends it. */
  subscribe(onValue: (value: Value) => void, onError?: (error: NearbyFriendsError) => void): () => void;
}

export interface Teller<Value> {
  value(value: Value): void;
  /** The last that is told. */
  end(error: NearbyFriendsError | null): void;
}

/** Begins to tell, once for each reader. The function it returns ends it. */
type Start<Value> = (teller: Teller<Value>) => () => void;

/** A state: who reads slowly with `for await` skips to the newest. */
export const liveState = <Value>(start: Start<Value>): Live<Value> => live(start, 1);

/** Events: every one is read. */
export const liveEvents = <Value>(start: Start<Value>): Live<Value> => live(start, Infinity);

function live<Value>(start: Start<Value>, mostWaiting: number): Live<Value> {
  return {
    subscribe: (onValue, onError) =>
      start({
        value: onValue,
        end(error) {
          if (error !== null) onError?.(error);
        },
      }),
    [Symbol.asyncIterator]: () => iterate(start, mostWaiting),
  };
}

function iterate<Value>(start: Start<Value>, mostWaiting: number): AsyncIterableIterator<Value, undefined> {
  const waiting: Value[] = [];
  let ended = false;
  let failure: NearbyFriendsError | null = null;
  let wake = (): void => undefined;
  const stop = start({
    value(value) {
      if (waiting.length >= mostWaiting) waiting.shift();
      waiting.push(value);
      wake();
    },
    end(error) {
      ended = true;
      failure = error;
      wake();
    },
  });
  return {
    async next() {
      while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      if (waiting.length > 0) return { done: false, value: waiting.shift() as Value };
      const error = failure;
      failure = null;
      if (error !== null) throw error;
      return { done: true, value: undefined };
    },
    async return() {
      stop();
      waiting.length = 0;
      ended = true;
      wake();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
