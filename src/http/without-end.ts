/**
 * The same stream, except that it never ends by itself: a stream that ended would tell its consumer that there is
 * nothing to come back for. When its source ends it calls back and stays silent until the consumer leaves.
 */
export function withoutEnd<T>(
  stream: AsyncIterable<T>,
  onSourceEnd: () => void,
  isSilent = (): boolean => false,
): AsyncIterableIterator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  let leave: ((result: IteratorResult<T>) => void) | null = null;
  const left = new Promise<IteratorResult<T>>((resolve) => (leave = resolve));
  let hasLeft = false;
  return {
    async next() {
      const result = await iterator.next();
      if (hasLeft) return { done: true, value: undefined };
      if (result.done === true) onSourceEnd();
      return result.done === true || isSilent() ? left : result;
    },
    async return(value?: unknown) {
      hasLeft = true;
      leave?.({ done: true, value });
      return (await iterator.return?.(value)) ?? { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
