/**
 * Checks sessions against the database while the notifications that end them may not arrive, and once more when they
 * arrive again. So a session ends everywhere soon after its sign-out, also while Redis is away. All are checked when a
 * key of tokens was revoked.
 */
import { SESSION_RECHECK_MS } from '../domain/delivery-times.js';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import { createPerTurnLimit } from '../time/per-turn-limit.js';

/** @param arrives whether notifications to a user arrive in time. */
export function startSessionRecheck(arrives: (userId: string) => boolean, clock: Clock) {
  const sessions = new Set<RecheckedSession>();
  /** Those of which a notification may have been missed. */
  const doubtful = new Set<RecheckedSession>();
  const limit = createPerTurnLimit(CHECKS_PER_TURN, clock);

  /** Sets how the next look finds a session. @returns whether it is to be checked in this one. */
  function look(session: RecheckedSession): boolean {
    const wasDoubtful = doubtful.delete(session);
    if (arrives(session.userId)) return wasDoubtful;
    doubtful.add(session);
    return true;
  }

  const check = (session: RecheckedSession): Promise<void> =>
    new Promise((resolve) => {
      limit(() => {
        if (sessions.has(session)) void session.recheck().then(resolve);
        else resolve();
      });
    });

  const stop = every(clock, SESSION_RECHECK_MS, () => Promise.all([...sessions].filter(look).map(check)));

  return {
    /** @param isDoubtful whether a notification may have been missed already. */
    add(session: RecheckedSession, isDoubtful: boolean): void {
      sessions.add(session);
      if (isDoubtful) doubtful.add(session);
    },

    remove(session: RecheckedSession): void {
      sessions.delete(session);
      doubtful.delete(session);
    },

    /** Checks all in the next look. */
    doubtAll(): void {
      for (const session of sessions) doubtful.add(session);
    },

    close(): void {
      void stop();
    },
  };
}

export type SessionRecheck = ReturnType<typeof startSessionRecheck>;

/** What was opened with a session. */
export interface RecheckedSession {
  readonly userId: string;
  /** Asks whether the session is live and ends what was opened if not. Never rejects. */
  recheck(): Promise<void>;
}

const CHECKS_PER_TURN = 500;
