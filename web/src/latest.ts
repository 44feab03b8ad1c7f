/** Hands on what changes often, the latest at most once in so many milliseconds, and the first at once. */
export function latest<Value>(everyMs: number, act: (value: Value) => void): Latest<Value> {
  let waiting: { readonly value: Value } | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function pass(value: Value): void {
    act(value);
    timer = setTimeout(() => {
      timer = null;
      if (waiting === null) return;
      const { value: next } = waiting;
      waiting = null;
      pass(next);
    }, everyMs);
  }

  return {
    set(value) {
      if (timer === null) pass(value);
      else waiting = { value };
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

export interface Latest<Value> {
  set(value: Value): void;
  /** What waits is not handed on any more. */
  stop(): void;
}
