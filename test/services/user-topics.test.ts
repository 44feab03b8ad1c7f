import { beforeEach, describe, expect, test } from 'vitest';
import {
  createUserTopics,
  type LocationWatcher,
  type NoticeWatcher,
  type UserTopics,
} from '../../src/services/user-topics.js';
import { settle } from '../support/fake-clock.js';
import { createManualTopics, type ManualTopics } from './manual-topics.js';

let topics: ManualTopics;
let users: UserTopics;
/** Messages by kind and user, with how many watch. */
let heard: [kind: string, userId: string, message: unknown, watchers: number][];

const follower = (): LocationWatcher => ({ onLocation: () => undefined, onInactive: () => undefined });
const [one, two, three] = [follower(), follower(), follower()];
const own: NoticeWatcher = { onNotice: () => undefined };

beforeEach(() => {
  topics = createManualTopics();
  users = createUserTopics(topics);
  heard = [];
  users.handlers.onRecord = ({ userId, followers }, record) =>
    heard.push(['record', userId, record, followers.length]);
  users.handlers.onNotice = (topic, notice) => heard.push(['notice', topic.userId, notice, topic.own.length]);
});

describe("a user's topic", () => {
  test('is subscribed once for all watchers, who have what is known of the user in common', async () => {
    const first = users.follow('ann', one);
    const second = users.follow('ann', two);
    expect([second, users.listen('ann', own)]).toEqual([first, first]);
    users.follow('bob', one);
    await first.live;
    expect([topics.subscribed, topics.live, users.size]).toEqual([2, 2, 2]);
    await topics.publish('ann', ['record']);
    await topics.publish('ann', { kind: 'notice' });
    expect(heard).toEqual([
      ['record', 'ann', ['record'], 2],
      ['notice', 'ann', { kind: 'notice' }, 1],
    ]);
  });

  test('is heard by its watchers from the call on, and is live when the subscription is', async () => {
    topics.hold();
    let live = false;
    void users.follow('ann', one).live?.then(() => (live = true));
    await settle();
    expect(live).toBe(false);
    topics.release();
    await settle();
    expect(live).toBe(true);
  });

  test('ends with its last watcher of either kind, and only with a watcher of its own', async () => {
    await users.follow('ann', one).live;
    users.follow('ann', two);
    users.listen('ann', own);
    users.unfollow('ann', three);
    users.unfollow('bob', one);
    users.unfollow('ann', one);
    users.unfollow('ann', one);
    users.unlisten('ann', { onNotice: () => undefined });
    users.unlisten('ann', own);
    users.unlisten('ann', own);
    await settle();
    expect([topics.live, users.size]).toEqual([1, 1]);
    users.listen('ann', own);
    users.unfollow('ann', two);
    await settle();
    expect([topics.live, users.size]).toEqual([1, 1]);
    users.unlisten('ann', own);
    await settle();
    expect([topics.live, users.size]).toEqual([0, 0]);
    expect(users.get('ann')).toBeUndefined();
  });

  test('left while its subscription is under way is ended when that is done', async () => {
    topics.hold();
    users.follow('ann', one);
    users.unfollow('ann', one);
    expect(users.size).toBe(0);
    topics.release();
    await settle();
    expect([topics.subscribed, topics.live]).toEqual([1, 0]);
  });

  test('left and watched again meanwhile is another one, of whom nothing is known yet', async () => {
    topics.hold();
    const old = users.follow('ann', one);
    users.unfollow('ann', one);
    const fresh = users.follow('ann', one);
    expect(fresh).not.toBe(old);
    topics.release();
    await Promise.all([old.live, fresh.live]);
    await settle();
    expect([topics.live, users.size]).toEqual([1, 1]);
    await topics.publish('ann', ['hello']);
    expect(heard).toEqual([['record', 'ann', ['hello'], 1]]);
  });

  test('that could not be subscribed tells who waits, harms nobody else, and is tried anew by the next', async () => {
    topics.failNext();
    const failed = users.follow('ann', one);
    users.follow('ann', two);
    await expect(failed.live).rejects.toThrow('subscribe failed');
    await users.follow('ann', one).live;
    expect(topics.live).toBe(1);
    await topics.publish('ann', ['hello']);
    expect(heard).toEqual([['record', 'ann', ['hello'], 1]]);
    users.unfollow('ann', two);
    users.unfollow('ann', one);
    await settle();
    expect([topics.live, users.size]).toEqual([0, 0]);
  });

  test('that could not be subscribed and was left at once is no unhandled rejection', async () => {
    topics.failNext();
    users.follow('ann', one);
    users.unfollow('ann', one);
    await settle();
    expect([topics.live, users.size]).toEqual([0, 0]);
  });

  test('is not live while it is interrupted, and the others are', async () => {
    const [ann, bob] = [users.follow('ann', one), users.follow('bob', one)];
    await settle();
    topics.interrupt(['ann']);
    expect(bob.live).toBeNull();
    let live = false;
    void ann.live?.then(() => (live = true));
    await settle();
    expect(live).toBe(false);
    await topics.restore();
    expect([live, ann.live]).toEqual([true, null]);
  });
});
