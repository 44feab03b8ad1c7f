/**
 * Divides the Earth into cells of some 50 km by 50 km: rows of equal height, of which each has as many equal cells as
 * fit along its parallel. Each pole lies in the middle of a cell of its own, and 180° west is 180° east.
 */
import type { GeoPoint } from './distance.js';

/** @returns the number of the point's cell, a whole number. */
export function cellOf({ latitude, longitude }: GeoPoint): number {
  const row = Math.round(((latitude + 90) / 180) * ROWS);
  const parallel = Math.cos((row / ROWS - 0.5) * Math.PI);
  const columns = Math.max(1, Math.round(COLUMNS_OF_EQUATOR * parallel));
  const column = Math.floor(((longitude + 180) / 360) * columns) % columns;
  return row * COLUMNS_OF_EQUATOR + column;
}

/** From pole to pole: 50 km each. The first and the last are half as high. */
const ROWS = 400;
const COLUMNS_OF_EQUATOR = 2 * ROWS;
