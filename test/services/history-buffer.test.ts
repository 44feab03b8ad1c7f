import { beforeEach, describe, expect, test } from 'vitest';
import {
  createHistoryBuffer,
  type HistoryBuffer,
  type HistoryResult,
  type HistoryRow,
} from '../../src/services/history-buffer.js';
import { createTickScheduler } from '../../src/services/tick-scheduler.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';

const LINGER_MS = 10;
const MAX_BATCH_ROWS = 5;
const MAX_ROWS = 20;
const MAX_ROWS_PER_USER = 18;
const DAY_MS = 86_400_000;

let clock: FakeClock;
let buffer: HistoryBuffer;
/** The ids of each commit that was tried, and when. */
let writes: { ids: string[]; atMs: number }[];
let failing: boolean;
/** Rows of this instant are of a day that somebody locks. */
let lockedAtMs: number | null;
let failures: number;
/** What the meter was told. */
let metered: (string | [rows: number, tookMs: number])[];
let writing: number;
let hold: Promise<void> | null;
let release: () => void;

beforeEach(() => {
  clock = createFakeClock(0);
  writes = [];
  failing = false;
  lockedAtMs = null;
  failures = 0;
  metered = [];
  writing = 0;
  hold = null;
  buffer = open(1);
});

/** @param everyMs from tick to tick. */
function open(everyMs: number): HistoryBuffer {
  return createHistoryBuffer({
    writer: {
      async write(rows) {
        writing += 1;
        expect(writing).toBeLessThanOrEqual(2);
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.length).toBeLessThanOrEqual(MAX_BATCH_ROWS);
        writes.push({ ids: rows.map(({ id }) => id), atMs: clock.now() });
        await hold;
        writing -= 1;
        if (failing) throw new Error('database down');
        if (rows.some(({ recordedAtMs }) => recordedAtMs === lockedAtMs)) throw new Error('locked');
        if (rows.some(({ id }) => id.startsWith('never'))) throw new Error('refused');
        return rows.map((row): HistoryResult => ({
          kind: row.id.startsWith('bad') ? 'conflict' : 'recorded',
        }));
      },
      failureOf: (error) => {
        const { message } = error as Error;
        return message === 'locked' || message === 'refused' ? message : 'database';
      },
    },
    clock,
    maxRows: MAX_ROWS,
    maxRowsPerUser: MAX_ROWS_PER_USER,
    maxBatchRows: MAX_BATCH_ROWS,
    lingerMs: LINGER_MS,
    ticks: createTickScheduler(everyMs, clock),
    meter: {
      full: () => metered.push('full'),
      fullForUser: () => metered.push('full for user'),
      givenUp: () => metered.push('given up'),
      committed: (rows, tookMs) => metered.push([rows, tookMs]),
    },
    onWriteFailed: () => failures++,
  });
}

function holdWrites(): void {
  hold = new Promise((resolve) => (release = resolve));
}

const row = (id: string, { userId = `user ${id}`, recordedAtMs = 0 } = {}): HistoryRow => ({
  userId,
  id,
  fingerprint: null,
  latitude: 1,
  longitude: 2,
  accuracyMeters: null,
  recordedAtMs,
  receivedAtMs: 0,
});

/** Records rows and notes the ids in the order in which they are answered. */
function record(from: number, to: number, answered: string[] = []): string[] {
  for (let nth = from; nth <= to; nth++) {
    void buffer.record(row(`${nth}`)).then(({ kind }) => answered.push(`${nth} ${kind}`));
  }
  return answered;
}

const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);
const committed = (): string[] => writes.flatMap((write) => write.ids);

describe('group commits', () => {
  test('take what comes within the time that the first row lingers', async () => {
    const answered = record(1, 2);
    await clock.advance(LINGER_MS - 1);
    record(3, 3, answered);
    expect(writes).toEqual([]);
    await clock.advance(1);
    expect(writes).toEqual([{ ids: ids(1, 3), atMs: LINGER_MS }]);
    await clock.advance(0);
    expect(answered).toEqual(['1 recorded', '2 recorded', '3 recorded']);
    expect([buffer.size, clock.pending]).toEqual([0, 0]);
  });

  test('are written in ticks, the first in which the first row has lingered', async () => {
    buffer = open(50);
    record(1, 1);
    await clock.advance(49);
    record(2, 2);
    await clock.advance(1);
    expect(writes).toEqual([{ ids: ids(1, 2), atMs: 50 }]);
    await clock.advance(50 - LINGER_MS + 1);
    record(3, 3);
    await clock.advance(LINGER_MS - 1);
    expect([writes.length, clock.now()]).toEqual([1, 100]);
    await clock.advance(50);
    expect(writes.at(-1)).toEqual({ ids: ['3'], atMs: 150 });
    expect(clock.pending).toBe(0);
  });

  test('are metered: how many rows, and how long it took', async () => {
    holdWrites();
    record(1, 3);
    await clock.advance(LINGER_MS + 40);
    expect(metered).toEqual([]);
    release();
    await settle();
    expect(metered).toEqual([[3, 40]]);
  });

  test('go out at once when they are full', async () => {
    record(1, MAX_BATCH_ROWS);
    await settle();
    expect(writes).toEqual([{ ids: ids(1, 5), atMs: 0 }]);
  });

  test('are one at a time while they keep up, the next one with all that came meanwhile', async () => {
    holdWrites();
    record(1, 1);
    await clock.advance(LINGER_MS);
    record(2, 5);
    await clock.advance(1_000);
    expect(committed()).toEqual(['1']);
    hold = null;
    release();
    await clock.advance(LINGER_MS);
    expect(writes.map((write) => write.ids)).toEqual([['1'], ids(2, 5)]);
    expect(buffer.size).toBe(0);
  });

  test('are two at a time for a backlog, in the order in which rows came', async () => {
    holdWrites();
    record(1, 17);
    await clock.advance(1_000);
    expect(writes.map((write) => write.ids)).toEqual([ids(1, 5), ids(6, 10)]);
    expect(buffer.size).toBe(17);
    hold = null;
    release();
    await clock.advance(LINGER_MS);
    await clock.advance(LINGER_MS);
    expect(writes.map((write) => write.ids.length)).toEqual([5, 5, 5, 2]);
    expect(committed()).toEqual(ids(1, 17));
    expect(buffer.size).toBe(0);
  });

  test('answer each row with its own result', async () => {
    const results = ['good', 'bad', 'fine'].map((id) => buffer.record(row(id)));
    await clock.advance(LINGER_MS);
    await clock.advance(0);
    expect(await Promise.all(results)).toEqual([
      { kind: 'recorded' },
      { kind: 'conflict' },
      { kind: 'recorded' },
    ]);
  });

  test('write a row that comes at the very end of a commit too', async () => {
    const answered: string[] = [];
    void buffer.record(row('1')).then(() => record(2, 2, answered));
    await clock.advance(LINGER_MS);
    await clock.advance(LINGER_MS * 2);
    await clock.advance(LINGER_MS * 2);
    expect(answered).toEqual(['2 recorded']);
  });
});

describe('a failed commit', () => {
  test('answers nobody, keeps the rows in order before those that come, and is tried again', async () => {
    failing = true;
    const answered = record(1, 3);
    await clock.advance(LINGER_MS);
    record(4, 4, answered);
    await clock.advance(50);
    expect([answered, buffer.size, failures]).toEqual([[], 4, 1]);
    failing = false;
    await clock.advance(50);
    await clock.advance(LINGER_MS);
    expect(writes.map((write) => write.ids)).toEqual([ids(1, 3), ids(1, 4)]);
    expect(answered).toEqual(ids(1, 4).map((id) => `${id} recorded`));
  });

  test('is tried again after twice the time, up to a second, however many rows come', async () => {
    failing = true;
    record(1, 1);
    for (let step = 0; step < 300; step++) {
      if (step < MAX_ROWS - 1) record(step + 2, step + 2);
      await clock.advance(100);
    }
    const gaps = writes.slice(1).map(({ atMs }, index) => atMs - (writes[index]?.atMs ?? 0));
    expect(gaps.slice(0, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(buffer.size).toBe(MAX_ROWS);
    failing = false;
    await clock.advance(6_000);
    expect(buffer.size).toBe(0);
    expect(committed().slice(-MAX_ROWS)).toEqual(ids(1, MAX_ROWS));
  });

  test('of two at once leaves the rows in order', async () => {
    failing = true;
    record(1, 12);
    await settle();
    expect([failures, buffer.size]).toEqual([2, 12]);
    expect(committed()).toEqual(ids(1, 10));
    writes = [];
    failing = false;
    await clock.advance(1_000);
    expect(committed()).toEqual(ids(1, 12));
    expect([buffer.size, clock.pending]).toEqual([0, 0]);
  });

  test('counts anew after one that succeeded', async () => {
    failing = true;
    record(1, 1);
    await clock.advance(LINGER_MS + 100 + 200);
    failing = false;
    await clock.advance(1_000);
    expect(buffer.size).toBe(0);
    failing = true;
    record(2, 2);
    await clock.advance(LINGER_MS);
    const { length } = writes;
    await clock.advance(100);
    expect(writes).toHaveLength(length + 1);
  });
});

describe('a full buffer', () => {
  test('refuses at once and loses nothing, until there is room', async () => {
    failing = true;
    record(1, MAX_ROWS);
    await clock.advance(LINGER_MS);
    expect(() => buffer.record(row('too many'))).toThrow(
      expect.objectContaining({ name: 'DomainError', kind: 'unavailable' }) as Error,
    );
    expect([buffer.size, metered]).toEqual([MAX_ROWS, ['full']]);
    failing = false;
    await clock.advance(6_000);
    const answered = record(21, 21);
    await clock.advance(LINGER_MS * 2);
    expect(answered).toEqual(['21 recorded']);
    expect(committed().slice(-21)).toEqual(ids(1, 21));
  });
});

describe('the share of a user', () => {
  test('is refused to be exceeded, all or nothing, while others are taken; written rows make room', async () => {
    failing = true;
    const ann = { userId: 'ann' };
    for (let nth = 1; nth < MAX_ROWS_PER_USER; nth++) void buffer.record(row(`${nth}`, ann));
    expect(() => buffer.recordAll([row('18', ann), row('19', ann)])).toThrow(
      expect.objectContaining({ name: 'DomainError', kind: 'unavailable' }) as Error,
    );
    void buffer.record(row('18', ann));
    expect(() => buffer.record(row('19', ann))).toThrow();
    void buffer.record(row('20'));
    expect([buffer.size, metered]).toEqual([19, ['full for user', 'full for user']]);
    failing = false;
    await clock.advance(2_000);
    const recording = buffer.recordAll(
      Array.from({ length: MAX_ROWS_PER_USER }, (_, nth) => row(`n${nth}`, ann)),
    );
    await clock.advance(1_000);
    expect(await Promise.all(recording)).toHaveLength(MAX_ROWS_PER_USER);
  });
});

describe('a row that the database refuses', () => {
  test('is found and given up; those beside it are recorded', async () => {
    const kinds = new Map<string, string>();
    for (const id of ['1', '2', 'never', '4', 'never too']) {
      void buffer.record(row(id)).then(({ kind }) => kinds.set(id, kind));
    }
    await clock.advance(LINGER_MS);
    expect(Object.fromEntries(kinds)).toEqual({
      '1': 'recorded',
      '2': 'recorded',
      '4': 'recorded',
      never: 'refused',
      'never too': 'refused',
    });
    expect(metered.filter((entry) => entry === 'given up')).toHaveLength(2);
    expect([buffer.size, failures, clock.pending]).toEqual([0, 2, 0]);
  });

  test('is not given up while the database is down', async () => {
    void buffer.record(row('never'));
    failing = true;
    await clock.advance(LINGER_MS + 5_000);
    expect([buffer.size, metered]).toEqual([1, []]);
  });
});

describe('a day that somebody locks', () => {
  const yesterday = { recordedAtMs: 0 };
  const today = { recordedAtMs: DAY_MS };

  function recordOf(day: { recordedAtMs: number }, ...names: string[]): string[] {
    const answered: string[] = [];
    for (const name of names) void buffer.record(row(name, day)).then(() => answered.push(name));
    return answered;
  }

  test('keeps its rows, and those alone, until it can be written', async () => {
    lockedAtMs = 0;
    const late = recordOf(yesterday, 'late');
    const first = recordOf(today, '1', '2');
    await clock.advance(LINGER_MS);
    expect([late, first]).toEqual([[], ['1', '2']]);
    const later = recordOf(yesterday, 'later');
    const next = recordOf(today, '3');
    writes = [];
    await clock.advance(LINGER_MS);
    // Nobody waits for the lock once it is known.
    expect(writes.map((write) => write.ids)).toEqual([['3']]);
    expect([late, later, next, buffer.size]).toEqual([[], [], ['3'], 2]);
    await clock.advance(10_000);
    expect([late, buffer.size]).toEqual([[], 2]);
    lockedAtMs = null;
    await clock.advance(1_000);
    await clock.advance(LINGER_MS);
    expect([late, later, buffer.size, clock.pending]).toEqual([['late'], ['later'], 0, 0]);
    const after = recordOf(yesterday, 'after');
    await clock.advance(LINGER_MS);
    expect(after).toEqual(['after']);
  });

  test('may be the newest', async () => {
    lockedAtMs = DAY_MS;
    const [old, young] = [recordOf(yesterday, 'old'), recordOf(today, 'young')];
    await clock.advance(3_000);
    expect([old, young]).toEqual([['old'], []]);
    lockedAtMs = null;
    await clock.advance(1_000);
    expect([young, buffer.size, clock.pending]).toEqual([['young'], 0, 0]);
  });

  test('keeps its rows when the database goes down, too', async () => {
    lockedAtMs = 0;
    const late = recordOf(yesterday, 'late');
    await clock.advance(LINGER_MS);
    failing = true;
    await clock.advance(5_000);
    expect([late, buffer.size]).toEqual([[], 1]);
    failing = false;
    lockedAtMs = null;
    await clock.advance(2_000);
    expect([late, buffer.size, clock.pending]).toEqual([['late'], 0, 0]);
  });

  test('is tried to the end while flushing, and leaves no timer after it', async () => {
    lockedAtMs = 0;
    recordOf(yesterday, 'late');
    let left: number | null = null;
    void buffer.flush(2_500).then((rows) => (left = rows));
    await clock.advance(2_000);
    expect(left).toBeNull();
    await clock.advance(1_000);
    expect(left).toBe(1);
    buffer.close();
    await clock.advance(5_000);
    expect(clock.pending).toBe(0);
  });
});

describe('flushing', () => {
  test('writes what is held at once', async () => {
    record(1, 12);
    record(13, 13);
    const flushed = buffer.flush(1_000);
    await clock.advance(100);
    expect(await flushed).toBe(0);
    expect(committed()).toEqual(ids(1, 13));
    expect(writes[0]?.atMs).toBe(0);
    expect(await buffer.flush(1_000)).toBe(0);
  });

  test('waits for the commit under way', async () => {
    holdWrites();
    record(1, 5);
    record(6, 6);
    const flushed = buffer.flush(1_000);
    hold = null;
    release();
    await clock.advance(100);
    expect(await flushed).toBe(0);
    expect(committed()).toEqual(ids(1, 6));
  });

  test('tries again until its deadline, and tells how many rows are left', async () => {
    failing = true;
    record(1, 3);
    let left: number | null = null;
    void buffer.flush(1_000).then((rows) => (left = rows));
    await clock.advance(900);
    expect(left).toBeNull();
    await clock.advance(200);
    expect(left).toBe(3);
    expect(writes.length).toBeGreaterThan(3);
  });

  test('gives up at its deadline when the database does not answer', async () => {
    holdWrites();
    record(1, 3);
    let left: number | null = null;
    void buffer.flush(1_000).then((rows) => (left = rows));
    await clock.advance(999);
    expect(left).toBeNull();
    await clock.advance(1);
    expect(left).toBe(3);
  });

  test('succeeds when the database comes back before the deadline', async () => {
    failing = true;
    record(1, 3);
    const flushed = buffer.flush(1_000);
    await clock.advance(450);
    failing = false;
    await clock.advance(200);
    expect(await flushed).toBe(0);
  });
});

test('closing leaves no timer', async () => {
  record(1, 1);
  expect(clock.pending).toBe(1);
  buffer.close();
  expect(clock.pending).toBe(0);
});

test('closing after a flush that gave up ends the attempts', async () => {
  failing = true;
  record(1, 1);
  void buffer.flush(200);
  await clock.advance(500);
  buffer.close();
  const { length } = writes;
  await clock.advance(60_000);
  expect(writes).toHaveLength(length);
  expect(clock.pending).toBe(0);
});
