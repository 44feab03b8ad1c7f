/** Links to directions, for the app that the user's device has for that. Only a tap tells it the place. */
import type { Place } from './page-setup.js';

/** @param userAgent as in `navigator`. */
export function directionsTo({ latitude, longitude }: Place, userAgent: string): string {
  const place = `${latitude},${longitude}`;
  if (userAgent.includes('Android')) return `geo:${place}?q=${place}`;
  // Apple's devices know no geo: links, and open their own app for these.
  if (/iPhone|iPad|Macintosh/.test(userAgent)) return `https://maps.apple.com/?daddr=${place}`;
  return `https://www.openstreetmap.org/directions?to=${place}`;
}
