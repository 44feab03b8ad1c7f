/**
 * The points at one great-circle distance, as a closed ring of [longitude, latitude] without a jump at the
 * 180th meridian. Source: Williams, Aviation Formulary, "Lat/lon given radial and distance".
 */
import type { Place } from './page-setup.js';

/** @param meters the radius in metres, more than 0. */
export function circleAround(center: Place, meters: number): [number, number][] {
  const angle = meters / EARTH_RADIUS_METERS;
  const latitude = center.latitude * RADIANS;
  return Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const bearing = ((corner % CORNERS) / CORNERS) * 2 * Math.PI;
    const sinLatitude =
      Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(bearing);
    const eastward = Math.atan2(
      Math.sin(bearing) * Math.sin(angle) * Math.cos(latitude),
      Math.cos(angle) - Math.sin(latitude) * sinLatitude,
    );
    return [center.longitude + eastward / RADIANS, Math.asin(sinLatitude) / RADIANS];
  });
}

const EARTH_RADIUS_METERS = 6_371_008.8;
const RADIANS = Math.PI / 180;
const CORNERS = 96;
