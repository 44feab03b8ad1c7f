/**
 * Great-circle distance on the sphere that the schema names. The haversine form keeps full precision for near
 * points, and the difference of longitudes may wrap: poles and antimeridian need no special case.
 */

/** Mean radius R1 of WGS 84 in metres (IUGG; Moritz, Geodetic Reference System 1980). */
export const EARTH_RADIUS_METERS = 6_371_008.8;

/** A point in decimal degrees: latitude -90 to 90, longitude -180 to 180. */
export interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}

const RADIANS_PER_DEGREE = Math.PI / 180;
const METERS_PER_DEGREE_OF_LATITUDE = EARTH_RADIUS_METERS * RADIANS_PER_DEGREE;

/**
 * The distance between two points in metres, 0 to half the circumference.
 * Source: Sinnott, Virtues of the Haversine (1984).
 */
export function distanceMeters(a: GeoPoint, b: GeoPoint): number {
  const sinHalfLatitude = Math.sin(((b.latitude - a.latitude) * RADIANS_PER_DEGREE) / 2);
  const sinHalfLongitude = Math.sin(((b.longitude - a.longitude) * RADIANS_PER_DEGREE) / 2);
  const h =
    sinHalfLatitude * sinHalfLatitude +
    Math.cos(a.latitude * RADIANS_PER_DEGREE) *
      Math.cos(b.latitude * RADIANS_PER_DEGREE) *
      sinHalfLongitude *
      sinHalfLongitude;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * Returns the distance when it is at most `radiusMeters`, else null. Two points are never nearer than their
 * parallels, so a difference of latitudes above the radius rejects without trigonometry. The margins, a
 * millimetre and a relative one, keep rounding from changing an answer.
 */
export function distanceWithin(a: GeoPoint, b: GeoPoint, radiusMeters: number): number | null {
  const parallelsApart = Math.abs(b.latitude - a.latitude) * METERS_PER_DEGREE_OF_LATITUDE;
  if (parallelsApart > radiusMeters * (1 + 1e-9) + 0.001) return null;
  const distance = distanceMeters(a, b);
  return distance <= radiusMeters ? distance : null;
}
