/**
 * Where a viewer may move without anything being decided differently: within so many metres of where all was decided.
 * Such *safe regions* save deciding anew at every move (Prabhakar et al., Query Indexing and Velocity Constrained
 * Indexing, IEEE Transactions on Computers 51, 2002).
 */
import { distanceMeters, type GeoPoint } from './distance.js';
import { ROUNDING_METERS } from './whereabouts.js';

/** A class, since a server has one for each subscription. Nobody is inside before `startAt`. */
export class SafeRegion {
  #centre: GeoPoint | null = null;
  #meters = 0;

  /** Everything is about to be decided for a viewer who is here; null for nowhere. */
  startAt(viewer: GeoPoint | null): void {
    this.#centre = viewer;
    this.#meters = Infinity;
  }

  /**
   * Something was decided for a viewer who is here, null for nowhere, and may be different as soon as the viewer moves by so
   * many metres.
   */
  narrow(viewer: GeoPoint | null, meters: number): void {
    this.#meters = Math.min(this.#meters, meters - this.#metersTo(viewer));
  }

  has(viewer: GeoPoint | null): boolean {
    return this.#metersTo(viewer) + ROUNDING_METERS < this.#meters;
  }

  /** Nowhere is infinitely far away from anywhere. */
  #metersTo(viewer: GeoPoint | null): number {
    if (viewer === this.#centre) return 0;
    return viewer === null || this.#centre === null ? Infinity : distanceMeters(this.#centre, viewer);
  }
}
