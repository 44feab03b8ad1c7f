/**
 * The decimals that places, distances and motion have. What a number says beyond them is noise of the device or of the
 * computation: docs/decisions/106-finite-numbers.md.
 */

/** Latitude or longitude with at most 7 decimals, which is about a centimetre. */
export const roundDegrees = (degrees: number): number => rounded(degrees, 1e7);

/** A distance with at most 2 decimals. */
export const roundMeters = (meters: number): number => rounded(meters, 1e2);

/** A speed or a heading with at most 3 decimals, which a float of 4 bytes keeps. */
export const roundMotion = (value: number): number => rounded(value, 1e3);

/** To add 0 makes zero of negative zero, which JSON does not know. */
const rounded = (value: number, partsOfOne: number): number =>
  Math.round(value * partsOfOne) / partsOfOne + 0;
