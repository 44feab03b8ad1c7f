/** Moves users: each walks around a place of its own, on the same path for every system. */
import type { Mover } from './crowd.js';
import { mulberry32 } from './random.js';

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const METERS_PER_DEGREE = 111_195;

/** @param roamMeters how far from its own place a user goes. */
export function createWalks(users: readonly Mover[], roamMeters: number) {
  const stepMeters = roamMeters / 7;
  const random = mulberry32(7);
  const east = new Float64Array(users.length);
  const north = new Float64Array(users.length);

  return {
    /** Takes one more step. */
    next(index: number): Place {
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

/** Keeps six decimals, as phones send: a tenth of a metre. */
const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
