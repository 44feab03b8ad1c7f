/**
 * Returns meridians and parallels in and around the visible area, each as a line of [longitude, latitude].
 */
export function graticuleIn({ west, south, east, north }: Bounds): [number, number][][] {
  const step = STEPS.find((degrees) => (east - west) / degrees >= LINES) ?? 0.001;
  const [width, height] = [east - west, north - south];
  const [left, right] = [west - width, east + width];
  const [bottom, top] = [Math.max(-MAX_LATITUDE, south - height), Math.min(MAX_LATITUDE, north + height)];
  const lines: [number, number][][] = [];
  for (let line = Math.ceil(left / step); line * step <= right; line++) {
    lines.push([
      [line * step, bottom],
      [line * step, top],
    ]);
  }
  for (let line = Math.ceil(bottom / step); line * step <= top; line++) {
    lines.push([
      [left, line * step],
      [right, line * step],
    ]);
  }
  return lines;
}

export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** The possible distances between two lines, in degrees. */
const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
/** The least number of lines across the visible area. */
const LINES = 4;
/** The latitude where a Web Mercator map ends, in degrees. */
const MAX_LATITUDE = 85;
