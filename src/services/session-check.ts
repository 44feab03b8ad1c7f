/**
 * Tells whether a session still lives. The store is asked each time, so that signing out counts at once on every
 * server. While the store cannot answer, a session that lived in the last ten minutes goes on and is asked for again
 * every five seconds: a database that is down must not silence those who are signed in.
 */
import { LRUCache } from 'lru-cache';

export function createSessionCheck({ liveSessions, now }: SessionCheckDeps) {
  const lived = new LRUCache<string, LivedSession>({
    max: MAX_SESSIONS,
    ttl: MAX_OUTAGE_MS,
    ttlResolution: 0,
    perf: { now },
  });
  let forgotten = 0;

  return {
    /** @throws what the store throws, when the session is not known to have lived. */
    async isLive(userId: string, sessionId: string): Promise<boolean> {
      if (now() < (lived.get(sessionId)?.askAgainAtMs ?? 0)) return true;
      const before = forgotten;
      try {
        const isLive = await liveSessions.has(sessionId);
        // An answer from before a session ended is not trusted.
        if (isLive && before !== forgotten) return await liveSessions.has(sessionId);
        if (isLive) lived.set(sessionId, { userId, askAgainAtMs: 0 });
        else lived.delete(sessionId);
        return isLive;
      } catch (error) {
        if (!lived.has(sessionId)) throw error;
        lived.set(sessionId, { userId, askAgainAtMs: now() + ASK_AGAIN_MS }, { noUpdateTTL: true });
        return true;
      }
    },

    /** For a session that ended; null forgets all of the user's. */
    forget(userId: string, sessionId: string | null): void {
      forgotten += 1;
      if (sessionId !== null) {
        lived.delete(sessionId);
        return;
      }
      for (const [id, session] of lived.entries()) if (session.userId === userId) lived.delete(id);
    },
  };
}

export type SessionCheck = ReturnType<typeof createSessionCheck>;

export interface SessionCheckDeps {
  readonly liveSessions: { has(sessionId: string): Promise<boolean> };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface LivedSession {
  readonly userId: string;
  /** Until then it counts as living without asking, since the store could not answer. */
  readonly askAgainAtMs: number;
}

const MAX_OUTAGE_MS = 600_000;
const ASK_AGAIN_MS = 5_000;
const MAX_SESSIONS = 200_000;
