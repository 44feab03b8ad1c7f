import { LRUCache } from 'lru-cache';

const TTL_MS = 10_000;
const MAX_SESSIONS = 200_000;

/**
 * Tells whether a session still lives. An answer holds for at most ten seconds; a session that is forgotten, as on
 * its session-ended notice, is looked up again at once, and an older look-up that is still under way is not trusted.
 */
export function createSessionCheck({ liveSessions, now }: SessionCheckDeps) {
  const live = new LRUCache<string, string>({
    max: MAX_SESSIONS,
    ttl: TTL_MS,
    ttlResolution: 0,
    perf: { now },
  });
  let forgotten = 0;

  return {
    async isLive(userId: string, sessionId: string): Promise<boolean> {
      if (live.get(sessionId) === userId) return true;
      const before = forgotten;
      const isLive = await liveSessions.has(sessionId);
      if (isLive && before !== forgotten) return liveSessions.has(sessionId);
      if (isLive) live.set(sessionId, userId);
      return isLive;
    },

    /** Null forgets all of the user's. */
    forget(userId: string, sessionId: string | null): void {
      forgotten += 1;
      if (sessionId !== null) {
        live.delete(sessionId);
        return;
      }
      for (const [id, owner] of live.entries()) if (owner === userId) live.delete(id);
    },
  };
}

export type SessionCheck = ReturnType<typeof createSessionCheck>;

export interface SessionCheckDeps {
  readonly liveSessions: { has(sessionId: string): Promise<boolean> };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
