import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RedisCommands } from '../../../src/adapters/redis/redis-client.js';
import { createLocationStore } from '../../../src/adapters/redis/location-store.js';
import { type LocationUpdate, toRecord } from '../../../src/domain/location-update.js';
import { systemClock } from '../../../src/time/clock.js';
import { names } from './redis-end.js';

/** Whatever bytes a key of the location store holds, reading them never fails, and the next update takes their place. */
export function anyBytes(open: () => Promise<{ commands: RedisCommands; close(): unknown }>): void {
  test('any bytes that are no record count as absent, and give way to the next update', async () => {
    const { commands, close } = await open();
    let unreadable = 0;
    const store = createLocationStore(commands, 60_000, names, systemClock, () => unreadable++);
    const update = (recordedAtMs: number): LocationUpdate => ({
      id: randomUUID(),
      latitude: 1e-7,
      longitude: -179.999999,
      accuracyMeters: 1.5e21,
      recordedAtMs,
      receivedAtMs: Date.now(),
    });
    const right = JSON.stringify(toRecord({ ...update(Date.now()), device: '0123456789ab' }));
    const foreign = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
      fc.nat(right.length - 1).map((length) => Buffer.from(right.slice(0, length))),
      fc
        .constantFrom(',2]', ',2,"0123456789ab"]', ']]', ',{}]', 'abc]', ',true]')
        .map((end) => Buffer.from(right.replace(/,1,"0123456789ab"\]$/, end))),
    );
    await fc.assert(
      fc.asyncProperty(foreign, async (bytes) => {
        const userId = randomUUID();
        await commands.set(names.locationKey(userId), bytes);
        await commands.set(names.devicesKey(userId), bytes);
        const before = unreadable;
        expect(await store.newest([userId])).toEqual([null]);
        expect(unreadable - before).toBe(1);
        expect(await store.sightings(userId)).toEqual({});
        const old = update(1_000);
        expect(await store.publish(userId, old)).toBe('published');
        expect(await store.newest([userId])).toEqual([expect.objectContaining(old)]);
      }),
      { numRuns: 50 },
    );
    await close();
  });

  test('a record of the release before has its place, its time and its device', async () => {
    const { commands, close } = await open();
    const store = createLocationStore(commands, 60_000, names, systemClock);
    const nowMs = Date.now();
    const place = { latitude: 48.2, longitude: 16.37, accuracyMeters: 5 };
    const known = { id: randomUUID(), ...place, recordedAtMs: nowMs, receivedAtMs: nowMs };
    const record = [nowMs, known.id, nowMs, place.latitude, place.longitude, place.accuracyMeters];
    for (const [ending, more] of [
      [[], {}],
      [[null, '0123456789ab'], { device: '0123456789ab' }],
    ] as const) {
      const userId = randomUUID();
      await commands.set(names.locationKey(userId), JSON.stringify([...record, ...ending]));
      expect(await store.newest([userId])).toEqual([{ ...known, ...more }]);
      const older = { ...known, id: randomUUID(), recordedAtMs: nowMs - 1 };
      expect(await store.publish(userId, older)).toBe('outdated');
      const other = { ...known, id: randomUUID(), recordedAtMs: nowMs + 1, device: 'ba9876543210' };
      const outcome = 'device' in more ? 'other-device' : 'published';
      expect(await store.publish(userId, { ...other, receivedAtMs: nowMs + 1 })).toBe(outcome);
    }
    await close();
  });
}
