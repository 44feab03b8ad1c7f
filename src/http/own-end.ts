/** The same stream; `callback` hears when it ends by itself, before its consumer does. Not when the consumer leaves. */
export function onOwnEnd<T>(stream: AsyncIterable<T>, callback: () => void): AsyncIterableIterator<T> {
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
