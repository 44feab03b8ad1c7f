/** Meridians and parallels through what one sees and as much around it, each a line of [longitude, latitude]. */
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

/** Degrees between two lines of the grid. */
const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
/** Lines across what one sees, at least. */
const LINES = 4;
/** Where the map ends (Web Mercator). */
const MAX_LATITUDE = 85;
