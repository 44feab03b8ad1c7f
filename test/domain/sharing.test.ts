import { expect, test } from 'vitest';
import { sharingAt } from '../../src/domain/sharing.js';

test.each([true, false])('sharing %s without an end lasts', (enabled) => {
  const sharing = { enabled, untilMs: null, maxRadiusMeters: 500 };
  expect(sharingAt(sharing, 0)).toEqual(sharing);
  expect(sharingAt(sharing, 8.64e15)).toEqual(sharing);
});

test.each([true, false])('sharing %s turns over at its end, for good', (enabled) => {
  const sharing = { enabled, untilMs: 1_000, maxRadiusMeters: 500 };
  expect(sharingAt(sharing, 999)).toEqual(sharing);
  for (const nowMs of [1_000, 1_001, 8.64e15]) {
    expect(sharingAt(sharing, nowMs)).toEqual({ enabled: !enabled, untilMs: null, maxRadiusMeters: 500 });
  }
});
