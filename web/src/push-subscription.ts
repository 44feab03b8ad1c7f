/**
 * The browser's push subscription. It belongs to the user who turned notifications on: nobody else who signs in on this
 * browser takes it over, and signing out ends it.
 */
import {
  AddPushSubscriptionDocument,
  type NearbyFriendsClient,
  RemovePushSubscriptionDocument,
  type TextStorage,
} from 'nearby-friends-client';
import { PageError } from './failure-text.js';
import { readyServiceWorker } from './service-worker.js';

/** Why this browser can't show notifications; null where it can. */
export function whyNoNotifications(): string | null {
  if ('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window) return null;
  // Safari on iPhones has them for installed pages alone.
  if ('standalone' in navigator && navigator.standalone !== true)
    return 'To get notifications on this device, add this page to its Home Screen and open it there.';
  return 'This browser shows no notifications of this page.';
}

/** Asks the browser's user, and subscribes. @throws PageError when the user or the browser refuses. */
export async function turnOnPush(
  { client, storage, userId }: PushUser,
  publicKey: string,
): Promise<'on' | 'refused'> {
  if ((await Notification.requestPermission()) !== 'granted') return 'refused';
  const registration = await readyServiceWorker();
  if (registration === null) throw new PageError('Notifications could not be turned on. Reload the page.');
  // One with another key of the server can't be used any more.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const subscription = await registration.pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })
    .catch(() => {
      throw new PageError('The push service of your browser could not be reached. Try again later.');
    });
  await tellServer(client, subscription);
  storage.setItem(OWNER, userId);
  return 'on';
}

/** Ends it here and on the server. */
export async function turnOffPush({ client, storage }: PushUser): Promise<void> {
  const endpoint = await endPush(storage);
  if (endpoint !== null) await client.request(RemovePushSubscriptionDocument, { endpoint });
}

/** Ends it in this browser; with its session it ends on the server. Resolves to its endpoint. */
export async function endPush(storage: TextStorage): Promise<string | null> {
  storage.removeItem(OWNER);
  const subscription = await known();
  await subscription?.unsubscribe();
  return subscription?.endpoint ?? null;
}

/** Renews what was turned on. Resolves to whether it was, by this user; another's is ended. */
export async function renewPush({ client, storage, userId }: PushUser): Promise<boolean> {
  const subscription = await known();
  if (subscription === null) return false;
  if (storage.getItem(OWNER) !== userId || Notification.permission !== 'granted') {
    await endPush(storage);
    return false;
  }
  await tellServer(client, subscription);
  return true;
}

export interface PushUser {
  readonly client: NearbyFriendsClient;
  readonly storage: TextStorage;
  readonly userId: string;
}

const OWNER = 'nearby-friends-notified-user';

async function known(): Promise<PushSubscription | null> {
  if (whyNoNotifications() !== null) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function tellServer(client: NearbyFriendsClient, subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const input = { endpoint: endpoint ?? '', p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' };
  await client.request(AddPushSubscriptionDocument, { input });
}
