import { beforeEach, describe, expect, test } from 'vitest';
import { deviceTag, fingerprintOf } from '../../src/adapters/fingerprint.js';
import { DomainError } from '../../src/domain/errors.js';
import type { LocationUpdate } from '../../src/domain/location-update.js';
import type { HistoryResult, HistoryRow } from '../../src/services/history-buffer.js';
import {
  createPublishLocation,
  type PublishLocation,
  type TraceUpdate,
} from '../../src/services/publish-location.js';
import { createTickScheduler, type TickScheduler } from '../../src/services/tick-scheduler.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';

const WAIT_MS = 2_000;
const TTL_MS = 600_000;
const DAY_MS = 86_400_000;
const ANN = { userId: 'ann', sessionId: null, expiresAtMs: Infinity, keyId: null };
const PLACE = { latitude: 37.98, longitude: 23.73 };
const ID = '018f2a50-1111-7222-8333-abcdefabcdef';

let clock: FakeClock;
let publish: PublishLocation['publish'];
let publishAll: PublishLocation['publishAll'];
let published: [userId: string, update: LocationUpdate][];
let delivered: [userId: string, update: LocationUpdate][];
let cleared: string[];
/** Whether the row was committed, of each update that was answered. */
let metered: boolean[];
let rows: HistoryRow[];
/** Answers the row that was recorded last. */
let answer: (result: HistoryResult) => void;
let record: (row: HistoryRow) => Promise<HistoryResult>;
let liveFails: boolean;
let liveFailures: number;
let createWith: (ticks: TickScheduler | null, trace?: TraceUpdate) => PublishLocation;
/** What the history knows of ids. */
let claims: Map<string, string>;
let historyAnswers: boolean;
/** The locations of each call that was counted. */
let admitted: number[];
let isTooFast: boolean;

beforeEach(() => {
  clock = createFakeClock();
  [published, delivered, cleared, rows, metered] = [[], [], [], [], []];
  [liveFails, liveFailures] = [false, 0];
  [claims, historyAnswers] = [new Map(), true];
  [admitted, isTooFast] = [[], false];
  record = (row) => {
    rows.push(row);
    return new Promise((resolve) => (answer = resolve));
  };
  createWith = (ticks, trace) =>
    createPublishLocation({
      store: {
        async publish(userId, update) {
          if (liveFails) throw new Error('Redis down');
          published.push([userId, update]);
        },
        async clear(userId) {
          if (liveFails) throw new Error('Redis down');
          cleared.push(userId);
          return true;
        },
      },
      dispatcher: { receiveOwn: (userId, update) => void delivered.push([userId, update]) },
      history: { record: (row) => record(row), recordAll: (all) => all.map((row) => record(row)) },
      fingerprintsOf: async () => {
        if (!historyAnswers) throw new Error('PostgreSQL down');
        return claims;
      },
      limit: {
        admit: (_userId, locations) => void admitted.push(locations),
        believe() {
          if (isTooFast) throw new DomainError('rate-limited', 'Too fast.');
        },
      },
      clock,
      ticks,
      retentionMs: 90 * DAY_MS,
      locationTtlMs: TTL_MS,
      commitWaitMs: WAIT_MS,
      newId: () => 'server-id',
      fingerprint: fingerprintOf,
      deviceTag,
      meter: { answered: (recorded) => void metered.push(recorded) },
      trace: trace ?? null,
      onReported: null,
      onPublishFailed: () => liveFailures++,
      onReadFailed: () => undefined,
    });
  ({ publish, publishAll } = createWith(null));
});

describe('a location update', () => {
  test('that is followed is published with its span, which has a part for each path; the row does not have it', async () => {
    const parts: string[] = [];
    const follow: TraceUpdate = (work) =>
      work({
        traceparent: 'the span',
        child: async (name, promise) => {
          const outcome = await promise.then(
            () => 'done',
            () => 'failed',
          );
          parts.push(`${name} ${outcome}`);
          return promise;
        },
      });
    const answered = createWith(null, follow).publish(ANN, PLACE);
    await settle();
    answer({ kind: 'recorded' });
    expect((await answered).location).not.toHaveProperty('traceparent');
    expect(published).toEqual([['ann', { ...(await answered).location, traceparent: 'the span' }]]);
    expect(delivered).toEqual(published);
    expect(rows[0]).not.toHaveProperty('traceparent');
    liveFails = true;
    const untold = createWith(null, follow).publish(ANN, PLACE);
    await settle();
    answer({ kind: 'recorded' });
    expect(await untold).toMatchObject({ recorded: true });
    expect(parts).toEqual(['publish done', 'history commit done', 'publish failed', 'history commit done']);
  });

  test('is told and recorded alike, and answered when it is committed', async () => {
    let answered: unknown = null;
    void publish(ANN, { ...PLACE, accuracyMeters: 5 }).then((result) => (answered = result));
    await settle();
    const update = {
      ...PLACE,
      id: 'server-id',
      accuracyMeters: 5,
      recordedAtMs: clock.now(),
      receivedAtMs: clock.now(),
    };
    expect(published).toEqual([['ann', update]]);
    expect(delivered).toEqual(published);
    expect(rows).toEqual([{ ...update, userId: 'ann', fingerprint: null }]);
    expect(answered).toBeNull();
    answer({ kind: 'recorded' });
    await settle();
    expect(answered).toEqual({ location: update, recorded: true });
    expect(clock.pending).toBe(0);
  });

  test('is published before the history has answered, and answered as not recorded when that takes too long', async () => {
    let answered: unknown = null;
    void publish(ANN, PLACE).then((result) => (answered = result));
    await clock.advance(WAIT_MS - 1);
    expect(published).toHaveLength(1);
    expect(answered).toBeNull();
    await clock.advance(1);
    expect(answered).toMatchObject({ recorded: false, location: PLACE });
    answer({ kind: 'recorded' });
    await settle();
    expect(clock.pending).toBe(0);
  });

  test('is published in the next tick where there are ticks, but given to the history at once', async () => {
    ({ publish } = createWith(createTickScheduler(50, clock)));
    let answered: unknown = null;
    void publish(ANN, PLACE).then((result) => (answered = result));
    expect(rows).toHaveLength(1);
    answer({ kind: 'recorded' });
    await clock.advance(49);
    expect([published, answered]).toEqual([[], null]);
    await clock.advance(1);
    expect(published).toHaveLength(1);
    expect(answered).toMatchObject({ recorded: true });
    expect(clock.pending).toBe(0);
  });

  test('is recorded when friends can not be told', async () => {
    liveFails = true;
    const publishing = publish(ANN, PLACE);
    answer({ kind: 'recorded' });
    expect(await publishing).toMatchObject({ recorded: true });
    expect(liveFailures).toBe(1);
  });

  test('is answered in time when Redis takes long, and friends are told all the same', async () => {
    let told = (): void => undefined;
    const slow = createWith(null, async (work) =>
      work({
        traceparent: undefined,
        child: (name, promise) =>
          name === 'publish' ? new Promise((resolve) => (told = () => resolve(promise))) : promise,
      }),
    );
    let answered: unknown = null;
    void slow.publish(ANN, PLACE).then((result) => (answered = result));
    await settle();
    answer({ kind: 'recorded' });
    await clock.advance(WAIT_MS - 1);
    expect([answered, published.length]).toEqual([null, 1]);
    await clock.advance(1);
    expect(answered).toMatchObject({ recorded: true });
    told();
    await settle();
    expect(liveFailures).toBe(0);
  });

  test('that can not even be held is refused, and nobody is told', async () => {
    record = () => {
      throw new DomainError('unavailable', 'full');
    };
    await expect(publish(ANN, PLACE)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(published).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('that is not valid is neither published nor recorded', async () => {
    for (const input of [
      { ...PLACE, latitude: NaN },
      { ...PLACE, recordedAtMs: clock.now() + 60_001 },
      { ...PLACE, recordedAtMs: clock.now() - 90 * DAY_MS - 1 },
      { ...PLACE, id: 'x' },
    ]) {
      await expect(publish(ANN, input)).rejects.toMatchObject({ kind: 'invalid' });
    }
    expect([published, rows]).toEqual([[], []]);
  });

  test('from a clock that leads counts as now', async () => {
    void publish(ANN, { ...PLACE, recordedAtMs: clock.now() + 60_000 });
    expect(published[0]?.[1]).toMatchObject({ recordedAtMs: clock.now(), receivedAtMs: clock.now() });
    expect(rows[0]?.recordedAtMs).toBe(clock.now());
  });

  test('that is late keeps its time; when it was received is now', () => {
    void publish(ANN, { ...PLACE, recordedAtMs: clock.now() - TTL_MS });
    expect(published[0]?.[1]).toMatchObject({
      recordedAtMs: clock.now() - TTL_MS,
      receivedAtMs: clock.now(),
    });
  });

  test('that is older than the TTL goes to the history alone', () => {
    void publish(ANN, { ...PLACE, recordedAtMs: clock.now() - TTL_MS - 1 });
    expect([published, delivered]).toEqual([[], []]);
    expect(rows).toMatchObject([{ recordedAtMs: clock.now() - TTL_MS - 1 }]);
  });

  test('of a device that is still there is published each time, however old the fix is, and written once more', async () => {
    record = async (row) => {
      rows.push(row);
      return { kind: 'recorded' };
    };
    const fix = { ...PLACE, id: ID, recordedAtMs: clock.now() };
    void publish(ANN, fix);
    for (let hour = 1; hour <= 3; hour++) {
      await clock.advance(6 * TTL_MS);
      void publish(ANN, { ...fix, stillHere: true });
      expect(published.at(-1)?.[1]).toMatchObject({
        id: ID,
        stillHere: true,
        recordedAtMs: fix.recordedAtMs,
        receivedAtMs: clock.now(),
      });
    }
    expect(published).toHaveLength(4);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.fingerprint).toBe(rows[0]?.fingerprint);
    // Other contents under the same id are written, so that the history can refuse them.
    await publish(ANN, { ...fix, latitude: 1, stillHere: true });
    expect(rows).toHaveLength(3);
  });

  test('of a device that is still there since before the history began is published, and not written', async () => {
    const fix = { ...PLACE, id: ID, recordedAtMs: clock.now() - 91 * DAY_MS, stillHere: true };
    expect(await publish(ANN, fix)).toMatchObject({ recorded: true, location: { id: ID } });
    record = async (row) => {
      rows.push(row);
      return { kind: 'recorded' };
    };
    expect(
      await publishAll(ANN, [{ ...PLACE, recordedAtMs: 91 * DAY_MS }, fix]).catch(() => null),
    ).toBeNull();
    const answers = await publishAll(ANN, [fix, { ...PLACE, recordedAtMs: clock.now() - DAY_MS }, fix]);
    expect(answers.map(({ location }) => location.recordedAtMs)).toEqual(
      [91, 1, 91].map((days) => clock.now() - days * DAY_MS),
    );
    expect(published).toHaveLength(2);
    expect(rows.map(({ recordedAtMs }) => recordedAtMs)).toEqual([clock.now() - DAY_MS]);
  });

  test('of a device with a name bears a short form of it', () => {
    for (const device of ['a phone', 'a phone', 'a tablet']) void publish(ANN, { ...PLACE, device });
    const [first, second, other] = published.map(([, { device }]) => device);
    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('updates in a batch', () => {
  const OTHER_ID = '028f2a50-1111-7222-8333-abcdefabcdef';

  test('are all recorded and answered in their order, and the newest is published', async () => {
    record = async (row) => {
      rows.push(row);
      return { kind: 'recorded' };
    };
    const ages = [120_000, 1_000, 3_600_000, 60_000];
    const answers = await publishAll(
      ANN,
      ages.map((ageMs) => ({ ...PLACE, recordedAtMs: clock.now() - ageMs })),
    );
    expect(answers.map(({ location }) => clock.now() - location.recordedAtMs)).toEqual(ages);
    expect(rows).toHaveLength(4);
    expect(published.map(([, { recordedAtMs }]) => clock.now() - recordedAtMs)).toEqual([1_000]);
    expect(metered).toEqual([true, true, true, true]);
  });

  test('that are all older than the TTL are published none; no updates are no error', async () => {
    record = async () => ({ kind: 'recorded' });
    await publishAll(ANN, [{ ...PLACE, recordedAtMs: clock.now() - TTL_MS - 1 }]);
    expect(await publishAll(ANN, [])).toEqual([]);
    expect(published).toEqual([]);
  });

  test.each<[string, object]>([
    ['a place that is none', { latitude: 91 }],
    ['a time that is ahead', { recordedAtMs: Infinity }],
  ])('%s refuses them all, with the index of each', async (_name, wrong) => {
    const inputs = [PLACE, PLACE, { ...PLACE, ...wrong }, PLACE, { ...PLACE, accuracyMeters: -1 }];
    await expect(publishAll(ANN, inputs)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/^inputs\[2\]: \w/),
      indexes: [2, 4],
    });
    expect([published, rows]).toEqual([[], []]);
  });

  test('with an id that stands for other contents, in the history or in the batch, are all refused', async () => {
    claims.set(ID, 'other contents');
    await expect(publishAll(ANN, [PLACE, { ...PLACE, id: ID }])).rejects.toMatchObject({
      kind: 'conflict',
      indexes: [1],
    });
    const twice = [
      { ...PLACE, id: OTHER_ID },
      { ...PLACE, latitude: 1, id: OTHER_ID },
    ];
    await expect(publishAll(ANN, twice)).rejects.toMatchObject({ kind: 'conflict', indexes: [1] });
    expect([published, rows]).toEqual([[], []]);
  });

  test('of more than 500 are refused', async () => {
    await expect(publishAll(ANN, Array(501).fill(PLACE))).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('are held and published while the history does not answer', async () => {
    historyAnswers = false;
    const answered = publishAll(ANN, [{ ...PLACE, id: ID }, PLACE]);
    await clock.advance(WAIT_MS);
    expect((await answered).map(({ recorded }) => recorded)).toEqual([false, false]);
    expect([published.length, rows.length]).toEqual([1, 2]);
  });
});

describe('an update with an id of the client', () => {
  test('bears it everywhere; the same contents give the same fingerprint at any time', async () => {
    void publish(ANN, { ...PLACE, id: ID.toUpperCase() });
    await clock.advance(500);
    void publish(ANN, { ...PLACE, id: ID });
    expect(published.map(([, { id }]) => id)).toEqual([ID]);
    expect(rows.map(({ id }) => id)).toEqual([ID, ID]);
    expect(rows[0]?.fingerprint).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(rows[1]?.fingerprint).toBe(rows[0]?.fingerprint);
    for (const other of [
      { ...PLACE, latitude: 37.99 },
      { ...PLACE, longitude: 0 },
      { ...PLACE, accuracyMeters: 0 },
      { ...PLACE, recordedAtMs: clock.now() },
    ]) {
      void publish(ANN, { ...other, id: ID });
      expect(rows.at(-1)?.fingerprint).not.toBe(rows[0]?.fingerprint);
    }
  });

  test('a retry is published once, so that it moves nobody back who has moved on since', async () => {
    for (const [id, latitude] of [
      [ID, 1],
      ['028f2a50-1111-7222-8333-abcdefabcdef', 2],
      [ID, 1],
    ] as const) {
      const answered = publish(ANN, { latitude, longitude: 0, id });
      answer({ kind: 'recorded' });
      await answered;
    }
    expect(published.map(([, { latitude }]) => latitude)).toEqual([1, 2]);
    expect(rows).toHaveLength(3);
  });

  test('a retry is known as one after a backlog that is longer than the memory for ids', async () => {
    record = async () => ({ kind: 'recorded' });
    const fix = { ...PLACE, id: ID, recordedAtMs: clock.now() };
    await publish(ANN, fix);
    await publish(ANN, { ...PLACE, latitude: 1, recordedAtMs: clock.now() });
    const idOf = (nth: number): string => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;
    for (let nth = 0; nth < 50_000; nth += 500) {
      const recordedAtMs = clock.now() - TTL_MS - 1;
      const backlog = Array.from({ length: 500 }, (_, index) => ({
        ...PLACE,
        id: idOf(nth + index),
        recordedAtMs,
      }));
      await publishAll(ANN, backlog);
    }
    await publish(ANN, fix);
    expect(published).toHaveLength(2);
  });

  test('that was recorded before is answered with the time of then', async () => {
    const publishing = publish(ANN, { ...PLACE, id: ID });
    answer({ kind: 'duplicate', recordedAtMs: 1_234 });
    expect(await publishing).toMatchObject({ recorded: true, location: { id: ID, recordedAtMs: 1_234 } });
  });

  test('that stands for other contents is a conflict', async () => {
    const publishing = publish(ANN, { ...PLACE, id: ID });
    answer({ kind: 'conflict' });
    await expect(publishing).rejects.toMatchObject({ kind: 'conflict' });
  });
});

describe('over a limit', () => {
  test('each call is counted with its locations, and a place that can not be is neither recorded nor shown', async () => {
    isTooFast = true;
    const refused = { kind: 'rate-limited' };
    await expect(publish(ANN, { ...PLACE, id: ID })).rejects.toMatchObject(refused);
    await expect(publishAll(ANN, [PLACE, { ...PLACE, id: ID }])).rejects.toMatchObject(refused);
    expect(admitted).toEqual([1, 2]);
    expect([rows, published, delivered]).toEqual([[], [], []]);
    // What is long ago is shown to nobody, and so not judged.
    const answered = publish(ANN, { ...PLACE, recordedAtMs: clock.now() - TTL_MS - 1 });
    answer({ kind: 'recorded' });
    await answered;
    expect(rows).toHaveLength(1);
    // Sent again when it can be, the same location is no retry: it is shown.
    isTooFast = false;
    const again = publish(ANN, { ...PLACE, id: ID });
    await settle();
    answer({ kind: 'recorded' });
    expect(await again).toMatchObject({ recorded: true, location: { id: ID } });
    expect(published).toHaveLength(1);
  });
});

describe('a location that is taken back', () => {
  test('is forgotten, which fails when that can not be done yet', async () => {
    const { clear } = createWith(null);
    expect(await clear(ANN)).toBe(true);
    expect(cleared).toEqual(['ann']);
    liveFails = true;
    await expect(clear(ANN)).rejects.toThrow('Redis down');
  });
});

describe('a user who is gone', () => {
  test('is signed in no more, and the location is forgotten', async () => {
    const publishing = publish(ANN, PLACE);
    answer({ kind: 'unknown-user' });
    await expect(publishing).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(cleared).toEqual(['ann']);
  });

  test('is published so also when the location can not be forgotten', async () => {
    liveFails = true;
    const publishing = publish(ANN, PLACE);
    answer({ kind: 'unknown-user' });
    await expect(publishing).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(liveFailures).toBe(2);
  });
});
