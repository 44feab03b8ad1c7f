import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  approximateAt,
  CELL_ROWS,
  type Cells,
  cellsToText,
  GREATEST_DISPLACEMENT_METERS,
  GREATEST_MARGIN_METERS,
  type Kept,
  LEAST_MARGIN_METERS,
  MINUTE_MS,
  nextCells,
  parseCells,
} from '../../src/domain/approximate-place.js';
import type { LocationUpdate } from '../../src/domain/location-update.js';
import { metersBetween, type Place, travel } from '../support/sphere.js';
import { uuidOf } from '../support/uuid.js';

const CELL_METERS = 20_015_114 / CELL_ROWS;
const START_MS = Date.UTC(2026, 10, 22, 12);

const anywhere = fc.record({
  latitude: fc.oneof(
    fc.double({ min: -90, max: 90, noNaN: true }),
    fc.double({ min: 89.98, max: 90, noNaN: true }),
    fc.constantFrom(-90, 0, 90),
  ),
  longitude: fc.oneof(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.constantFrom(-180, -179.9999, 0, 179.9999, 180),
  ),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 1, max: 90_000 }),
    meters: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 40_000 })),
    bearing: fc.integer({ min: 0, max: 359 }),
    chance,
  }),
  { minLength: 1, maxLength: 40 },
);

const keptAt = (cells: Cells | null, atMs: number): Kept | null =>
  cells && { cells, recordedAtMs: atMs, receivedAtMs: atMs };

interface Told extends Place {
  readonly recordedAtMs: number;
  readonly receivedAtMs: number;
}

/** What is told of an update at an instant. */
function told(place: Place, receivedAtMs: number, cells: Cells, nowMs: number): Told {
  const update: LocationUpdate = {
    id: uuidOf('me'),
    ...place,
    accuracyMeters: 3,
    recordedAtMs: receivedAtMs,
    receivedAtMs,
    cells: cellsToText(cells),
  };
  const shown = approximateAt(update, nowMs);
  if (shown === null) throw new Error('an approximate place was expected');
  return shown;
}

describe('a user who is shown approximately', () => {
  test('is never farther from the cell that was decided last than a cell and its margin, anywhere', () => {
    fc.assert(
      fc.property(anywhere, steps, (start, walk) => {
        let [place, atMs, known]: [Place, number, Kept | null] = [start, START_MS, null];
        for (const { afterMs, meters, bearing, chance } of walk) {
          [place, atMs] = [travel(place, bearing, meters), atMs + afterMs];
          const cells = nextCells(place, atMs, known, chance);
          known = keptAt(cells, atMs);
          const middle = told(place, atMs, cells, Infinity);
          expect(metersBetween(place, middle)).toBeLessThan(CELL_METERS * 0.82 + cells.marginMeters);
          expect(metersBetween(place, middle)).toBeLessThan(GREATEST_DISPLACEMENT_METERS);
        }
      }),
    );
  });

  test('stays in a cell up to the margin beyond its edge, and leaves it after that', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 60, 80, -80), chance, (latitude, drawn) => {
        const start = { latitude, longitude: 179.999 };
        const first = nextCells(start, START_MS, null, drawn);
        const { marginMeters } = first;
        const middle = told(start, START_MS, first, START_MS);
        const after = (meters: number) =>
          nextCells(travel(middle, 0, meters), START_MS, keptAt(first, START_MS), 0.5).cell;
        expect(after(CELL_METERS / 2 + marginMeters - 1)).toBe(first.cell);
        expect(after(CELL_METERS / 2 + marginMeters + 1)).not.toBe(first.cell);
      }),
    );
  });

  test('is told by the middle of a cell and full minutes, and by nothing else', () => {
    fc.assert(
      fc.property(anywhere, anywhere, fc.nat(59_999), chance, (one, other, ms, drawn) => {
        const cells = nextCells(one, START_MS, null, drawn);
        const shown = told(one, START_MS + ms, cells, START_MS + ms);
        // Wherever the user is in the cell, and however large its margin.
        expect(told(other, START_MS, { ...cells, marginMeters: 100 }, START_MS + 1)).toEqual(shown);
        expect(shown.recordedAtMs).toBe(START_MS);
        expect(shown.receivedAtMs).toBe(START_MS);
        expect(shown).toMatchObject({ isApproximate: true });
        expect(Math.abs(shown.latitude * 1e7 - Math.round(shown.latitude * 1e7))).toBeLessThan(1e-6);
      }),
    );
  });

  test('is told of the same all of a minute, by what was kept until then', () => {
    fc.assert(
      fc.property(anywhere, steps, (start, walk) => {
        let [place, atMs, cells]: [Place, number, Cells | null] = [start, START_MS, null];
        const byMinute = new Map<number, Told>();
        const tell = (nowMs: number, shown: Told): void => {
          const minute = Math.floor(nowMs / MINUTE_MS);
          expect(byMinute.get(minute) ?? shown).toEqual(shown);
          byMinute.set(minute, shown);
        };
        for (const { afterMs, meters, bearing, chance } of walk) {
          if (cells !== null) {
            // Whoever looks just before the next update sees it, too.
            tell(atMs + afterMs - 1, told(place, atMs, cells, atMs + afterMs - 1));
          }
          const known = keptAt(cells, atMs);
          [place, atMs] = [travel(place, bearing, meters), atMs + afterMs];
          cells = nextCells(place, atMs, known, chance);
          tell(atMs, told(place, atMs, cells, atMs));
          const minuteIsOver = (Math.floor(atMs / MINUTE_MS) + 1) * MINUTE_MS;
          expect(told(place, atMs, cells, minuteIsOver)).toEqual(told(place, atMs, cells, Infinity));
        }
      }),
    );
  });
});

test('margins are within their limits, differ from one cell to the next, and take all values', () => {
  const start = { latitude: 48, longitude: 16 };
  let cells = nextCells(start, START_MS, null, Math.random());
  const margins = [cells.marginMeters];
  for (let nth = 1; nth < 5_000; nth++) {
    const [place, atMs] = [travel(start, 90, (nth % 2) * 10_000), START_MS + nth * MINUTE_MS];
    cells = nextCells(place, atMs, keptAt(cells, atMs - MINUTE_MS), Math.random());
    margins.push(cells.marginMeters);
  }
  const same = margins.filter((margin, nth) => margin === margins[nth - 1]);
  expect(same.length).toBeLessThan(5_000 / 50);
  expect(Math.min(...margins)).toBeGreaterThanOrEqual(LEAST_MARGIN_METERS);
  expect(Math.max(...margins)).toBeLessThanOrEqual(GREATEST_MARGIN_METERS);
  for (let from = LEAST_MARGIN_METERS; from < GREATEST_MARGIN_METERS; from += 200) {
    const share = margins.filter((margin) => margin >= from && margin < from + 200).length / 5_000;
    expect(share, `from ${from} m`).toBeGreaterThan(0.05);
  }
});

test('cells are read as they were written, and what is no cell is nothing', () => {
  fc.assert(
    fc.property(anywhere, anywhere, chance, fc.nat(), (one, other, drawn, ms) => {
      const first = nextCells(one, ms, null, drawn);
      const second = nextCells(other, ms, keptAt(first, ms), drawn);
      for (const cells of [first, second]) expect(parseCells(cellsToText(cells))).toEqual(cells);
    }),
  );
  for (const text of [
    undefined,
    '',
    '~',
    '0,200,0,0,0,0',
    '~1,200,0,1,0,0',
    '~0,200,0,999999999,0,0',
    '~0,-1,0,0,0,0',
    '~0,200,0,0,0',
    '~0,200,0,0',
  ])
    expect(parseCells(text)).toBeNull();
});
