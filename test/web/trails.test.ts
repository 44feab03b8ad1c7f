import fc from 'fast-check';
import type { NearbyFriend } from 'nearby-friends-client';
import { describe, expect, it } from 'vitest';
import { eastward } from '../../web/src/glide.js';
import { createTrails } from '../../web/src/trails.js';

const SECOND = 1_000;
const MINUTE = 60_000;

const friendAt = (
  longitude: number,
  { id = 'ada', precision = 'EXACT' }: Partial<Pick<NearbyFriend, 'precision'> & { id: string }> = {},
): NearbyFriend => ({
  friend: { id, handle: id, displayName: id },
  distanceMeters: 0,
  updatedAt: '2026-01-01T00:00:00.000Z',
  location: {
    latitude: 38,
    longitude,
    accuracyMeters: null,
    speedMetersPerSecond: null,
    headingDegrees: null,
    recordedAt: '2026-01-01T00:00:00.000Z',
  },
  precision,
});

/** The one line that there is, from its pieces. */
function longitudesOf(trails: ReturnType<typeof createTrails>): (number | undefined)[][] {
  const pieces = trails.lines().features.flatMap(({ geometry }) => geometry.coordinates);
  const line = pieces.flatMap((piece, index) => (index === 0 ? piece : piece.slice(1)));
  return line.length === 0 ? [] : [line.map(([longitude]) => longitude)];
}

describe('trails', () => {
  it('end where a friend was before, and grow when the marker has come to the new place', () => {
    const trails = createTrails();
    expect(trails.follow([friendAt(1)], 0)).toBe(false);
    expect(trails.follow([friendAt(2)], 30 * SECOND)).toBe(false);
    expect(trails.follow([friendAt(2)], 31 * SECOND)).toBe(true);
    expect(longitudesOf(trails)).toEqual([[1, 2]]);
    expect(trails.follow([friendAt(3)], 60 * SECOND)).toBe(false);
    expect(trails.follow([friendAt(3)], 61 * SECOND)).toBe(true);
    expect(longitudesOf(trails)).toEqual([[1, 2, 3]]);
    expect(trails.follow([friendAt(3)], 62 * SECOND)).toBe(false);
  });

  it('go at once when a friend leaves the list or shows an approximate place, and start anew afterwards', () => {
    for (const gone of [[], [friendAt(3, { precision: 'APPROXIMATE' })]]) {
      const trails = createTrails();
      const grace = friendAt(9, { id: 'grace' });
      trails.follow([friendAt(1), grace], 0);
      trails.follow([friendAt(2), grace], SECOND);
      trails.follow([friendAt(2), grace], 2 * SECOND);
      expect(longitudesOf(trails)).toEqual([[1, 2]]);
      expect(trails.follow([...gone, grace], 3 * SECOND)).toBe(true);
      expect(longitudesOf(trails)).toEqual([]);
      trails.follow([friendAt(4), grace], 4 * SECOND);
      trails.follow([friendAt(5), grace], 5 * SECOND);
      trails.follow([friendAt(5), grace], 6 * SECOND);
      expect(longitudesOf(trails)).toEqual([[4, 5]]);
    }
  });

  it('are as long as five minutes and twenty steps, and forget a friend who rests', () => {
    const trails = createTrails();
    for (let step = 0; step < 100; step++) trails.follow([friendAt(step)], step * SECOND);
    expect(longitudesOf(trails)).toEqual([Array.from({ length: 19 }, (_, index) => 80 + index)]);
    for (let step = 0; step < 20; step++) trails.follow([friendAt(step)], (2 + step) * MINUTE);
    trails.follow([friendAt(19)], 21 * MINUTE + SECOND);
    expect(longitudesOf(trails)).toEqual([[15, 16, 17, 18, 19]]);
    trails.follow([friendAt(19)], 30 * MINUTE);
    expect(longitudesOf(trails)).toEqual([]);
  });

  it('fade in steps, the newest piece being the strongest', () => {
    const trails = createTrails();
    for (let step = 0; step < 30; step++) trails.follow([friendAt(step)], step * SECOND);
    const features = trails.lines().features;
    const strengths = features.map(({ properties }) => Number(properties?.['strength']));
    expect(strengths).toEqual([...strengths].sort((one, other) => one - other));
    expect(strengths.at(-1)).toBe(1);
    expect(features.every(({ geometry }) => geometry.coordinates.length === 1)).toBe(true);
    const newest = features.at(-1)?.geometry.coordinates[0] ?? [];
    expect(newest.at(-1)?.[0]).toBe(28);
  });

  it('take no notice of a phone that lies still, whose position wanders by some metres', () => {
    const trails = createTrails();
    for (let step = 0; step < 50; step++)
      trails.follow([friendAt(20 + (step % 2) * 0.00005)], step * 2 * SECOND);
    expect(longitudesOf(trails)).toEqual([]);
  });

  it('cross the 180th meridian the short way', () => {
    const trails = createTrails();
    [179.5, -179.5, 179.5].forEach((longitude, step) => trails.follow([friendAt(longitude)], step * MINUTE));
    trails.follow([friendAt(179.5)], 3 * MINUTE);
    expect(longitudesOf(trails)).toEqual([[179.5, 180.5, 179.5]]);
  });
});

describe('eastward', () => {
  it('is the short way from one longitude to another', () => {
    const longitude = fc.double({ min: -180, max: 180, noNaN: true });
    fc.assert(
      fc.property(longitude, longitude, (from, to) => {
        const degrees = eastward(from, to);
        expect(Math.abs(degrees)).toBeLessThanOrEqual(180);
        const missed = Math.abs(from + degrees - to) % 360;
        expect(Math.min(missed, 360 - missed)).toBeLessThan(1e-9);
      }),
    );
    expect(eastward(179, -179)).toBe(2);
    expect(eastward(-179, 179)).toBe(-2);
  });
});
