/** Where users are: each walks around a place of its own. The same seed walks the same way, for every system. */
import type { Mover } from './commands.js';

const METERS_PER_DEGREE = 111_195;

/** @param roamMeters how far from its place a user goes. */
export function createWalks(users: readonly Mover[], roamMeters: number) {
  const stepMeters = roamMeters / 7;
  const random = mulberry32(7);
  const east = new Float64Array(users.length);
  const north = new Float64Array(users.length);

  return {
    /** Where the user is after one more step. */
    next(index: number): { latitude: number; longitude: number } {
      const heading = random() * 2 * Math.PI;
      const x = (east[index] ?? 0) + stepMeters * Math.sin(heading);
      const y = (north[index] ?? 0) + stepMeters * Math.cos(heading);
      const shrink = Math.min(1, roamMeters / Math.hypot(x, y));
      east[index] = x * shrink;
      north[index] = y * shrink;
      const { latitude = 0, longitude = 0 } = users[index] ?? {};
      const metersPerDegreeEast = METERS_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
      return {
        latitude: round(latitude + (y * shrink) / METERS_PER_DEGREE),
        longitude: round(longitude + (x * shrink) / metersPerDegreeEast),
      };
    },
  };
}

/** Six decimals, as phones send: a tenth of a metre. */
const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;

/** A small generator of numbers from 0 to 1 that can be seeded (Tommy Ettinger, public domain). */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}
