/**
 * Lets the tabs of one browser do something one after another, by a Web Lock. Without a name, or where the
 * platform has no Web Locks or refuses them, nobody waits: what tabs do in turn must be safe without, too.
 */

/**
 * Runs `work` while no other tab runs work of the same name. A tab that does not end is waited for 15 s at
 * most.
 */
export async function inTurn<T>(name: string | undefined, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis as { navigator?: Partial<Navigator> }).navigator?.locks;
  if (name === undefined || locks === undefined) return work();
  const waiting = new AbortController();
  const timer = setTimeout(() => {
    waiting.abort();
  }, LONGEST_WAIT_MS);
  let started: Promise<T> | null = null;
  try {
    return await locks.request(name, { signal: waiting.signal }, () => {
      clearTimeout(timer);
      return (started = work());
    });
  } catch (error) {
    // A browser may suspend a tab that holds the lock, and one that blocks site data refuses locks.
    if (started === null) return work();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Longer than a request may take. */
const LONGEST_WAIT_MS = 15_000;
