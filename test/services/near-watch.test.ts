import { beforeEach, describe, expect, it } from 'vitest';
import type { Friend } from '../../src/domain/friendship.js';
import type { FrameSink } from '../../src/services/frame-sink.js';
import { createNearWatch, type NearWatch } from '../../src/services/near-watch.js';
import type { ListRadius } from '../../src/services/nearby-friends.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';

const TTL_MS = 600_000;
const ADA = { id: 'ada', handle: 'ada', displayName: 'Ada' };

let clock: FakeClock;
let radii: Map<string, number>;
let reads: number;
let lists: { radius: ListRadius; sink: FrameSink; isOpen: boolean }[];
let friend: Friend | null;
let counted: Promise<number | null>;
let sent: unknown[];
let failures: number;
let full: number;
let watch: NearWatch;

beforeEach(() => {
  clock = createFakeClock();
  [radii, reads, lists, sent, failures, full] = [new Map([['ada', 500]]), 0, [], [], 0, 0];
  const sharing = { enabled: true, untilMs: null, maxRadiusMeters: null, precision: 'EXACT' } as const;
  friend = { card: ADA, sharing, exception: null };
  counted = Promise.resolve(null);
  watch = createNearWatch({
    store: {
      radiiOf: async () => {
        reads += 1;
        return new Map(radii);
      },
    },
    lists: {
      subscribeSink(_viewer, radius, sink) {
        const list = { radius, sink, isOpen: true };
        lists.push(list);
        return { resume: () => undefined, end: () => void (list.isOpen = false) };
      },
    },
    friends: { relations: async () => [friend] },
    oncePerHour: { count: () => counted },
    push: { send: (userId, message) => void sent.push([userId, message]) },
    locationTtlMs: TTL_MS,
    clock,
    onFailed: () => (failures += 1),
    onFull: () => (full += 1),
  });
});

const settle = () => clock.advance(0);
const open = () => lists.filter(({ isOpen }) => isOpen);

async function report(userId = 'bob'): Promise<void> {
  watch.reported(userId);
  await settle();
}

async function comes(distanceMeters = 100): Promise<void> {
  const nearby = [{ friend: ADA, distanceMeters, location: null as never }];
  open()[0]?.sink.send({ snapshot: false, nearby, left: [], origin: null });
  await settle();
}

describe('near watch', () => {
  it('asks for the alerts of a user with the first update, and a minute later again', async () => {
    for (let update = 0; update < 3; update++) await report();
    expect([reads, watch.size]).toEqual([1, 1]);
    expect(lists[0]?.radius.radiusMeters).toBe(500);
    await clock.advance(61_000);
    radii.set('eve', 2_000);
    await report();
    expect([reads, watch.size]).toEqual([2, 1]);
    expect(open().map(({ radius }) => radius.radiusMeters)).toEqual([2_000]);
  });

  it('asks only every ten minutes for who has none', async () => {
    radii.clear();
    for (let minute = 0; minute <= 11; minute++) {
      await report();
      await clock.advance(60_000);
    }
    expect(reads).toBe(2);
  });

  it('keeps no list for who has no alert, and ends it with the last', async () => {
    radii.clear();
    await report();
    expect(lists).toEqual([]);
    radii.set('ada', 100);
    watch.changed('bob');
    await settle();
    expect(open()).toHaveLength(1);
    radii.clear();
    watch.changed('bob');
    await settle();
    expect([open().length, watch.size]).toEqual([0, 0]);
  });

  it('ends when no update came for as long as a location lasts, and begins anew with the next', async () => {
    await report();
    await clock.advance(TTL_MS - 1_000);
    await report();
    await clock.advance(TTL_MS - 1_000);
    expect(watch.size).toBe(1);
    await clock.advance(60_000);
    expect([open().length, watch.size]).toEqual([0, 0]);
    await report();
    expect(watch.size).toBe(1);
  });

  it('tells who comes, once until the friend was away, also when the alerts change', async () => {
    await report();
    await comes();
    await comes(50);
    expect(sent).toEqual([['bob', { kind: 'near', friend: { id: 'ada', displayName: 'Ada' } }]]);
    radii.set('ada', 600);
    watch.changed('bob');
    await settle();
    await comes(550);
    expect(sent).toHaveLength(1);
    await comes(900);
    await comes(550);
    expect(sent).toHaveLength(2);
  });

  it('tells nothing that cannot be counted, was told in this hour, or is not to be seen by now', async () => {
    await report();
    counted = Promise.resolve(1_000);
    await comes();
    await comes(900);
    counted = Promise.reject(new Error('Redis is away'));
    counted.catch(() => undefined);
    await comes();
    expect(failures).toBe(1);
    await comes(900);
    counted = Promise.resolve(null);
    friend = friend && { ...friend, sharing: { ...friend.sharing, enabled: false } };
    await comes();
    await comes(900);
    friend = null;
    await comes();
    expect(sent).toEqual([]);
  });

  it('watches for a bounded number of users, and for nobody after closing', async () => {
    for (let user = 0; user < 10_001; user++) watch.reported(`user ${user}`);
    await settle();
    expect([watch.size, full]).toEqual([10_000, 1]);
    watch.close();
    expect([open().length, watch.size]).toEqual([0, 0]);
  });
});
