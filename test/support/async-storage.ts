/** A storage like React Native's AsyncStorage: it answers later, as texts alone. */
import type { AsyncTextStorage } from 'nearby-friends-client';
import { deferred } from './deferred.js';

export interface SlowStorage extends AsyncTextStorage {
  readonly items: Map<string, string>;
  /** Keeps all answers back until it is called again with false. */
  hold(isHeld: boolean): void;
  /** Whether writes are refused. */
  isFull: boolean;
}

export function slowStorage(items = new Map<string, string>()): SlowStorage {
  let held = deferred<undefined>();
  held.resolve(undefined);
  const storage: SlowStorage = {
    items,
    isFull: false,
    hold(isHeld) {
      if (isHeld) held = deferred();
      else held.resolve(undefined);
    },
    async getItem(key) {
      await held.promise;
      return items.get(key) ?? null;
    },
    async setItem(key, value) {
      await held.promise;
      if (storage.isFull) throw new Error('full');
      items.set(key, value);
    },
    async removeItem(key) {
      await held.promise;
      items.delete(key);
    },
  };
  return storage;
}
