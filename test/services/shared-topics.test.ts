import { beforeEach, describe, expect, test } from 'vitest';
import { createSharedTopics } from '../../src/services/shared-topics.js';
import { settle } from '../support/fake-clock.js';
import { createManualTopics, type ManualTopics } from './manual-topics.js';

let topics: ManualTopics;
let heard: [key: string, message: unknown, watchers: string[]][];

function open() {
  heard = [];
  return createSharedTopics<string, { opened: number }>({
    topics,
    topicOf: (key) => `t:${key}`,
    newState: () => ({ opened: topics.subscribed }),
    onMessage: ({ key, watchers }, message) => heard.push([key, message, [...watchers]]),
  });
}

beforeEach(() => {
  topics = createManualTopics();
});

describe('a shared topic', () => {
  test('is subscribed once for all watchers, who have its state in common', async () => {
    const shared = open();
    const first = shared.watch('ann', 'one');
    const second = shared.watch('ann', 'two');
    expect(second).toBe(first);
    shared.watch('bob', 'one');
    await first.live;
    expect([topics.subscribed, topics.live, shared.size]).toEqual([2, 2, 2]);
    await topics.publish('t:ann', 'hello');
    expect(heard).toEqual([['ann', 'hello', ['one', 'two']]]);
  });

  test('is heard by its watchers from the call on, and is live when the subscription is', async () => {
    topics.hold();
    const shared = open();
    let live = false;
    void shared.watch('ann', 'one').live?.then(() => (live = true));
    await settle();
    expect(live).toBe(false);
    topics.release();
    await settle();
    expect(live).toBe(true);
  });

  test('ends with its last watcher, and only with a watcher of its own', async () => {
    const shared = open();
    await shared.watch('ann', 'one').live;
    shared.watch('ann', 'two');
    shared.unwatch('ann', 'three');
    shared.unwatch('bob', 'one');
    shared.unwatch('ann', 'one');
    shared.unwatch('ann', 'one');
    await settle();
    expect([topics.live, shared.size]).toEqual([1, 1]);
    shared.unwatch('ann', 'two');
    await settle();
    expect([topics.live, shared.size]).toEqual([0, 0]);
    expect(shared.get('ann')).toBeUndefined();
  });

  test('left while its subscription is under way is ended when that is done', async () => {
    topics.hold();
    const shared = open();
    shared.watch('ann', 'one');
    shared.unwatch('ann', 'one');
    expect(shared.size).toBe(0);
    topics.release();
    await settle();
    expect([topics.subscribed, topics.live]).toEqual([1, 0]);
  });

  test('left and watched again meanwhile is another one, with a state of its own', async () => {
    topics.hold();
    const shared = open();
    const old = shared.watch('ann', 'one');
    shared.unwatch('ann', 'one');
    const fresh = shared.watch('ann', 'one');
    expect(fresh).not.toBe(old);
    expect(fresh.state).not.toBe(old.state);
    topics.release();
    await Promise.all([old.live, fresh.live]);
    await settle();
    expect([topics.live, shared.size]).toEqual([1, 1]);
    await topics.publish('t:ann', 'hello');
    expect(heard).toEqual([['ann', 'hello', ['one']]]);
  });

  test('that could not be subscribed tells who waits, harms nobody else, and is tried anew by the next', async () => {
    const shared = open();
    topics.failNext();
    const failed = shared.watch('ann', 'one');
    shared.watch('ann', 'two');
    await expect(failed.live).rejects.toThrow('subscribe failed');
    await shared.watch('ann', 'one').live;
    expect(topics.live).toBe(1);
    await topics.publish('t:ann', 'hello');
    expect(heard).toEqual([['ann', 'hello', ['one']]]);
    shared.unwatch('ann', 'two');
    shared.unwatch('ann', 'one');
    await settle();
    expect([topics.live, shared.size]).toEqual([0, 0]);
  });

  test('that could not be subscribed and was left at once is no unhandled rejection', async () => {
    const shared = open();
    topics.failNext();
    shared.watch('ann', 'one');
    shared.unwatch('ann', 'one');
    await settle();
    expect([topics.live, shared.size]).toEqual([0, 0]);
  });
});
