import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../../support/redis.js';
import { names, openRedisEnd, type RedisEnd } from './redis-end.js';

const { userChannel } = names;

let redis: TestRedis;
let end: RedisEnd;
/** Looks at Redis from outside. */
let observer: Redis;
let interruptions: number;
let restorations: number;

beforeEach(async () => {
  redis = await startTestRedis();
  await open(redis.url);
});
afterEach(async () => {
  end.close();
  observer.disconnect();
  await redis.close();
});

async function open(url: string): Promise<void> {
  end = await openRedisEnd(url);
  observer = new Redis(redis.url, { retryStrategy: () => 50 });
  observer.on('error', () => undefined);
  [interruptions, restorations] = [0, 0];
  end.topics.onInterrupted(({ restored }) => {
    interruptions++;
    void restored.then(() => restorations++);
  });
}

const ignore = (): void => undefined;
const channels = async (): Promise<number> => (await observer.pubsub('CHANNELS')).length;
/** The users of whom a channel is subscribed. */
const subscribed = async (): Promise<string[]> =>
  ((await observer.pubsub('CHANNELS')) as string[]).map((name) => name.replace(/^.*:user:/, '')).sort();
const topicNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `topic:${index}`);

/** ChannelSubscriber of a topic. */
async function subscribers(topic: string): Promise<number> {
  const [, count] = await observer.pubsub('NUMSUB', userChannel(topic));
  return Number(count);
}

/** How often Redis was given a command, or refused it. */
async function calls(command: string): Promise<number> {
  const stats = await observer.info('commandstats');
  const [, done, refused] =
    new RegExp(`cmdstat_${command}:calls=(\\d+).*rejected_calls=(\\d+)`).exec(stats) ?? [];
  return Number(done ?? 0) + Number(refused ?? 0);
}

async function hears(topic: string, heard: unknown[]): Promise<void> {
  const message = { nth: heard.length };
  await observer.publish(userChannel(topic), JSON.stringify(message));
  await expect.poll(() => heard.at(-1), { interval: 5 }).toEqual(message);
}

describe('twenty thousand topics', () => {
  test('are joined and left in a few commands, and nothing is left behind', async () => {
    const topics = topicNames(20_000);
    const subscriptions = await Promise.all(topics.map((topic) => end.topics.subscribe(topic, ignore)));
    expect(await channels()).toBe(20_000);
    expect(await calls('subscribe')).toBeLessThanOrEqual(25);
    for (const subscription of subscriptions) end.topics.unsubscribe(subscription);
    await expect.poll(channels).toBe(0);
    expect(await calls('unsubscribe')).toBeLessThanOrEqual(25);
    expect(await calls('psubscribe')).toBe(0);
    expect(await calls('punsubscribe')).toBe(0);
  });

  test('are live again after an outage', async () => {
    const heard: unknown[] = [];
    await Promise.all(
      topicNames(20_000).map((topic) => end.topics.subscribe(topic, ({ message }) => heard.push(message))),
    );
    await redis.restart();
    await expect.poll(() => restorations, { timeout: 5_000 }).toBe(1);
    expect(await channels()).toBe(20_000);
    await hears('topic:19999', heard);
  });
});

describe('one topic', () => {
  test('has one subscription, whatever the number of listeners', async () => {
    const heard: unknown[][] = [[], [], []];
    const subscriptions = await Promise.all(
      heard.map((messages) => end.topics.subscribe('shared', ({ message }) => messages.push(message))),
    );
    expect(await subscribers('shared')).toBe(1);
    expect(await calls('subscribe')).toBe(1);
    for (const messages of heard) await hears('shared', messages);
    for (const subscription of subscriptions) end.topics.unsubscribe(subscription);
    await expect.poll(() => subscribers('shared')).toBe(0);
  });

  test('left and joined in the same turn ends subscribed', async () => {
    let subscription = await end.topics.subscribe('turning', ignore);
    for (let round = 0; round < 50; round++) {
      end.topics.unsubscribe(subscription);
      const heard: unknown[] = [];
      subscription = await end.topics.subscribe('turning', ({ message }) => heard.push(message));
      expect(await subscribers('turning')).toBe(1);
      await hears('turning', heard);
    }
    end.topics.unsubscribe(subscription);
    await expect.poll(() => subscribers('turning')).toBe(0);
  });

  test('joined and left over and over at random ends as it was left', async () => {
    const topics = topicNames(30);
    const subscriptions = new Map<string, number>();
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        topics.map(async (topic, index) => {
          if ((round * 7 + index * 13) % 5 < 2) return;
          const subscription = subscriptions.get(topic);
          if (subscription !== undefined) end.topics.unsubscribe(subscription);
          subscriptions.delete(topic);
          if ((round + index) % 3 > 0) subscriptions.set(topic, await end.topics.subscribe(topic, ignore));
        }),
      );
    }
    await expect.poll(channels).toBe(subscriptions.size);
    for (const subscription of subscriptions.values()) end.topics.unsubscribe(subscription);
    await expect.poll(channels).toBe(0);
  });

  test('whose messages are no JSON or no object does not break the others', async () => {
    const heard: unknown[] = [];
    await end.topics.subscribe('odd', ({ message }) => heard.push(message));
    await observer.publish(userChannel('odd'), '{"half":');
    await observer.publish(userChannel('odd'), 'null');
    await observer.publish(userChannel('odd'), '{ "nth": 1 }');
    await expect.poll(() => heard).toHaveLength(3);
    expect(heard).toEqual(['{"half":', null, { nth: 1 }]);
  });
});

describe('an outage', () => {
  test('is told once when it begins and once when every topic is live again', async () => {
    const heard = new Map<string, unknown[]>(topicNames(50).map((topic) => [topic, []]));
    for (const [topic, messages] of heard) {
      await end.topics.subscribe(topic, ({ message }) => messages.push(message));
    }
    await redis.kill9();
    await expect.poll(() => interruptions).toBe(1);
    await wait(300);
    expect([interruptions, restorations]).toEqual([1, 0]);
    await redis.restart();
    await expect.poll(() => restorations, { timeout: 5_000 }).toBe(1);
    for (const [topic, messages] of heard) await hears(topic, messages);
    expect([interruptions, restorations]).toEqual([1, 1]);
    await redis.restart();
    await expect.poll(() => restorations, { timeout: 5_000 }).toBe(2);
    expect(interruptions).toBe(2);
  });

  test('fails what is published meanwhile at once', async () => {
    await redis.kill9();
    await expect.poll(() => interruptions).toBe(1);
    const startedAt = performance.now();
    await expect(end.topics.publish('topic', 1)).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(500);
    await redis.restart();
  });

  test('may see topics come and go: after it the wanted ones are live, and no others', async () => {
    const old = await end.topics.subscribe('old', ignore);
    await end.topics.subscribe('kept', ignore);
    await redis.kill9();
    await expect.poll(() => interruptions).toBe(1);
    end.topics.unsubscribe(old);
    const heard: unknown[] = [];
    const joining = end.topics.subscribe('new', ({ message }) => heard.push(message));
    await redis.restart();
    await joining;
    await expect.poll(() => restorations, { timeout: 5_000 }).toBe(1);
    await hears('new', heard);
    expect(await subscribed()).toEqual(['kept', 'new']);
  });

  test('of a Redis that hangs is noticed within five seconds, and over when it goes on', async () => {
    const heard: unknown[] = [];
    await end.topics.subscribe('topic', ({ message }) => heard.push(message));
    redis.signal('SIGSTOP');
    const stoppedAt = performance.now();
    await expect.poll(() => interruptions, { timeout: 8_000, interval: 20 }).toBe(1);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    redis.signal('SIGCONT');
    await expect.poll(() => restorations, { timeout: 8_000 }).toBe(1);
    await hears('topic', heard);
    await end.topics.publish('topic', 'published');
    expect([interruptions, restorations]).toEqual([1, 1]);
  });

  test('of a Redis that hangs fails commands in time, and the connection is given up for a new one', async () => {
    redis.signal('SIGSTOP');
    const closed = new Promise((resolve) => end.commands.once('close', resolve));
    const startedAt = performance.now();
    await expect(end.topics.publish('topic', 1)).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    redis.signal('SIGCONT');
    await expect
      .poll(
        () =>
          end.topics.publish('topic', 2).then(
            () => 'published',
            () => 'failed',
          ),
        { timeout: 5_000 },
      )
      .toBe('published');
  });

  test('does not come by a quiet time', async () => {
    await end.topics.subscribe('topic', ignore);
    await wait(4_300);
    expect([interruptions, restorations]).toEqual([0, 0]);
  });
});

describe('a SUBSCRIBE that Redis refuses', () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);

  beforeEach(async () => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
    await observer.acl(
      'SETUSER',
      'limited',
      'on',
      '>secret',
      '~*',
      '+@all',
      'resetchannels',
      '&*:user:open:*',
    );
    end.close();
    observer.disconnect();
    await open(`redis://limited:secret@127.0.0.1:${redis.port}`);
  });
  afterEach(() => void process.off('unhandledRejection', note));

  const permit = (): Promise<unknown> => observer.acl('SETUSER', 'limited', 'allchannels');

  test('harms nobody, and is tried again until it is allowed', async () => {
    const heard: unknown[] = [];
    const joined = end.topics.subscribe('closed:1', ({ message }) => heard.push(message));
    let live = false;
    void joined.then(() => (live = true));
    await expect.poll(() => calls('subscribe')).toBeGreaterThan(0);
    const other: unknown[] = [];
    await end.topics.subscribe('open:1', ({ message }) => other.push(message));
    await hears('open:1', other);
    expect(live).toBe(false);
    await permit();
    await joined;
    await hears('closed:1', heard);
    expect(unhandled).toEqual([]);
  });

  test('is not tried again for a topic that is not wanted any more', async () => {
    const open = await Promise.all(['open:1', 'open:2'].map((topic) => end.topics.subscribe(topic, ignore)));
    for (const subscription of open) end.topics.unsubscribe(subscription);
    await expect.poll(channels).toBe(0);
    // One command for the three of them, which is refused as a whole.
    const joining = ['open:1', 'closed:1', 'open:2'].map((topic) => end.topics.subscribe(topic, ignore));
    void joining[0]?.then((subscription) => {
      end.topics.unsubscribe(subscription);
    });
    await permit();
    await Promise.all(joining);
    await expect.poll(subscribed).toEqual(['closed:1', 'open:2']);
    expect(unhandled).toEqual([]);
  });

  test('after an outage keeps the topics from being called live until it is allowed', async () => {
    await permit();
    const heard: unknown[] = [];
    await end.topics.subscribe('closed:1', ({ message }) => heard.push(message));
    await observer.acl('SETUSER', 'limited', 'resetchannels', '&*:user:open:*');
    // Taking the permission away closes the connection that made use of it.
    await expect.poll(() => interruptions).toBe(1);
    await wait(300);
    expect(restorations).toBe(0);
    await permit();
    await expect.poll(() => restorations, { timeout: 5_000 }).toBe(1);
    await hears('closed:1', heard);
    expect(unhandled).toEqual([]);
  });
});

test('closing ends the connection and tells of no outage', async () => {
  await end.topics.subscribe('topic', ignore);
  end.topics.close();
  await expect.poll(channels).toBe(0);
  await wait(50);
  expect([interruptions, restorations]).toEqual([0, 0]);
});
