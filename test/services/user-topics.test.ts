import { beforeEach, describe, expect, test } from 'vitest';
import {
  createUserTopics,
  type LocationSubscriber,
  type NotificationSubscriber,
  type UserTopics,
} from '../../src/services/user-topics.js';
import { settle } from '../support/fake-clock.js';
import { createManualTopics, type ManualTopics } from './manual-topics.js';

let topics: ManualTopics;
let users: UserTopics;
/** Messages by kind and user, with the number of subscribers. */
let received: [kind: string, userId: string, message: unknown, subscribers: number][];
let failures: unknown[];

const subscriber = (): LocationSubscriber => ({
  onLocation: () => undefined,
  onWhereabouts: () => undefined,
  onApproximate: () => undefined,
  onInactive: () => undefined,
});
const [one, two, three] = [subscriber(), subscriber(), subscriber()];
const own: NotificationSubscriber = { onNotification: () => undefined };

beforeEach(() => {
  topics = createManualTopics();
  received = [];
  failures = [];
  users = createUserTopics(topics, {
    onLocation: ({ userId, locationSubscribers }, record) =>
      received.push(['location', userId, record, locationSubscribers.length]),
    onNotification: ({ userId, notificationSubscribers }, notification) =>
      received.push(['notification', userId, notification, notificationSubscribers.length]),
    onFailed: (error) => failures.push(error),
  });
  topics.onInterrupted(users.awaitRestored);
});

describe("a user's topic", () => {
  test('is subscribed once for all watchers, who have what is known of the user in common', async () => {
    const first = users.subscribeLocations('ann', one);
    const second = users.subscribeLocations('ann', two);
    expect([second, users.subscribeNotifications('ann', own)]).toEqual([first, first]);
    users.subscribeLocations('bob', one);
    await first.subscribed;
    expect([topics.subscribed, topics.live, users.size]).toEqual([2, 2, 2]);
    await topics.publish('ann', ['record']);
    await topics.publish('ann', { kind: 'notification' });
    expect(received).toEqual([
      ['location', 'ann', ['record'], 2],
      ['notification', 'ann', { kind: 'notification' }, 1],
    ]);
  });

  test('is received by its watchers from the call on, and is live when the subscription is', async () => {
    topics.hold();
    let subscribed = false;
    void users.subscribeLocations('ann', one).subscribed.then(() => (subscribed = true));
    await settle();
    expect(subscribed).toBe(false);
    topics.release();
    await settle();
    expect(subscribed).toBe(true);
  });

  test('ends with its last watcher of either kind, and only with a watcher of its own', async () => {
    await users.subscribeLocations('ann', one).subscribed;
    users.subscribeLocations('ann', two);
    users.subscribeNotifications('ann', own);
    users.unsubscribeLocations('ann', three);
    users.unsubscribeLocations('bob', one);
    users.unsubscribeLocations('ann', one);
    users.unsubscribeLocations('ann', one);
    users.unsubscribeNotifications('ann', { onNotification: () => undefined });
    users.unsubscribeNotifications('ann', own);
    users.unsubscribeNotifications('ann', own);
    await settle();
    expect([topics.live, users.size]).toEqual([1, 1]);
    users.subscribeNotifications('ann', own);
    users.unsubscribeLocations('ann', two);
    await settle();
    expect([topics.live, users.size]).toEqual([1, 1]);
    users.unsubscribeNotifications('ann', own);
    await settle();
    expect([topics.live, users.size]).toEqual([0, 0]);
    expect(users.get('ann')).toBeUndefined();
  });

  test('left while its subscription is under way is ended when that is done', async () => {
    topics.hold();
    users.subscribeLocations('ann', one);
    users.unsubscribeLocations('ann', one);
    expect(users.size).toBe(0);
    topics.release();
    await settle();
    expect([topics.subscribed, topics.live]).toEqual([1, 0]);
  });

  test('left and watched again meanwhile is another one, of whom nothing is known yet', async () => {
    topics.hold();
    const old = users.subscribeLocations('ann', one);
    users.unsubscribeLocations('ann', one);
    const fresh = users.subscribeLocations('ann', one);
    expect(fresh).not.toBe(old);
    topics.release();
    await Promise.all([old.subscribed, fresh.subscribed]);
    await settle();
    expect([topics.live, users.size]).toEqual([1, 1]);
    await topics.publish('ann', ['hello']);
    expect(received).toEqual([['location', 'ann', ['hello'], 1]]);
  });

  test('that could not be subscribed tells who waits, harms nobody else, and is tried anew by the next', async () => {
    topics.failNext();
    const failed = users.subscribeLocations('ann', one);
    users.subscribeLocations('ann', two);
    await expect(failed.subscribed).rejects.toThrow('subscribe failed');
    await users.subscribeLocations('ann', one).subscribed;
    expect(topics.live).toBe(1);
    await topics.publish('ann', ['hello']);
    expect(received).toEqual([['location', 'ann', ['hello'], 1]]);
    users.unsubscribeLocations('ann', two);
    users.unsubscribeLocations('ann', one);
    await settle();
    expect([topics.live, users.size]).toEqual([0, 0]);
  });

  test('that could not be subscribed and was left at once is no unhandled rejection', async () => {
    topics.failNext();
    users.subscribeLocations('ann', one);
    users.unsubscribeLocations('ann', one);
    await settle();
    expect([topics.live, users.size]).toEqual([0, 0]);
  });

  test('is not live while it is interrupted, and the others are', async () => {
    const [ann, bob] = [users.subscribeLocations('ann', one), users.subscribeLocations('bob', one)];
    await settle();
    topics.interrupt(['ann']);
    await bob.subscribed;
    let subscribed = false;
    void ann.subscribed.then(() => (subscribed = true));
    await settle();
    expect(subscribed).toBe(false);
    await topics.restore();
    expect(subscribed).toBe(true);
    await users.subscribeLocations('ann', two).subscribed;
  });
});
