/** The package has no types. */
declare module 'd3-geo-projection' {
  import type { GeoProjection } from 'd3-geo';
  import type { GeometryObject } from 'geojson';

  export function geoProject<Result extends GeometryObject>(
    object: GeometryObject,
    projection: GeoProjection,
  ): Result;
}
