/**
 * Tells whether somebody sees the app, when it is worth trying again at once, and when the app stands still. In a
 * browser the page does; React Native's states are in react-native.ts.
 */

export interface Lifecycle {
  /** Whether nobody sees the app. */
  readonly hidden: boolean;
  /**
   * Calls the listener when it is worth trying again at once: the app is shown again, or the network is back. The
   * returned function removes the listener. Platforms may stay silent, so nobody counts on a call.
   */
  onWake(listener: () => void): () => void;
  /**
   * Calls the listener before the app's code stands still while its sockets stay open. The returned function removes
   * the listener. Default: that is not told.
   */
  onFreeze?(listener: () => void): () => void;
}

/** The page of a browser; outside a browser an app that is always seen. */
export function pageLifecycle(): Lifecycle {
  const page = (): Page | undefined => (globalThis as { document?: Page }).document;
  return {
    get hidden() {
      return page()?.hidden === true;
    },
    onWake(listener) {
      const shown = page();
      return listen([
        [globalThis, 'online', listener],
        // A page that is loaded is shown as well, but has nothing to try again.
        [globalThis, 'pageshow', ifCached(listener)],
        [shown, 'resume', listener],
        [shown, 'visibilitychange', () => void (shown?.hidden === false && listener())],
      ]);
    },
    // In the back/forward cache nobody reads the messages that some browsers go on taking.
    onFreeze: (listener) => listen([[globalThis, 'pagehide', ifCached(listener)]]),
  };
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

type Page = Target & { readonly hidden: boolean };
