import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CELL_ROWS } from '../../src/domain/approximate-place.js';
import { createGrid } from '../../src/domain/grid.js';
import { metersBetween, travel } from '../support/sphere.js';

const latitude = fc.oneof(
  fc.double({ min: -90, max: 90, noNaN: true }),
  fc.double({ min: 89.9, max: 90, noNaN: true }),
  fc.constantFrom(-90, -89.995, 0, 89.9, 90),
);
const longitude = fc.oneof(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.constantFrom(-180, -179.999, 0, 179.999, 180),
);
const place = fc.record({ latitude, longitude });

describe.each([400, CELL_ROWS])('a grid of %i rows', (rows) => {
  const grid = createGrid(rows);
  const heightMeters = 20_015_114 / rows;

  test('a place is in its cell, and in no other one', () => {
    fc.assert(
      fc.property(place, place, (at, other) => {
        const cell = grid.cellOf(at);
        expect(grid.isCell(cell)).toBe(true);
        expect(grid.cellOf(grid.middleOf(cell))).toBe(cell);
        expect(grid.metersBeyond(at, cell)).toBeLessThan(0.001);
        if (grid.cellOf(other) !== cell) expect(grid.metersBeyond(other, cell)).toBeGreaterThan(0);
      }),
    );
  });

  test('a cell is about as high as wide, in metres, and no place in it is far from its middle', () => {
    fc.assert(
      fc.property(place, (at) => {
        const cell = grid.cellOf(at);
        expect(metersBetween(at, grid.middleOf(cell))).toBeLessThan(heightMeters * 0.82);
        const half = grid.halfDiagonalMeters(cell) / heightMeters;
        const isCap = Math.abs(grid.middleOf(cell).latitude) === 90;
        expect(half).toBeCloseTo(isCap ? 0.5 : Math.SQRT1_2, 1);
      }),
    );
  });

  test('the distance to a cell is that to its nearest place: nothing of it is nearer, and some of it is as near', () => {
    const near = fc.record({
      bearing: fc.double({ min: 0, max: 360, noNaN: true }),
      cells: fc.double({ min: 0, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(place, near, near, (at, step, inside) => {
        const cell = grid.cellOf(at);
        const from = travel(grid.middleOf(cell), step.bearing, step.cells * heightMeters);
        const beyond = grid.metersBeyond(from, cell);
        const within = travel(grid.middleOf(cell), inside.bearing, (inside.cells * heightMeters) / 6);
        // Close to a pole the sides of a cell are no great circles: there a place may seem farther away than it is.
        const isPolar = Math.abs(grid.middleOf(cell).latitude) > 90 - 900 / rows;
        if (grid.cellOf(within) === cell && !isPolar)
          expect(metersBetween(from, within)).toBeGreaterThan(beyond - heightMeters / 500);
        expect(beyond).toBeGreaterThan((step.cells - 0.82) * heightMeters - 1);
      }),
    );
  });

  test('numbers that are no cells are known for it', () => {
    const last = grid.cellOf({ latitude: 90, longitude: 0 });
    for (const number of [-1, 0.5, 1, last + 1, last + 2 * rows, NaN, Infinity])
      expect(grid.isCell(number)).toBe(false);
    for (const number of [0, last]) expect(grid.isCell(number)).toBe(true);
  });
});
