import type { LocationPrecision, SharingState } from 'nearby-friends-client';
import { expect, test } from 'vitest';
import { sharingSentence } from '../../web/src/sharing-sentence.js';
import { createWording } from '../../web/src/wording.js';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const at = (ms: number): string => new Date(NOW_MS + ms).toISOString();
const wording = createWording(['en-IE']);
/** In the time zone of whoever runs the tests. */
const timeIn = (ms: number): string => wording.instant(NOW_MS + ms, NOW_MS);

const ON = { enabled: true, until: null, precision: 'EXACT', maxRadiusMeters: null } as const;
const OF_NOBODY = { friendsChanged: [], exceptionsChanged: [] };

const seen = (agoMs: number, ofThisDevice: boolean | null = true): SharingState['place'] => ({
  updatedAt: at(-agoMs),
  ofThisDevice,
});

function sentence(
  enabled: boolean,
  place: SharingState['place'],
  untilMs: number | null = null,
  precision: LocationPrecision = 'EXACT',
): string {
  const sharing = { ...ON, precision, enabled, until: untilMs === null ? null : at(untilMs) };
  const state = { ...OF_NOBODY, sharing, place, connection: { state: 'live' } } as const;
  return sharingSentence(state, wording, NOW_MS);
}

test.each([
  [true, null, 'Friends may see you, but there is no live location.'],
  [true, seen(0), 'Friends see you.'],
  [true, seen(-5_000), 'Friends see you.'],
  [true, seen(59_999, null), 'Friends see you.'],
  [true, seen(60_000), 'Friends see you where you were 1 minute ago.'],
  [true, seen(239_000), 'Friends see you where you were 3 minutes ago.'],
  [true, seen(3_599_999), 'Friends see you where you were 59 minutes ago.'],
  [true, seen(3_600_000), 'Friends see you where you were 1 hour ago.'],
  [true, seen(10_000_000), 'Friends see you where you were 2 hours ago.'],
  [true, seen(10_000, false), 'Friends see you where another of your devices is.'],
  [true, seen(130_000, false), 'Friends see you where another of your devices was 2 minutes ago.'],
  [false, seen(0), 'Friends do not see you.'],
  [false, null, 'Friends do not see you.'],
] as const)('sharing %j with the place %j reads: %s', (enabled, place, text) => {
  expect(sentence(enabled, place)).toBe(text);
});

test.each([
  [seen(0), 'Friends see you approximately.'],
  [seen(60_000), 'Friends see you approximately where you were 1 minute ago.'],
  [seen(0, false), 'Friends see you approximately where another of your devices is.'],
] as const)('approximate sharing with the place %j reads: %s', (place, text) => {
  expect(sentence(true, place, null, 'APPROXIMATE')).toBe(text);
});

test('what switches by itself has its end', () => {
  const time = timeIn(7_200_000);
  expect(time).toMatch(/^\d{1,2}:00$/);
  expect(sentence(false, null, 7_200_000)).toBe(`Friends do not see you until ${time}.`);
  expect(sentence(true, null, 7_200_000)).toBe(
    `Friends may see you until ${time}, but there is no live location.`,
  );
  expect(sentence(true, seen(0), 7_200_000)).toBe(`Friends see you until ${time}.`);
  expect(sentence(true, seen(180_000), 7_200_000)).toBe(
    `Friends see you where you were 3 minutes ago, until ${time}.`,
  );
  expect(sentence(false, null, 90_000_000)).toMatch(
    /^Friends do not see you until 23 Nov 2026, \d{1,2}:00\.$/,
  );
});

test('nothing is claimed while the connection is away', () => {
  const connection = { state: 'reconnecting', staleSince: new Date(NOW_MS) } as const;
  const state = { ...OF_NOBODY, sharing: ON, place: seen(0), connection };
  expect(sharingSentence(state, wording, NOW_MS)).toBe(
    'Without a connection, this page cannot tell whether friends see you.',
  );
});
