/** The same stream; calls back when its source ends, but not when its consumer leaves first. */
export function onSourceEnd<T>(stream: AsyncIterable<T>, callback: () => void): AsyncIterableIterator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  let left = false;
  return {
    async next() {
      const result = await iterator.next();
      if (result.done === true && !left) callback();
      return result;
    },
    async return(value?: unknown) {
      left = true;
      return (await iterator.return?.(value)) ?? { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
