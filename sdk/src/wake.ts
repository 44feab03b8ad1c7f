/**
 * Tells when it is worth trying again at once: the network is back, or a page is shown, thawed or taken out
 * of the back/forward cache. Platforms without such events stay silent, so nobody may count on one.
 */

/** The returned function removes the listener. */
export function onWake(listener: () => void): () => void {
  const window: Target = globalThis;
  const page = (globalThis as { document?: Target & { readonly hidden: boolean } }).document;
  const signals = [
    [window, 'online', listener],
    // A page that is loaded is shown as well, but has nothing to try again.
    [window, 'pageshow', (event: Event) => void ((event as PageTransitionEvent).persisted && listener())],
    [page, 'resume', listener],
    [page, 'visibilitychange', () => void (page?.hidden === false && listener())],
  ] as const;
  for (const [target, event, heard] of signals) target?.addEventListener?.(event, heard);
  return () => {
    for (const [target, event, heard] of signals) target?.removeEventListener?.(event, heard);
  };
}

/** Where the platform is no browser the functions may be missing. */
interface Target {
  addEventListener?(event: string, listener: (event: Event) => void): void;
  removeEventListener?(event: string, listener: (event: Event) => void): void;
}
