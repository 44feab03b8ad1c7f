/**
 * Checks whether a session is still live. It asks the store each time, so that a sign-out counts at once on
 * every server. While the store does not answer, a session that was live in the last ten minutes still counts
 * as live and is checked again every five seconds, so that an outage of the database does not stop signed-in
 * users.
 */
import { LRUCache } from 'lru-cache';

export function createSessionCheck({ activeSessions, monotonic }: SessionCheckDeps) {
  const confirmed = new LRUCache<string, ConfirmedSession>({
    max: MAX_SESSIONS,
    ttl: MAX_OUTAGE_MS,
    ttlResolution: 0,
    perf: { now: monotonic },
  });
  let forgotten = 0;

  return {
    /** @throws the store's error when the session was not seen live in the last ten minutes. */
    async isActive(userId: string, sessionId: string): Promise<boolean> {
      if (monotonic() < (confirmed.get(sessionId)?.askAgainAtMs ?? 0)) return true;
      const before = forgotten;
      try {
        const isActive = await activeSessions.has(sessionId);
        // A session may have ended since the store answered, so ask once more.
        if (isActive && before !== forgotten) return await activeSessions.has(sessionId);
        if (isActive) confirmed.set(sessionId, { userId, askAgainAtMs: 0 });
        else confirmed.delete(sessionId);
        return isActive;
      } catch (error) {
        if (!confirmed.has(sessionId)) throw error;
        confirmed.set(sessionId, { userId, askAgainAtMs: monotonic() + ASK_AGAIN_MS }, { noUpdateTTL: true });
        return true;
      }
    },

    /**
     * To be called when a session has ended.
     * @param sessionId null forgets all sessions of the user.
     */
    forget(userId: string, sessionId: string | null): void {
      forgotten += 1;
      if (sessionId !== null) {
        confirmed.delete(sessionId);
        return;
      }
      for (const [id, session] of confirmed.entries()) if (session.userId === userId) confirmed.delete(id);
    },
  };
}

export type SessionCheck = ReturnType<typeof createSessionCheck>;

export interface SessionCheckDeps {
  readonly activeSessions: { has(sessionId: string): Promise<boolean> };
  /** Returns milliseconds on a clock that only moves forward. */
  readonly monotonic: () => number;
}

interface ConfirmedSession {
  readonly userId: string;
  /** Until then, on the monotonic clock, the session counts as live without asking the store, which did not answer. */
  readonly askAgainAtMs: number;
}

const MAX_OUTAGE_MS = 600_000;
const ASK_AGAIN_MS = 5_000;
const MAX_SESSIONS = 200_000;
