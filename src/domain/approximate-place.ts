/**
 * Where friends see a user who is shown approximately: in the middle of a cell of about a kilometre. The cell is decided
 * once, when a location is kept, for all friends on all servers. It is left only some way beyond its edge, by a
 * margin that is another one for each cell, and another cell is shown from the next full minute on. So neither the
 * crossing nor its time tells on which line the user is. The script of adapters/redis/location-store.ts repeats
 * `nextCells`. docs/approximate-places.md says what friends can find out.
 */
import type { GeoPoint } from './distance.js';
import { createGrid } from './grid.js';
import type { LocationUpdate } from './location-update.js';
import { roundDegrees } from './rounding.js';

/** In which cell a user is shown. */
export interface Cells {
  readonly cell: number;
  /** How far beyond the cell's edge the user stays in it, whole metres. Nobody but servers knows it. */
  readonly marginMeters: number;
  /** A full minute, milliseconds since the epoch, from which on `cell` is shown; 0 for a user who came. */
  readonly fromMs: number;
  /** What is shown until then. */
  readonly before: number;
}

/**
 * The cells after an update.
 * @param known null for a user who comes, of whom nothing was kept.
 * @param chance of which the margin of another cell is made, from 0 to below 1: drawn for this call, at random.
 */
export function nextCells(
  place: GeoPoint & { readonly receivedAtMs: number },
  known: Cells | null,
  chance: number,
): Cells {
  const cell = GRID.cellOf(place);
  if (known === null) return { cell, marginMeters: nextMargin(null, chance), fromMs: 0, before: cell };
  if (cell === known.cell || GRID.metersBeyond(place, known.cell) <= known.marginMeters) return known;
  const fromMs = minuteOf(place.receivedAtMs) + MINUTE_MS;
  // Whoever crosses twice in a minute was shown in neither cell yet.
  const before = known.fromMs === fromMs ? known.before : known.cell;
  return { cell, marginMeters: nextMargin(known.marginMeters, chance), fromMs, before };
}

/**
 * An update as it is shown approximately at an instant. It is the same at each instant of a minute. Null for an
 * update without cells: a server of the release before kept it, or nobody has yet.
 */
export function approximateAt(update: LocationUpdate, nowMs: number): LocationUpdate | null {
  const cells = parseCells(update.cells);
  if (cells === null) return null;
  const cell = nowMs < cells.fromMs ? cells.before : cells.cell;
  const { latitude, longitude } = GRID.middleOf(cell);
  return {
    id: update.id,
    latitude: roundDegrees(latitude),
    longitude: roundDegrees(longitude),
    accuracyMeters: Math.round(GRID.halfDiagonalMeters(cell)),
    recordedAtMs: minuteOf(update.recordedAtMs),
    receivedAtMs: minuteOf(update.receivedAtMs),
    isApproximate: true,
  };
}

/** Whether two approximate places tell the same. */
export const tellTheSame = (a: LocationUpdate | null, b: LocationUpdate | null): boolean =>
  a?.latitude === b?.latitude &&
  a?.longitude === b?.longitude &&
  a?.recordedAtMs === b?.recordedAtMs &&
  a?.receivedAtMs === b?.receivedAtMs;

/** The last full minute. */
export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** The form in a record. */
export const cellsToText = ({ cell, marginMeters, fromMs, before }: Cells): string =>
  `~${cell},${marginMeters},${fromMs},${before}`;

/** Reads the text as carefully as what a client sends. Null for anything else. */
export function parseCells(text: string | undefined): Cells | null {
  if (text === undefined || !isCells(text)) return null;
  const [cell = -1, marginMeters = 0, fromMs = 0, before = -1] = text.slice(1).split(',').map(Number);
  return GRID.isCell(cell) && GRID.isCell(before) ? { cell, marginMeters, fromMs, before } : null;
}

/** Whether a text has the form of cells. */
export const isCells = (text: string): boolean => FORM.test(text);

export const MINUTE_MS = 60_000;

/** Cells are 1,100 m high. */
export const CELL_ROWS = 18_197;

/** More than a fix is off, so that whoever rests does not cross. */
export const LEAST_MARGIN_METERS = 100;
export const GREATEST_MARGIN_METERS = 1_200;
export const MARGIN_STEP_METERS = 200;

/** Never less than the distance between a user and the middle of the cell that was decided last. */
export const GREATEST_DISPLACEMENT_METERS = 2_200;

const GRID = createGrid(CELL_ROWS);

const FORM = /^~\d{1,9},\d{1,4},\d{1,15},\d{1,9}$/;

/**
 * The margin differs from the last one by up to MARGIN_STEP_METERS. If it did not depend on that, the crossings of
 * somebody who walks straight on for hours would tell, together, where each of them was.
 */
function nextMargin(lastMeters: number | null, chance: number): number {
  const range = GREATEST_MARGIN_METERS - LEAST_MARGIN_METERS;
  if (lastMeters === null) return LEAST_MARGIN_METERS + Math.floor(chance * (range + 1));
  const meters = lastMeters + Math.floor((2 * chance - 1) * MARGIN_STEP_METERS);
  // What is too little or too much is as far on the other side of the limit.
  if (meters < LEAST_MARGIN_METERS) return 2 * LEAST_MARGIN_METERS - meters;
  return meters > GREATEST_MARGIN_METERS ? 2 * GREATEST_MARGIN_METERS - meters : meters;
}
