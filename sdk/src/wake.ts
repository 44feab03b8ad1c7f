/**
 * Tells when a page goes into the back/forward cache, and when it is worth trying again at once: the network is
 * back, or a page is shown, thawed or taken out of the cache. Platforms without such events stay silent, so nobody
 * may count on one.
 */

/** The returned function removes the listener. */
export function onWake(listener: () => void): () => void {
  const page = (globalThis as { document?: Target & { readonly hidden: boolean } }).document;
  return listen([
    [globalThis, 'online', listener],
    // A page that is loaded is shown as well, but has nothing to try again.
    [globalThis, 'pageshow', ifCached(listener)],
    [page, 'resume', listener],
    [page, 'visibilitychange', () => void (page?.hidden === false && listener())],
  ]);
}

/**
 * Tells before the page's scripts stand still, while its sockets stay open in some browsers. The returned function
 * removes the listener.
 */
export function onPageCached(listener: () => void): () => void {
  return listen([[globalThis, 'pagehide', ifCached(listener)]]);
}

const ifCached = (listener: () => void) => (event: Event) =>
  void ((event as PageTransitionEvent).persisted && listener());

function listen(signals: readonly Signal[]): () => void {
  for (const [target, event, heard] of signals) target?.addEventListener?.(event, heard);
  return () => {
    for (const [target, event, heard] of signals) target?.removeEventListener?.(event, heard);
  };
}

type Signal = readonly [target: Target | undefined, event: string, heard: (event: Event) => void];

/** Where the platform is no browser the functions may be missing. */
interface Target {
  addEventListener?(event: string, listener: (event: Event) => void): void;
  removeEventListener?(event: string, listener: (event: Event) => void): void;
}
