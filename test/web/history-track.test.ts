import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trackOf } from '../../web/src/history-track.js';

const at = (latitude: number, longitude: number, seconds: number) => ({
  latitude,
  longitude,
  recordedAt: new Date(Date.UTC(2026, 10, 29) + seconds * 1_000).toISOString(),
});

const stretchesOf = (...places: ReturnType<typeof at>[]) => trackOf(places)?.stretches;

test('a day without places has no track', () => {
  expect(trackOf([])).toBeNull();
});

test('places are joined over ten minutes and not over more', () => {
  const [one, two, three] = [at(37.9, 23.7, 0), at(37.91, 23.71, 600), at(37.92, 23.72, 1_200.001)];
  expect(trackOf([one, two, three])).toEqual({
    stretches: [
      [
        [23.7, 37.9],
        [expect.closeTo(23.71, 9), 37.91],
      ],
      [[expect.closeTo(23.72, 9), 37.92]],
    ],
    count: 3,
    firstMs: Date.parse(one.recordedAt),
    lastMs: Date.parse(three.recordedAt),
  });
});

test('an airliner is joined, and what is faster is not', () => {
  // A degree of latitude is 111.2 km.
  expect(stretchesOf(at(50, 8, 0), at(50 + (290 * 30) / 111_195, 8, 30))).toHaveLength(1);
  expect(stretchesOf(at(50, 8, 0), at(50.1, 8, 30))).toHaveLength(2);
});

test('a fix that is wrong for a moment is no gap', () => {
  expect(stretchesOf(at(50, 8, 0), at(50.004, 8, 0))).toHaveLength(1);
});

test('the 180th meridian is crossed the short way, there and back', () => {
  expect(stretchesOf(at(-17, 179.99, 0), at(-17, -179.99, 60), at(-17, 179.98, 120))).toEqual([
    [
      [179.99, -17],
      [expect.closeTo(180.01, 9), -17],
      [expect.closeTo(179.98, 9), -17],
    ],
  ]);
});

test('every place is on the track, in order, where it is on the globe, and never more than half the globe from the last', () => {
  const place = fc.record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    seconds: fc.integer({ min: 0, max: 86_399 }),
  });
  fc.assert(
    fc.property(fc.array(place, { minLength: 1 }), (places) => {
      const sorted = places.sort((one, other) => one.seconds - other.seconds);
      const track = trackOf(
        sorted.map(({ latitude, longitude, seconds }) => at(latitude, longitude, seconds)),
      );
      const drawn = track?.stretches.flat() ?? [];
      expect(drawn.map(([, latitude]) => latitude)).toEqual(sorted.map(({ latitude }) => latitude));
      drawn.forEach(([longitude], index) => {
        const turns = (longitude - (sorted[index]?.longitude ?? NaN)) / 360;
        expect(turns).toBeCloseTo(Math.round(turns), 9);
        expect(Math.abs(longitude - (drawn[index - 1]?.[0] ?? longitude))).toBeLessThanOrEqual(180 + 1e-9);
      });
    }),
  );
});
