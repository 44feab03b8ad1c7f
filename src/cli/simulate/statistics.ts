/** Counts what happens in a simulation; report.ts formats it. */
import { createLatencies } from './latencies.js';

/** @param now a monotonic clock, in milliseconds. */
export function createStatistics(now: () => number) {
  /** When each update was sent, by user and by recordedAt, which is different for each update of a user. */
  const sentAt = new Map<string, Map<string, number>>();
  const counts = { connected: 0, sent: 0, answered: 0, recorded: 0, frames: 0, changes: 0, left: 0 };
  const errors = new Map<string, number>();
  const closes = new Map<string, number>();
  const delivery = createLatencies();
  const answer = createLatencies();

  return {
    counts,
    /** The number of errors by code. */
    errors,
    /** The number of connections that failed or closed before the end, by close code. */
    closes,
    /** The time from sending an update until a friend receives it. */
    delivery,
    /** The time from sending an update until its answer. */
    answer,

    connected(): void {
      counts.connected += 1;
    },

    sent(userId: string, recordedAt: string): void {
      counts.sent += 1;
      const updates = sentAt.get(userId) ?? new Map<string, number>();
      sentAt.set(userId, updates);
      updates.set(recordedAt, now());
      const [oldest] = updates.keys();
      if (updates.size > REMEMBERED_UPDATES && oldest !== undefined) updates.delete(oldest);
    },

    answered(userId: string, recordedAt: string, recorded: boolean): void {
      counts.answered += 1;
      if (recorded) counts.recorded += 1;
      const sentAtMs = sentAt.get(userId)?.get(recordedAt);
      if (sentAtMs !== undefined) answer.add(now() - sentAtMs);
    },

    framed(changes: number, left: number): void {
      counts.frames += 1;
      counts.changes += changes + left;
      counts.left += left;
    },

    /** To be called when a user receives a friend's update for the first time. */
    delivered(friendId: string, recordedAt: string): void {
      const sentAtMs = sentAt.get(friendId)?.get(recordedAt);
      if (sentAtMs !== undefined) delivery.add(now() - sentAtMs);
    },

    failed(code: string): void {
      errors.set(code, (errors.get(code) ?? 0) + 1);
    },

    closed(code: string): void {
      closes.set(code, (closes.get(code) ?? 0) + 1);
    },
  };
}

export type Statistics = ReturnType<typeof createStatistics>;

/** How many of a user's newest updates are remembered, to match answers and deliveries with. */
const REMEMBERED_UPDATES = 64;
