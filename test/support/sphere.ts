/** Distances the other way round than the server does them: with vectors, so that a shared mistake can't hide. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const EARTH_RADIUS_METERS = 6_371_008.8;
const RADIANS = Math.PI / 180;

type Vector = readonly [number, number, number];

/** Metres along the great circle, by the angle between the two unit vectors. */
export function metersBetween(a: Place, b: Place): number {
  const [u, v] = [vectorOf(a), vectorOf(b)];
  const cross: Vector = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const dot = u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  return EARTH_RADIUS_METERS * Math.atan2(Math.hypot(...cross), dot);
}

/** Where one arrives after `meters` from `start`, setting out at `bearingDegrees` clockwise from north, as the API tells it. */
export const travel = (start: Place, bearingDegrees: number, meters: number): Place =>
  toldPlace(travelExactly(start, bearingDegrees, meters));

/** The same with all decimals that a double has, as devices send them. */
export function travelExactly(start: Place, bearingDegrees: number, meters: number): Place {
  const [u, angle] = [vectorOf(start), meters / EARTH_RADIUS_METERS];
  const [latitude, longitude] = [start.latitude * RADIANS, start.longitude * RADIANS];
  const north: Vector = [
    -Math.sin(latitude) * Math.cos(longitude),
    -Math.sin(latitude) * Math.sin(longitude),
    Math.cos(latitude),
  ];
  const east: Vector = [-Math.sin(longitude), Math.cos(longitude), 0];
  const along = (axis: 0 | 1 | 2): number =>
    u[axis] * Math.cos(angle) +
    Math.sin(angle) *
      (north[axis] * Math.cos(bearingDegrees * RADIANS) + east[axis] * Math.sin(bearingDegrees * RADIANS));
  return {
    latitude: Math.max(-90, Math.min(90, Math.atan2(along(2), Math.hypot(along(0), along(1))) / RADIANS)),
    longitude: Math.atan2(along(1), along(0)) / RADIANS,
  };
}

/** The nearest place that the API can tell: 7 decimals, and a zero without a sign. */
const toldPlace = ({ latitude, longitude }: Place): Place => ({
  latitude: Number(latitude.toFixed(7)) + 0,
  longitude: Number(longitude.toFixed(7)) + 0,
});

function vectorOf({ latitude, longitude }: Place): Vector {
  const [phi, lambda] = [latitude * RADIANS, longitude * RADIANS];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}
