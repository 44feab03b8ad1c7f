/**
 * Opens the page without a network, and shows what the server pushes. While there is a network the page comes from the
 * server, so a new version is there at the next load; the files of the page, whose names change with their contents,
 * are kept with it. It answers for these alone: the API, GraphiQL and tiles go past it, and no answer of the API is
 * kept.
 */

export {};

declare const self: ServiceWorkerGlobalScope;

/** Put in when the page is built. */
declare const VERSION: string;
declare const FILES: readonly string[];

/** Another deployment on this origin, under another path, has a cache of its own. */
const PREFIX = `nearby-friends ${new URL(self.registration.scope).pathname} `;
const CACHE = PREFIX + VERSION;

/** A network that says nothing for so long counts as away. */
const PATIENCE_MS = 4_000;

const inScope = (path: string): string => new URL(path, self.registration.scope).href;
const PAGE = inScope('./');
const SETTINGS = inScope('page.json');
const KEPT = new Set(FILES.map(inScope));

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      // The browser has most of them already: their names say that they never change.
      await cache.addAll([PAGE, SETTINGS, ...FILES.filter((file) => START.test(file)).map(inScope)]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
      await Promise.all(others.map((name) => caches.delete(name)));
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const { origin, pathname } = new URL(request.url);
  const url = origin + pathname;
  if (url === PAGE && request.mode === 'navigate') event.respondWith(fromNetwork(request, PAGE));
  else if (url === SETTINGS) event.respondWith(fromNetwork(request, SETTINGS));
  else if (KEPT.has(url)) event.respondWith(fromCache(request, url));
});

/** What the server says, or what it said last. */
async function fromNetwork(request: Request, url: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const asked = fetch(request).then(async (response) => {
    // The page of another version comes with a service worker of its own, which keeps it.
    if (response.ok && url === SETTINGS) await cache.put(url, response.clone());
    return response;
  });
  const known = await cache.match(url);
  if (known === undefined) return asked;
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PATIENCE_MS, known));
  // A load balancer answers 502 or 503 while the server is away.
  const answered = asked.then((response) => (response.status >= 500 ? known : response));
  return Promise.race([answered.catch(() => known), late]);
}

async function fromCache(request: Request, url: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const known = await cache.match(url);
  if (known !== undefined) return known;
  const response = await fetch(request);
  if (response.ok) await cache.put(url, response.clone());
  return response;
}

/** What the page needs to start. The land and its names are kept once they were used. */
const START = /\.(m?js|css|svg|webmanifest)$/;

self.addEventListener('push', (event) => {
  const message = event.data?.json() as PushMessage | undefined;
  if (message === undefined) return;
  const { title, tag } = notificationOf(message);
  const icon = inScope('icon-192.png');
  event.waitUntil(self.registration.showNotification(title, { tag, icon }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
      const open = windows.find(({ url }) => url.split(/[?#]/)[0] === PAGE);
      await (open === undefined ? self.clients.openWindow(PAGE) : open.focus());
    })(),
  );
});

/** As in Mutation.addPushSubscription of the API. */
type PushMessage =
  | { readonly kind: 'friend-request'; readonly from: Person }
  | { readonly kind: 'near'; readonly friend: Person }
  // Of a newer server.
  | { readonly kind: 'other' };

interface Person {
  readonly id: string;
  readonly displayName: string;
}

/** A later one about the same person takes the place of the one before. */
function notificationOf(message: PushMessage): { readonly title: string; readonly tag: string } {
  switch (message.kind) {
    case 'near':
      return { title: `${message.friend.displayName} is near`, tag: `near ${message.friend.id}` };
    case 'friend-request':
      return { title: `${message.from.displayName} wants to be friends`, tag: `request ${message.from.id}` };
    // Browsers want to see a notification for each message.
    default:
      return { title: 'There is news', tag: 'other' };
  }
}
