/** What happened in a simulation: counted here alone, told by report.ts. */
import { createLatencies } from './latencies.js';

/** @param now milliseconds of any monotonic clock. */
export function createStatistics(now: () => number) {
  /** By user and then by the recordedAt that tells a user's updates apart: when it was sent. */
  const sentAt = new Map<string, Map<string, number>>();
  const counts = { connected: 0, sent: 0, answered: 0, recorded: 0, frames: 0, changes: 0, left: 0 };
  const errors = new Map<string, number>();
  const closes = new Map<string, number>();
  const delivery = createLatencies();
  const answer = createLatencies();

  return {
    counts,
    /** By code. */
    errors,
    /** Connections that closed before the end or were not made, by close code. */
    closes,
    /** From sending an update to a friend's hearing of it. */
    delivery,
    /** From sending an update to its answer. */
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

    /** Somebody heard of a friend's update for the first time. */
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

/** Updates of one user that are remembered for matching, the newest. */
const REMEMBERED_UPDATES = 64;
