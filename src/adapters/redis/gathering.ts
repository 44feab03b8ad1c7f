/** Long enough to make large pieces of many small ones under load, short beside what a start of a list takes. */
const PAUSE_MS = 50;

/**
 * Work that costs by the piece rather than by the item, as commands to Redis do: of each group the first item goes with
 * the others of its turn of the event loop, what comes within 50 ms after that waits for their end and goes together. So
 * the pieces grow with the load.
 * @returns adds an item to a group.
 */
export function createGathering<Item>(work: (items: Item[]) => void): (group: number, item: Item) => void {
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
