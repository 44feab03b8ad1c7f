/**
 * Connects all users, and moves each once per interval with a location update, at its own moment of the
 * interval. At the end it waits for outstanding answers and closes the sockets.
 */
import { createProgress } from '../progress.js';
import { type App, openApp } from './app.js';
import type { Session } from './session.js';
import { createStatistics, type Statistics } from './statistics.js';
import type { Movement } from './walker.js';

export async function runSimulation(options: SimulationOptions): Promise<SimulationResult> {
  const { users, seconds, intervalSeconds, signal } = options;
  const statistics = createStatistics(() => performance.now());
  const { counts, delivery } = statistics;
  const startedAtMs = performance.now();
  const elapsed = (): number => (performance.now() - startedAtMs) / 1000;
  const timers = new Set<NodeJS.Timeout>();
  const apps: App[] = [];

  function at(second: number, action: () => void): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        action();
      },
      Math.max(0, (second - elapsed()) * 1000),
    );
    timers.add(timer);
  }

  function move(app: App, movement: Movement, second: number): void {
    const point = movement(elapsed());
    if (point !== null) app.send(point);
    const next = second + intervalSeconds;
    if (next < seconds) at(next, () => move(app, movement, next));
  }

  users.forEach((session, index) => {
    const movement = options.movements[index];
    if (movement === undefined) throw new Error('A user has no movement');
    const firstSecond = options.random() * Math.min(intervalSeconds, seconds / 2);
    at(firstSecond, () => {
      const app = openApp({ ...options, session, statistics });
      apps.push(app);
      // The socket needs some time to open.
      at(firstSecond + Math.min(1, intervalSeconds), () => move(app, movement, firstSecond));
    });
  });

  const progress = createProgress('Simulating', seconds);
  while (elapsed() < seconds && !signal.aborted) {
    await sleep(Math.min(TICK_MS, (seconds - elapsed()) * 1000));
    const median = delivery.percentileMs(0.5);
    progress.update(
      Math.min(Math.round(elapsed()), seconds),
      `s: ${counts.sent} updates, ${counts.changes} changes delivered` +
        (median === null ? '' : `, median ${Math.round(median)} ms`),
    );
  }
  progress.stop();
  const elapsedSeconds = elapsed();
  for (const timer of timers) clearTimeout(timer);
  const settleUntilMs = performance.now() + SETTLE_MS;
  const failures = (): number => [...statistics.errors.values()].reduce((sum, count) => sum + count, 0);
  while (counts.answered + failures() < counts.sent && performance.now() < settleUntilMs) await sleep(20);
  for (const app of apps) app.close();
  return { statistics, elapsedSeconds };
}

export interface SimulationOptions {
  readonly socketUrl: string;
  readonly users: readonly Session[];
  /** One movement for each user. */
  readonly movements: readonly Movement[];
  readonly seconds: number;
  readonly intervalSeconds: number;
  /** In metres; null takes the server's default. */
  readonly radiusMeters: number | null;
  /** Returns a number from 0 to 1, like Math.random. */
  readonly random: () => number;
  /** Ends the simulation early. */
  readonly signal: AbortSignal;
}

export interface SimulationResult {
  readonly statistics: Statistics;
  readonly elapsedSeconds: number;
}

const TICK_MS = 250;
/** How long the last updates may take until they are answered and delivered. */
const SETTLE_MS = 3_000;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
