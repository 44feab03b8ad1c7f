/** Long enough to make large batches under load, short beside the time in which a list is put together. */
const PAUSE_MS = 50;

/**
 * Batches work whose cost depends on the number of batches rather than of items, such as commands to Redis.
 * The first item starts a batch with the other items of its turn of the event loop. Items of the next 50 ms
 * make the next batch. So batches grow with the load, and a single item does not wait.
 * @returns adds an item.
 */
export function createBatcher<Item>(work: (items: Item[]) => void): (item: Item) => void {
  /** Null after a quiet time. */
  let waiting: Item[] | null = null;

  function send(): void {
    const items = waiting ?? [];
    if (items.length === 0) {
      waiting = null;
      return;
    }
    waiting = [];
    setTimeout(send, PAUSE_MS);
    work(items);
  }

  return (item) => {
    if (waiting !== null) {
      waiting.push(item);
      return;
    }
    waiting = [item];
    setImmediate(send);
  };
}
