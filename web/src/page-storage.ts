/**
 * localStorage, or memory for what the browser does not keep, as where site data are blocked or the storage is
 * full. Another page of the same origin, under another path, has a storage of its own.
 */
import type { TextStorage } from 'nearby-friends-client';

/** @param onNotKept called when something is kept in memory only; at once when the browser keeps nothing. */
export function openPageStorage(onNotKept: () => void): TextStorage {
  const inMemory = new Map<string, string>();
  const folder = new URL('.', location.href).pathname;
  const keyOf = (key: string): string => (folder === '/' ? key : `${folder} ${key}`);

  const storage: TextStorage = {
    getItem(key) {
      return inMemory.get(key) ?? attempt(() => localStorage.getItem(keyOf(key)));
    },
    setItem(key, value) {
      const isKept = attempt(() => {
        localStorage.setItem(keyOf(key), value);
        return true;
      });
      if (isKept === true) {
        inMemory.delete(key);
        return;
      }
      // An older value must not come back after a reload.
      storage.removeItem(key);
      inMemory.set(key, value);
      onNotKept();
    },
    removeItem(key) {
      inMemory.delete(key);
      attempt(() => {
        localStorage.removeItem(keyOf(key));
      });
    },
  };
  storage.setItem(TRIAL, '');
  storage.removeItem(TRIAL);
  return storage;
}

const TRIAL = 'nearby-friends-trial';

/** Returns null when the browser refuses. Where it blocks site data, even looking at localStorage throws. */
function attempt<Value>(use: () => Value): Value | null {
  try {
    return use();
  } catch {
    return null;
  }
}
