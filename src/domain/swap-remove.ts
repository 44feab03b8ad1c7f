/** Removes the item at an index, and puts the last one in its place. */
export function swapRemove<T>(items: T[], index: number): void {
  const last = items.pop();
  if (last !== undefined && index < items.length) items[index] = last;
}
