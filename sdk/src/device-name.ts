/** The name of this device, by which the server tells the devices of one user apart. */
import { randomId } from './random-id.js';
import type { TextStorage } from './tokens.js';

/**
 * Returns the name that the storage keeps for the device, a new one at first; undefined where it keeps none.
 */
export function keptDeviceName(storage: TextStorage | undefined): string | undefined {
  if (storage === undefined) return undefined;
  try {
    const kept = storage.getItem(KEPT_AS) ?? randomId();
    storage.setItem(KEPT_AS, kept);
    return kept;
  } catch {
    return undefined; // The storage is full or forbidden.
  }
}

const KEPT_AS = 'nearby-friends-device';
