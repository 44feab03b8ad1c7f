/** Streams of values, read by callbacks or with `for await`. */
import type { NearbyFriendsError } from './errors.js';

/** Makes a stream of states. A slow `for await` skips to the newest state. */
export const liveState = <Value>(start: Start<Value>): Live<Value> => live(start, 1);

/** Makes a stream of events. A slow `for await` still reads every event. */
export const liveEvents = <Value>(start: Start<Value>): Live<Value> => live(start, Infinity);

/**
 * Wraps a callback of the app, so that what it throws is reported as an uncaught error and disturbs nothing
 * else.
 */
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

/** A stream of values. Each reader gets one of its own; `for await` throws the error that ends the stream. */
export interface Live<Value> extends AsyncIterable<Value> {
  /**
   * Calls `onValue` with every value. At the end it calls `onError` with the error that ended the stream, or
   * `onEnd` when there is none. The returned function ends the subscription; no callback is called after
   * that. What a callback throws is reported as an uncaught error, and the stream goes on.
   */
  subscribe(
    onValue: (value: Value) => void,
    onError?: (error: NearbyFriendsError) => void,
    onEnd?: () => void,
  ): () => void;
}

/** Receives the values of one stream. */
export interface Sink<Value> {
  next(value: Value): void;
  /**
   * Ends the stream; nothing comes after that.
   * @param error what ended it; null when it ended in good order.
   */
  end(error: NearbyFriendsError | null): void;
}

/** Starts a stream for one reader. The returned function stops it. */
type Start<Value> = (sink: Sink<Value>) => () => void;

/** Older versions of React Native's engine have no such symbol; Babel's `for await` then looks for this name. */
const ASYNC_ITERATOR: typeof Symbol.asyncIterator =
  (Symbol as Partial<SymbolConstructor>).asyncIterator ?? ('@@asyncIterator' as never);

function live<Value>(start: Start<Value>, maxBuffered: number): Live<Value> {
  return {
    subscribe: (onValue, onError, onEnd) =>
      start({
        next: guarded(onValue),
        end: guarded((error) => {
          if (error === null) onEnd?.();
          else onError?.(error);
        }),
      }),
    [ASYNC_ITERATOR]: () => iterate(start, maxBuffered),
  };
}

function iterate<Value>(start: Start<Value>, maxBuffered: number): AsyncIterableIterator<Value, undefined> {
  const buffered: Value[] = [];
  let ended = false;
  let failure: NearbyFriendsError | null = null;
  const sleepers: (() => void)[] = [];
  const wake = (): void => {
    for (const resume of sleepers.splice(0)) resume();
  };
  const stop = start({
    next(value) {
      if (buffered.length >= maxBuffered) buffered.shift();
      buffered.push(value);
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
      while (buffered.length === 0 && !ended) await new Promise<void>((resolve) => sleepers.push(resolve));
      if (buffered.length > 0) return { done: false, value: buffered.shift() as Value };
      const error = failure;
      failure = null;
      if (error !== null) throw error;
      return { done: true, value: undefined };
    },
    async return() {
      stop();
      buffered.length = 0;
      ended = true;
      wake();
      return { done: true, value: undefined };
    },
    [ASYNC_ITERATOR]() {
      return this;
    },
  };
}
