import { DomainError } from './errors.js';

/** The largest radius that a client may ask for, metres. */
export const MAX_RADIUS_METERS = 500_000;

/**
 * @param name of the argument.
 * @throws DomainError 'invalid' unless the radius is more than 0 and at most MAX_RADIUS_METERS.
 */
export function parseRadius(radiusMeters: number, name = 'radiusMeters'): number {
  if (!(radiusMeters > 0 && radiusMeters <= MAX_RADIUS_METERS)) {
    throw new DomainError('invalid', `${name} must be more than 0 and at most ${MAX_RADIUS_METERS}.`);
  }
  return radiusMeters;
}
