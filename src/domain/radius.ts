import { DomainError } from './errors.js';

/** The largest radius that a client may ask for, metres. */
export const MAX_RADIUS_METERS = 500_000;

/** The largest margin that a client may ask for, metres. */
export const MAX_LEAVE_MARGIN_METERS = 100_000;

/** Between what distances from the viewer a friend comes onto a list and leaves it. */
export interface Radii {
  /** Who is at most so far away comes onto the list, metres. */
  readonly enterMeters: number;
  /** Who is on it and farther away leaves it, metres; `enterMeters` or more. */
  readonly leaveMeters: number;
}

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

/** @throws DomainError 'invalid' unless the margin is 0 to MAX_LEAVE_MARGIN_METERS. */
export function parseLeaveMargin(meters: number): number {
  if (!(meters >= 0 && meters <= MAX_LEAVE_MARGIN_METERS)) {
    throw new DomainError('invalid', `leaveMarginMeters must be 0 to ${MAX_LEAVE_MARGIN_METERS}.`);
  }
  return meters;
}
