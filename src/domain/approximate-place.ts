/**
 * Where friends see a user who is shown approximately: in the middle of a cell of about a kilometre. The cell is decided
 * once, when a location is kept, for all friends on all servers. It is left only some way beyond its edge, by a
 * margin that is another one for each cell, and what is kept is told from the next full minute on. So neither the
 * crossing nor its time tells on which line the user is, and nobody learns when in a minute a fix came. The script of
 * adapters/redis/location-store.ts repeats `nextCells`. docs/approximate-places.md says what friends can find out.
 */
import type { GeoPoint } from './distance.js';
import { createGrid } from './grid.js';
import type { LocationUpdate } from './location-update.js';
import { roundDegrees } from './rounding.js';

/** In which cell a user is, and what is told of the update that is kept with it. */
export interface Cells {
  readonly cell: number;
  /** How far beyond the cell's edge the user stays in it, whole metres. Nobody but servers knows it. */
  readonly marginMeters: number;
  /** A full minute, milliseconds since the epoch, from which on the update is told; 0 for a user who came. */
  readonly fromMs: number;
  /** What is told until then. */
  readonly before: Told;
}

/** What is told of an update. Both times are full minutes, milliseconds since the epoch. */
export interface Told {
  readonly cell: number;
  readonly recordedAtMs: number;
  readonly receivedAtMs: number;
}

/** What is kept of a user. */
export interface Kept {
  readonly cells: Cells;
  readonly recordedAtMs: number;
  readonly receivedAtMs: number;
}

/**
 * The cells of an update.
 * @param keptAtMs the time.
 * @param known null for a user who comes, of whom nothing was kept.
 * @param chance of which the margin of another cell is made, from 0 to below 1: drawn for this call, at random.
 */
export function nextCells(place: GeoPoint, keptAtMs: number, known: Kept | null, chance: number): Cells {
  const here = GRID.cellOf(place);
  if (known === null) {
    const before = { cell: here, recordedAtMs: 0, receivedAtMs: 0 };
    return { cell: here, marginMeters: nextMargin(null, chance), fromMs: 0, before };
  }
  const fromMs = minuteOf(keptAtMs) + MINUTE_MS;
  const { cell, marginMeters } = known.cells;
  // Of what was kept in this minute nothing is told yet.
  const before = known.cells.fromMs >= fromMs ? known.cells.before : toldOf(known);
  return here === cell || GRID.metersBeyond(place, cell) <= marginMeters
    ? { cell, marginMeters, fromMs, before }
    : { cell: here, marginMeters: nextMargin(marginMeters, chance), fromMs, before };
}

/**
 * An update as it is shown approximately at an instant. It is the same at each instant of a minute. Null for an
 * update without cells: a server of the release before kept it, or nobody has yet.
 */
export function approximateAt(update: LocationUpdate, nowMs: number): LocationUpdate | null {
  const kept = keptOf(update);
  if (kept === null) return null;
  const { fromMs, before } = kept.cells;
  const { cell, recordedAtMs, receivedAtMs } = nowMs < fromMs ? before : toldOf(kept);
  const { latitude, longitude } = GRID.middleOf(cell);
  return {
    id: update.id,
    latitude: roundDegrees(latitude),
    longitude: roundDegrees(longitude),
    accuracyMeters: Math.round(GRID.halfDiagonalMeters(cell)),
    recordedAtMs,
    receivedAtMs,
    isApproximate: true,
  };
}

/** What an update says that was kept; null for an update without cells. */
export function keptOf({ cells: text, recordedAtMs, receivedAtMs }: LocationUpdate): Kept | null {
  const cells = parseCells(text);
  return cells && { cells, recordedAtMs, receivedAtMs };
}

const toldOf = ({ cells: { cell }, recordedAtMs, receivedAtMs }: Kept): Told => ({
  cell,
  recordedAtMs: minuteOf(recordedAtMs),
  receivedAtMs: minuteOf(receivedAtMs),
});

/** Whether two approximate places tell the same. */
export const tellTheSame = (a: LocationUpdate | null, b: LocationUpdate | null): boolean =>
  a?.latitude === b?.latitude &&
  a?.longitude === b?.longitude &&
  a?.recordedAtMs === b?.recordedAtMs &&
  a?.receivedAtMs === b?.receivedAtMs;

/** The last full minute. */
export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** The form in a record, where times are minutes since the epoch. */
export function cellsToText({ cell, marginMeters, fromMs, before }: Cells): string {
  const [from, recorded, received] = [fromMs, before.recordedAtMs, before.receivedAtMs].map(
    (ms) => ms / MINUTE_MS,
  );
  return `~${cell},${marginMeters},${from},${before.cell},${recorded},${received}`;
}

/** Reads the text as carefully as what a client sends. Null for anything else. */
export function parseCells(text: string | undefined): Cells | null {
  if (text === undefined || !isCells(text)) return null;
  const [cell = -1, marginMeters = 0, from = 0, cellBefore = -1, recorded = 0, received = 0] = text
    .slice(1)
    .split(',')
    .map(Number);
  if (!GRID.isCell(cell) || !GRID.isCell(cellBefore)) return null;
  const before = { cell: cellBefore, recordedAtMs: recorded * MINUTE_MS, receivedAtMs: received * MINUTE_MS };
  return { cell, marginMeters, fromMs: from * MINUTE_MS, before };
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

const FORM = /^~\d{1,9},\d{1,4},\d{1,10},\d{1,9},\d{1,10},\d{1,10}$/;

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
