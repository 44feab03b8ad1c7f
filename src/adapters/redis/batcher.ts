/** Long enough to make large batches under load, short beside the time in which a list is put together. */
const PAUSE_MS = 50;

/**
 * Batches work that costs by the batch rather than by the item, such as commands to Redis. The first item of
 * a group goes with the others of its turn of the event loop; items of the following 50 ms go together when
 * they are over. So batches grow with the load, and a single item does not wait.
 * @returns adds an item to a group.
 */
export function createBatcher<Item>(work: (items: Item[]) => void): (group: number, item: Item) => void {
  const waiting = new Map<number, Item[]>();

  function send(group: number): void {
    const items = waiting.get(group) ?? [];
    if (items.length === 0) {
      waiting.delete(group);
      return;
    }
    waiting.set(group, []);
    setTimeout(send, PAUSE_MS, group);
    work(items);
  }

  return (group, item) => {
    const items = waiting.get(group);
    if (items !== undefined) {
      items.push(item);
      return;
    }
    waiting.set(group, [item]);
    setImmediate(send, group);
  };
}
