/**
 * Returns the point `meters` away along the great circle that starts at `bearing` (radians clockwise from
 * north). Source: Williams, Aviation Formulary, "Lat/lon given radial and distance".
 */
import { EARTH_RADIUS_METERS, type GeoPoint } from '../../domain/distance.js';

export function travel(from: GeoPoint, bearing: number, meters: number): GeoPoint {
  const angle = meters / EARTH_RADIUS_METERS;
  const latitude = from.latitude * RADIANS_PER_DEGREE;
  const sinLatitude =
    Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(bearing);
  const eastward = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(latitude),
    Math.cos(angle) - Math.sin(latitude) * sinLatitude,
  );
  const longitude = from.longitude + eastward / RADIANS_PER_DEGREE;
  return {
    latitude: Math.asin(Math.max(-1, Math.min(1, sinLatitude))) / RADIANS_PER_DEGREE,
    longitude: longitude - 360 * Math.floor((longitude + 180) / 360),
  };
}

/**
 * Returns the bearing in radians, clockwise from north, at which the great circle to `to` starts. Source:
 * Williams, "Course between points".
 */
export function bearingTo(from: GeoPoint, to: GeoPoint): number {
  const [fromLatitude, toLatitude] = [from.latitude * RADIANS_PER_DEGREE, to.latitude * RADIANS_PER_DEGREE];
  const eastward = (to.longitude - from.longitude) * RADIANS_PER_DEGREE;
  return Math.atan2(
    Math.sin(eastward) * Math.cos(toLatitude),
    Math.cos(fromLatitude) * Math.sin(toLatitude) -
      Math.sin(fromLatitude) * Math.cos(toLatitude) * Math.cos(eastward),
  );
}

const RADIANS_PER_DEGREE = Math.PI / 180;
