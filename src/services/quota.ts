/**
 * Limits how many things of a kind each key holds at a time, such as the sockets of a user, on this server. A key
 * that holds none takes no memory.
 */

/** @param limit of one key, 1 or more. */
export function createQuota(limit: number): Quota {
  const held = new Map<string, number>();

  const hasRoom = (key: string): boolean => (held.get(key) ?? 0) < limit;

  return {
    hasRoom,

    take(key) {
      if (!hasRoom(key)) return false;
      held.set(key, (held.get(key) ?? 0) + 1);
      return true;
    },

    release(key) {
      const count = held.get(key) ?? 0;
      if (count > 1) held.set(key, count - 1);
      else held.delete(key);
    },
  };
}

export interface Quota {
  hasRoom(key: string): boolean;
  /** Takes one, to be released once. @returns false when the key holds its limit already. */
  take(key: string): boolean;
  release(key: string): void;
}
