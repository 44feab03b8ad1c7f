/** What a page shows, pixel by pixel. */
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';

export interface Pixels {
  /** Returns the colours of all pixels of a rectangle around a point, 0 to 255 each. */
  around(x: number, y: number, reachX: number, reachY: number): [red: number, green: number, blue: number][];
}

export async function pixelsOf(page: Page): Promise<Pixels> {
  const { width, data } = PNG.sync.read(await page.screenshot());
  return {
    around(x, y, reachX, reachY) {
      const colors: [number, number, number][] = [];
      for (let row = Math.round(y - reachY); row <= y + reachY; row++) {
        for (let column = Math.round(x - reachX); column <= x + reachX; column++) {
          const at = (row * width + column) * 4;
          colors.push([data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]);
        }
      }
      return colors;
    },
  };
}
