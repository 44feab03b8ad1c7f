/** The distances that people may choose from, metres. */
export const RADII_METERS = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000];

/** These and another one, which holds already, in order. */
export const radiiWith = (meters: number): number[] =>
  [...new Set([...RADII_METERS, meters])].sort((a, b) => a - b);
