import { beforeEach, describe, expect, test } from 'vitest';
import type { FriendRequest } from '../../src/domain/friendship.js';
import { createFriendRequestStream } from '../../src/services/friend-request-stream.js';
import type { Notifications } from '../../src/services/notifications.js';
import { createSubscriptionQuota, type SubscriptionQuota } from '../../src/services/subscription-quota.js';
import type { UserTopics } from '../../src/services/user-topics.js';
import type { ViewerLifetimes } from '../../src/services/viewer-lifetime.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';
import { uuidOf } from '../support/uuid.js';
import { createManualTopics, type ManualTopics } from './manual-topics.js';
import { notificationsOver, viewerLifetimesOver } from './notifications-over.js';

const card = (handle: string) => ({ id: uuidOf(handle), handle, displayName: handle });
const request = (name: string, status: FriendRequest['status'] = 'PENDING'): FriendRequest => ({
  id: uuidOf(name),
  from: card('bob'),
  to: card('ann'),
  status,
  createdAtMs: 1,
});

let clock: FakeClock;
let topics: ManualTopics;
let userTopics: UserTopics;
let notifications: Notifications;
let subscriptions: SubscriptionQuota;
let viewerLifetimes: ViewerLifetimes;
let givenUp: number;

beforeEach(() => {
  clock = createFakeClock();
  topics = createManualTopics();
  ({ userTopics, notifications } = notificationsOver(topics));
  subscriptions = createSubscriptionQuota(2);
  viewerLifetimes = viewerLifetimesOver(notifications, clock);
  givenUp = 0;
});

const SESSION = uuidOf('session');
const viewer = () => ({ userId: 'ann', sessionId: SESSION, expiresAtMs: clock.now() + 60_000, keyId: null });
const follow = () =>
  createFriendRequestStream({ notifications, subscriptions, viewerLifetimes, onGivenUp: () => givenUp++ })(
    viewer(),
  );
const tell = (...requests: FriendRequest[]) =>
  notifications.publish(
    requests.map((each) => ({ userId: 'ann', notification: { kind: 'request', request: each } })),
  );
/** The check of sessions stays. */
const leftovers = () => [userTopics.size, topics.live, clock.pending - 1];

describe('a stream of friend requests', () => {
  test('tells of requests as they are made and answered, and of nothing else', async () => {
    const stream = await follow();
    const first = stream.next();
    await notifications.publish([
      { userId: 'ann', notification: { kind: 'relation', friendId: uuidOf('bob') } },
    ]);
    await tell(request('1'));
    expect(await first).toEqual({ done: false, value: request('1') });
    await tell(request('1', 'ACCEPTED'), request('2'));
    expect(await stream.next()).toEqual({ done: false, value: request('1', 'ACCEPTED') });
    expect(await stream.next()).toEqual({ done: false, value: request('2') });
  });

  test('keeps for a slow reader the newest state of each, and not more than a thousand', async () => {
    const stream = await follow();
    await tell(request('held'));
    for (let nth = 0; nth < 1_500; nth++) await tell(request(`${nth}`));
    await tell(request('1499', 'CANCELLED'));
    const seen: string[] = [];
    for (let count = 0; count < 1_001; count++) {
      const { value } = await stream.next();
      seen.push(`${value?.id} ${value?.status}`);
    }
    expect(seen[0]).toBe(`${uuidOf('held')} PENDING`);
    expect(seen[1]).toBe(`${uuidOf('500')} PENDING`);
    expect(seen.at(-1)).toBe(`${uuidOf('1499')} CANCELLED`);
    expect(givenUp).toBe(500);
    let more = false;
    void stream.next().then(() => (more = true));
    await settle();
    expect(more).toBe(false);
  });

  test('resolves when it is live', async () => {
    topics.hold();
    let live = false;
    void follow().then(() => (live = true));
    await settle();
    expect(live).toBe(false);
    topics.release();
    await settle();
    expect(live).toBe(true);
  });

  test.each([SESSION, null])('ends with the session (%s) and leaves nothing behind', async (sessionId) => {
    const stream = await follow();
    const next = stream.next();
    await notifications.publish([
      { userId: 'ann', notification: { kind: 'session-ended', sessionId: uuidOf('other') } },
    ]);
    await notifications.publish([{ userId: 'ann', notification: { kind: 'session-ended', sessionId } }]);
    expect((await next).done).toBe(true);
    await settle();
    expect(leftovers()).toEqual([0, 0, 0]);
  });

  test('ends with the token', async () => {
    const stream = await follow();
    await clock.advance(60_000);
    expect((await stream.next()).done).toBe(true);
    expect(leftovers()).toEqual([0, 0, 0]);
  });

  test('that is left leaves nothing behind', async () => {
    const stream = await follow();
    await stream.return?.();
    await settle();
    expect(leftovers()).toEqual([0, 0, 0]);
  });

  test('that can not be subscribed rejects and leaves nothing behind', async () => {
    topics.failNext();
    await expect(follow()).rejects.toThrow('subscribe failed');
    expect(leftovers()).toEqual([0, 0, 0]);
  });
});
