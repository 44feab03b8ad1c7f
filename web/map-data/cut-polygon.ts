/**
 * Cuts a polygon of the globe where a plane map ends: at the 180th meridian, and at a pole that is inside. All other
 * polygons stay as they are, for d3 takes islands so small that they have no area for the whole globe.
 */
import { geoEquirectangular } from 'd3-geo';
import { geoProject } from 'd3-geo-projection';
import type { MultiPolygon, Polygon, Position } from 'geojson';

/** @param polygon rings of [longitude, latitude]. */
export function cutPolygon(polygon: Position[][]): Position[][][] {
  if (!polygon.some(goesOver)) return [polygon];
  const parts = geoProject<Polygon | MultiPolygon>({ type: 'Polygon', coordinates: polygon }, DEGREES);
  return parts.type === 'Polygon' ? [parts.coordinates] : parts.coordinates;
}

/** Degrees in, degrees out: all that it does is that it cuts. */
const DEGREES = geoEquirectangular()
  .scale(180 / Math.PI)
  .translate([0, 0])
  .reflectY(true)
  .precision(0);

function goesOver(ring: Position[]): boolean {
  return ring.some(
    ([longitude = 0], index) => Math.abs(longitude - (ring[index - 1]?.[0] ?? longitude)) > 180,
  );
}
