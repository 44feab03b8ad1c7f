/**
 * Divides the Earth into cells that are as wide as high: rows of equal height, of which each has as many equal cells
 * as fit along its parallel. Each pole lies in the middle of a round cell of its own, and 180° west is 180° east.
 */
import { distanceMeters, EARTH_RADIUS_METERS, type GeoPoint } from './distance.js';

/** @param rows from pole to pole, a whole number; the first and the last are half as high. */
export function createGrid(rows: number): Grid {
  const rowDegrees = 180 / rows;
  const columnsOfEquator = 2 * rows;

  const columnsOf = (row: number): number =>
    Math.max(1, Math.round(columnsOfEquator * Math.cos((row / rows - 0.5) * Math.PI)));

  function boundsOf(cell: number): Bounds {
    const row = Math.floor(cell / columnsOfEquator);
    const widthDegrees = 360 / columnsOf(row);
    const latitude = (row / rows) * 180 - 90;
    const longitude = ((cell % columnsOfEquator) + 0.5) * widthDegrees - 180;
    return { latitude, longitude, widthDegrees };
  }

  return {
    cellOf({ latitude, longitude }) {
      const row = Math.round(((latitude + 90) / 180) * rows);
      const columns = columnsOf(row);
      const column = Math.floor(((longitude + 180) / 360) * columns) % columns;
      return row * columnsOfEquator + column;
    },

    isCell(cell) {
      const row = Math.floor(cell / columnsOfEquator);
      return (
        Number.isSafeInteger(cell) && cell >= 0 && row <= rows && cell % columnsOfEquator < columnsOf(row)
      );
    },

    middleOf(cell) {
      const { latitude, longitude } = boundsOf(cell);
      return { latitude, longitude };
    },

    halfDiagonalMeters(cell) {
      const { latitude, widthDegrees } = boundsOf(cell);
      return (Math.hypot(rowDegrees, widthDegrees * Math.cos(latitude * RADIANS)) * METERS_PER_DEGREE) / 2;
    },

    metersBeyond(place, cell) {
      const { latitude, longitude, widthDegrees } = boundsOf(cell);
      const nearest = {
        latitude: clamp(place.latitude, latitude, rowDegrees / 2),
        longitude:
          longitude +
          clamp(((((place.longitude - longitude + 540) % 360) + 360) % 360) - 180, 0, widthDegrees / 2),
      };
      return distanceMeters(place, nearest);
    },
  };
}

export interface Grid {
  /** The number of the point's cell, a whole number. */
  cellOf(point: GeoPoint): number;
  /** Whether a number is that of a cell. */
  isCell(cell: number): boolean;
  middleOf(cell: number): GeoPoint;
  /** From the middle to a corner. */
  halfDiagonalMeters(cell: number): number;
  /** How far a place is from the nearest point of a cell; 0 inside. */
  metersBeyond(place: GeoPoint, cell: number): number;
}

interface Bounds extends GeoPoint {
  readonly widthDegrees: number;
}

const RADIANS = Math.PI / 180;
const METERS_PER_DEGREE = EARTH_RADIUS_METERS * RADIANS;

const clamp = (value: number, middle: number, half: number): number =>
  Math.min(Math.max(value, middle - half), middle + half);
