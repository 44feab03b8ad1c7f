/** The service worker, which opens the page without a network and shows notifications. */

/** Starts it once the page is there, as it loads the page's files again, from the browser's cache as a rule. */
export function startServiceWorker(): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return;
  const start = (): void => {
    // Where site data are blocked there is none. The page works without it.
    navigator.serviceWorker.register('sw.js').catch(() => undefined);
  };
  if (document.readyState === 'complete') start();
  else addEventListener('load', start, { once: true });
}

/** Resolves when it can show notifications; null where there is none, or none is started soon. */
export async function readyServiceWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null;
  const late = new Promise<null>((resolve) => setTimeout(resolve, START_PATIENCE_MS, null));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

const START_PATIENCE_MS = 10_000;
