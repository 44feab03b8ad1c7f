import { expect, test } from 'vitest';
import { directionsTo } from '../../web/src/directions.js';

const PLACE = { latitude: 37.9755, longitude: 23.7348 };

test.each([
  ['Mozilla/5.0 (Linux; Android 16) Chrome/140', 'geo:37.9755,23.7348?q=37.9755,23.7348'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)', 'https://maps.apple.com/?daddr=37.9755,23.7348'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X)', 'https://maps.apple.com/?daddr=37.9755,23.7348'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 'https://www.openstreetmap.org/directions?to=37.9755,23.7348'],
])('%s', (userAgent, link) => {
  expect(directionsTo(PLACE, userAgent)).toBe(link);
});
