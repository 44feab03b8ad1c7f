/**
 * Checks whether a session is still live. It asks the store each time, so that a sign-out counts at once on
 * every server. While the store does not answer, a session that was live in the last ten minutes counts as live
 * without a wait, and one of them is asked about every second, so that an outage of the database neither stops
 * nor slows signed-in users. A session that was not seen live is refused.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';

export function createSessionCheck({ activeSessions, clock }: SessionCheckDeps) {
  /** The users of the sessions that were live when the store answered last. */
  const confirmed = new LRUCache<string, string>({
    max: MAX_SESSIONS,
    ttl: MAX_OUTAGE_MS,
    ttlResolution: 0,
    perf: { now: clock.monotonic },
  });
  let forgotten = 0;
  /** Whether the store did not answer when it was asked, and has not answered since. */
  let isSilent = false;
  let askedAtMs = -Infinity;

  async function ask(userId: string, sessionId: string): Promise<boolean> {
    const before = forgotten;
    askedAtMs = clock.monotonic();
    const isActive = await activeSessions.has(sessionId);
    isSilent = false;
    // A session may have ended since the store answered, so ask once more.
    if (isActive && before !== forgotten) return activeSessions.has(sessionId);
    if (isActive) confirmed.set(sessionId, userId);
    else confirmed.delete(sessionId);
    return isActive;
  }

  /** Resolves to null when the store fails, or does not answer soon; its answer counts all the same. */
  async function askSoon(userId: string, sessionId: string): Promise<boolean | null> {
    const asked = ask(userId, sessionId).catch(() => null);
    const answer = await within(clock, PATIENCE_MS, asked, null);
    if (answer === null) isSilent = true;
    return answer;
  }

  return {
    /** @throws the store's error when the session was not seen live in the last ten minutes. */
    async isActive(userId: string, sessionId: string): Promise<boolean> {
      if (!confirmed.has(sessionId)) return ask(userId, sessionId);
      if (isSilent) {
        if (clock.monotonic() - askedAtMs >= ASK_AGAIN_MS) void askSoon(userId, sessionId);
        return true;
      }
      const answer = await askSoon(userId, sessionId);
      if (answer !== null) return answer;
      // It may have been forgotten meanwhile.
      return confirmed.has(sessionId) || ask(userId, sessionId);
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
      for (const [id, owner] of confirmed.entries()) if (owner === userId) confirmed.delete(id);
    },
  };
}

export type SessionCheck = ReturnType<typeof createSessionCheck>;

export interface SessionCheckDeps {
  readonly activeSessions: { has(sessionId: string): Promise<boolean> };
  readonly clock: Clock;
}

const MAX_OUTAGE_MS = 600_000;
/** How long the store may take before a session that lived counts as live: an update waits for it. */
const PATIENCE_MS = 500;
const ASK_AGAIN_MS = 1_000;
const MAX_SESSIONS = 200_000;
