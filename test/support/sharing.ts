/** A device that shares its location, and what a friend sees of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fix, LocationSource } from 'nearby-friends-client';
import { onTestFinished } from 'vitest';
import { move, type TestUser } from './api.js';
import { follow, type NearbyList } from './nearby-list.js';
import { HERE } from './sdk-client.js';
import { travel } from './sphere.js';

/** A device that tells of a fix when the test says so, and of none when it is asked. */
export interface PushingDevice extends LocationSource {
  push(fix: Fix): void;
}

export function pushingDevice(): PushingDevice {
  let onFix: (fix: Fix) => void = () => undefined;
  return {
    watch(listener) {
      onFix = listener;
      return () => (onFix = () => undefined);
    },
    current: () => new Promise(() => undefined),
    push(fix) {
      onFix(fix);
    },
  };
}

/** A fix so many metres east of HERE. */
export const eastOfHere = (meters: number, takenAtMs = Date.now()): Fix => ({
  ...travel(HERE, 90, meters),
  accuracyMeters: 5,
  takenAtMs,
});

/** The live list of a friend, who stays active HERE until the test has finished. */
export async function listOf(at: string, friend: TestUser): Promise<NearbyList> {
  let stopped = false;
  await move(at, friend, HERE);
  const staying = (async () => {
    for (; !stopped; await sleep(300)) await move(at, friend, HERE);
  })();
  onTestFinished(() => {
    stopped = true;
    return staying;
  });
  const list = follow(at, friend);
  await list.until(({ frames }) => frames.length > 0);
  return list;
}

/** The whole metres at which the list shows somebody. */
export const shownAt = ({ entries }: NearbyList): number[] =>
  [...entries.values()].map(({ distanceMeters }) => Math.round(distanceMeters));
