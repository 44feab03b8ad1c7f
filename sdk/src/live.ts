/** What changes while one looks: told to callbacks, or read with `for await`. */
import type { NearbyFriendsError } from './errors.js';

/** A state: who reads slowly with `for await` skips to the newest. */
export const liveState = <Value>(start: Start<Value>): Live<Value> => live(start, 1);

/** Events: every one is read. */
export const liveEvents = <Value>(start: Start<Value>): Live<Value> => live(start, Infinity);

/** A callback of the app's: what it throws is reported like any uncaught error and disturbs nobody else. */
export function guarded<Args extends unknown[]>(callback: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
    try {
      callback(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}

export interface Live<Value> extends AsyncIterable<Value> {
  /**
   * Calls with every value, and once with the error that ended it, or `onEnd` when there is nothing more to tell. The
   * returned function ends it: nothing is told any more.
   */
  subscribe(
    onValue: (value: Value) => void,
    onError?: (error: NearbyFriendsError) => void,
    onEnd?: () => void,
  ): () => void;
}

export interface Teller<Value> {
  value(value: Value): void;
  /** The last that is told. */
  end(error: NearbyFriendsError | null): void;
}

/** Begins to tell, once for each reader. The function it returns ends it. */
type Start<Value> = (teller: Teller<Value>) => () => void;

function live<Value>(start: Start<Value>, mostWaiting: number): Live<Value> {
  return {
    subscribe: (onValue, onError, onEnd) =>
      start({
        value: guarded(onValue),
        end: guarded((error) => {
          if (error === null) onEnd?.();
          else onError?.(error);
        }),
      }),
    [Symbol.asyncIterator]: () => iterate(start, mostWaiting),
  };
}

function iterate<Value>(start: Start<Value>, mostWaiting: number): AsyncIterableIterator<Value, undefined> {
  const waiting: Value[] = [];
  let ended = false;
  let failure: NearbyFriendsError | null = null;
  const asleep: (() => void)[] = [];
  const wake = (): void => {
    for (const resume of asleep.splice(0)) resume();
  };
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
      while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => asleep.push(resolve));
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
