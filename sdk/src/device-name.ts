/** The name of this device, by which the server tells the devices of one user apart. */
import { type Awaitable, isPromise, whenThere } from './awaitable.js';
import type { AsyncTextStorage, TextStorage } from './tokens.js';

/**
 * Returns a function that gives the name that a storage keeps for the device, a new one at first; undefined where it
 * keeps none.
 */
export function createDeviceNames(newId: () => string): DeviceNames {
  /** Of asynchronous storages, so that all who ask before one has answered get the same name. */
  const asked = new Map<object, Promise<string | undefined>>();

  return (storage) => {
    if (storage === undefined) return undefined;
    const known = asked.get(storage);
    if (known !== undefined) return known;
    try {
      const name = whenThere(storage.getItem(KEPT_AS), (kept) => {
        const chosen = kept ?? newId();
        return whenThere<unknown, string>(storage.setItem(KEPT_AS, chosen), () => chosen);
      });
      if (!isPromise(name)) return name;
      const given = name.catch(() => undefined);
      asked.set(storage, given);
      return given;
    } catch {
      return undefined; // The storage is full or forbidden.
    }
  };
}

export type DeviceNames = (
  storage: TextStorage | AsyncTextStorage | undefined,
) => Awaitable<string | undefined>;

const KEPT_AS = 'nearby-friends-device';
