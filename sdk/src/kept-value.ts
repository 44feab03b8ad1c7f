/**
 * A value that a store keeps, as the client needs it: at once. A synchronous store is read anew each time, as other
 * tabs write to it, too. An asynchronous one is read once; from then on the client's own value holds, and the store
 * follows it. What such a store does not take stays in memory, until it takes the next value.
 */
import { type Awaitable, isPromise } from './awaitable.js';

/** @param join makes one value of what an asynchronous store held and what was saved before it was read. */
export function keptValue<Value>(
  store: Store<Value>,
  join = (_stored: Value, saved: Value): Value => saved,
): KeptValue<Value> {
  let first: Awaitable<Value | null> = null;
  try {
    first = store.load();
  } catch {
    // A synchronous store says so again to each reader.
  }
  if (isPromise(first)) return followedBy(store, first, join);
  return {
    loading: null,
    load: () => store.load() as Value | null,
    save: (value) => void store.save(value),
    saved: () => Promise.resolve(),
  };
}

function followedBy<Value>(
  store: Store<Value>,
  first: Promise<Value | null>,
  join: (stored: Value, saved: Value) => Value,
): KeptValue<Value> {
  let current: Value | null = null;
  let isSaved = false;
  let loading: Promise<void> | null = first
    .catch(() => null)
    .then((stored) => {
      loading = null;
      if (!isSaved) current = stored;
      else if (stored !== null && current !== null) current = join(stored, current);
    });
  let writing: Promise<void> | null = null;

  /** Writes until the store holds the value of now. */
  async function write(): Promise<void> {
    await loading;
    let written: Value | null;
    do {
      written = current;
      try {
        await store.save(written);
      } catch {
        // The next value is a new attempt.
      }
    } while (written !== current);
    writing = null;
  }

  return {
    get loading() {
      return loading;
    },
    load: () => current,
    save(value) {
      current = value;
      isSaved = true;
      writing ??= write();
    },
    async saved() {
      await writing;
    },
  };
}

export interface Store<Value> {
  load(): Awaitable<Value | null>;
  /** Null removes the value. */
  save(value: Value | null): Awaitable<unknown>;
}

export interface KeptValue<Value> {
  /** Resolves when an asynchronous store has been read; null from then on, and for a synchronous one. */
  readonly loading: Promise<void> | null;
  /** Throws what a synchronous store throws, as `save` does. Null also while an asynchronous store is being read. */
  load(): Value | null;
  save(value: Value | null): void;
  /** Resolves when an asynchronous store has taken or refused what was saved. */
  saved(): Promise<void>;
}
