/**
 * An hour in which a device gives no new fix, in seconds: the clocks of the server and of the device are emulated, and
 * what they do, PostgreSQL, Redis and the sockets are real.
 */
import { type LocationSource, MeDocument } from 'nearby-friends-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { move } from '../support/api.js';
import { createSkippingClock } from '../support/fake-clock.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster } from '../support/nodes.js';
import { HERE, openWithFriend } from '../support/sdk-client.js';
import { eastOfHere } from '../support/sharing.js';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

test.each([
  { ttlSeconds: 20, policy: { stillMs: 4_000 }, stepSeconds: 5, leastSigns: 300, mostSigns: 900 },
  { ttlSeconds: DAY_SECONDS, policy: {}, stepSeconds: 20, leastSigns: 20, mostSigns: 30 },
])(
  'with a TTL of $ttlSeconds s and $policy its user is seen throughout',
  async ({ ttlSeconds, policy, stepSeconds, leastSigns, mostSigns }) => {
    const clock = createSkippingClock();
    vi.spyOn(Date, 'now').mockImplementation(clock.now);
    vi.spyOn(performance, 'now').mockImplementation(clock.monotonic);
    // The SDK looks once a second whether a sign of life is due.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });
    const settings = { locationTtlSeconds: ttlSeconds, accessTokenSeconds: 2 * DAY_SECONDS };
    const cluster = await startTestCluster(1, settings, { clock });
    onTestFinished(() => cluster.close());
    const url = cluster.urls[0] as string;
    const { client, friend } = await openWithFriend(url);
    onTestFinished(client.nearbyFriends().subscribe(() => undefined));
    await move(url, friend, HERE);
    const list = follow(url, friend);
    await list.until(({ entries }) => entries.size === 1);

    const fix = eastOfHere(1_000);
    const source: LocationSource = {
      watch(onFix) {
        onFix(fix);
        return () => undefined;
      },
      // As browsers do beside a watch on a device at rest.
      current: () => Promise.reject(Object.assign(new Error('Timeout expired'), { code: 3 })),
    };
    const sharing = client.shareLocation({ source, policy });
    onTestFinished(() => {
      sharing.stop();
    });
    await vi.waitFor(() => expect(sharing.waiting).toBe(0), { timeout: 10_000 });
    const shown = () => [...list.entries.values()][0];
    await list.until(() => Math.round(shown()?.distanceMeters ?? 0) === 1_000);

    const reportedAt = shown()?.updatedAt;
    const signs = new Set<string | undefined>();
    for (let second = 0; second < HOUR_SECONDS; second += stepSeconds) {
      await clock.skip(stepSeconds * 1_000);
      vi.advanceTimersByTime(stepSeconds * 1_000);
      // A sign that was due has been sent before these.
      await client.request(MeDocument);
      if (second % (ttlSeconds / 2) < stepSeconds) await move(url, friend, HERE);
      // Time stands still while the newest frame is on its way.
      await list.until(() => clock.now() - Date.parse(shown()?.updatedAt ?? '') < ttlSeconds * 1_000);
      signs.add(shown()?.updatedAt);
    }
    signs.delete(reportedAt);
    expect(list.frames.flatMap(({ left }) => left)).toEqual([]);
    expect(shown()?.location.recordedAt).toBe(new Date(fix.takenAtMs).toISOString());
    expect(signs.size).toBeGreaterThanOrEqual(leastSigns);
    expect(signs.size).toBeLessThanOrEqual(mostSigns);
  },
  120_000,
);
