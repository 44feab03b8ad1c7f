/** docs/operations.md lists the rights of the servers' user in Redis: exactly those that are needed. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { act, connectForTest, move, signUpFriends } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster } from '../support/nodes.js';
import { startTestRedis } from '../support/redis.js';
import { startTestRedisCluster } from '../support/redis-cluster.js';
import { refusal } from '../support/redis-refusal.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };

/** The rules in the docs: for one Redis, and for a cluster. */
const [RULES = [], CLUSTER_RULES = []] = [
  ...readFileSync('docs/operations.md', 'utf8').matchAll(/^ACL SETUSER nearby on >password (.+)$/gm),
].map(([, rules = '']) => rules.split(' '));

const commandsOf = (rules: readonly string[]): string[] => rules.filter((rule) => rule.startsWith('+'));

async function createUser(admin: Redis, rules: readonly string[]): Promise<void> {
  await admin.acl('SETUSER', 'nearby', 'reset', 'on', '>password', ...rules);
}

/** What two servers do for friends, a list, an update, the end of a friendship and of a session. */
async function everythingWorks(settings: Parameters<typeof startTestCluster>[1]): Promise<void> {
  const cluster = await startTestCluster(2, settings);
  onTestFinished(() => cluster.close());
  const [here = '', there = ''] = cluster.urls;
  const [ann, bob] = await signUpFriends(here);
  await move(here, ann, HERE);
  const list = follow(here, ann);
  const bobs = connectForTest(here, bob.token);
  const bobsList = follow(here, bob);
  const ended = new Promise((resolve) => bobs.on('closed', resolve));
  bobs.subscribe({ query: 'subscription { nearbyFriends { snapshot } }' }, NOTHING);
  await bobsList.next();
  expect(await move(there, bob, travel(HERE, 90, 100))).toMatchObject({ recorded: true });
  await list.until(({ entries }) => entries.has(bob.id), 2_000);
  expect(await act(there, ann, `removeFriend(userId: "${bob.id}")`)).toBe(true);
  await list.until(({ entries }) => !entries.has(bob.id), 2_000);
  expect(await act(there, bob, 'signOut')).toBe(true);
  expect(await ended).toMatchObject({ code: 4403 });
  for (const url of cluster.urls) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
}

const NOTHING = { next: () => undefined, error: () => undefined, complete: () => undefined };

describe('one Redis', () => {
  async function start() {
    const redis = await startTestRedis();
    const admin = new Redis(redis.url);
    onTestFinished(async () => {
      admin.disconnect();
      await redis.close();
    });
    await createUser(admin, RULES);
    return { admin, url: `redis://nearby:password@127.0.0.1:${redis.port}`, port: redis.port };
  }

  test('the listed rights are enough, and nothing else is tried', async () => {
    const { admin, url } = await start();
    await everythingWorks({ redisUrl: url });
    const refused = (await admin.acl('LOG')) as unknown[][];
    const objects = refused.map((entry) => entry[entry.indexOf('object') + 1]);
    // ioredis says its name, where Redis knows that command and the user may.
    expect(objects.filter((object) => !/^client/.test(String(object)))).toEqual([]);
  });

  test('each is needed, and the start names the one that is missing', async () => {
    const { admin, url, port } = await start();
    expect(await refusal({ REDIS_URL: url })).toBe('it started');
    for (const rule of commandsOf(RULES)) {
      await createUser(admin, [...RULES, rule.replace('+', '-')]);
      expect(await refusal({ REDIS_URL: url })).toBe(
        `StartupError: REDIS_URL: Redis at 127.0.0.1:${port} refuses ${rule.slice(1).toUpperCase()}. docs/operations.md lists the rights that are needed.`,
      );
    }
    for (const [reset, what] of [
      ['resetchannels', 'channels nearby:test:*'],
      ['resetkeys', 'keys nearby:test:*'],
    ] as const) {
      await createUser(admin, [...RULES, reset]);
      expect(await refusal({ REDIS_URL: url })).toContain(` refuses ${what}. `);
    }
  });

  test('what Redis 7 gives a new user with all commands and keys, but no channels, is refused', async () => {
    const { admin, url } = await start();
    await createUser(admin, ['resetchannels', '~*', '+@all']);
    expect(await refusal({ REDIS_URL: url })).toMatch(
      /^StartupError: REDIS_URL: .* refuses channels nearby:test:\*\. .*$/,
    );
  });

  test('a database other than 0 needs SELECT besides', async () => {
    const { admin, url } = await start();
    expect(await refusal({ REDIS_URL: `${url}/1` })).toContain(' refuses SELECT. ');
    await createUser(admin, [...RULES, '+select']);
    expect(await refusal({ REDIS_URL: `${url}/1` })).toBe('it started');
    expect(await refusal({ REDIS_URL: `${url}/99` })).toMatch(/ has no database 99\.$/);
  });
});

describe('a Redis Cluster', () => {
  test('the listed rights are enough, each is needed, and the start names the one that is missing', async () => {
    const redis = await startTestRedisCluster({ replicas: 0 });
    onTestFinished(() => redis.close());
    const createUsers = (rules: readonly string[]): Promise<unknown> =>
      Promise.all(redis.members.map(({ commands }) => createUser(commands, rules)));
    await createUsers(CLUSTER_RULES);
    const urls = redis.urls.map(({ host }) => new URL(`redis://nearby:password@${host}`));
    await everythingWorks({ redisClusterNodes: urls });
    const env = { REDIS_CLUSTER_NODES: urls.map(({ href }) => href).join() };
    for (const rule of commandsOf(CLUSTER_RULES)) {
      await createUsers([...CLUSTER_RULES, rule.replace('+', '-')]);
      const name = rule.slice(1).replace('|', ' ').toUpperCase();
      expect(await refusal(env)).toContain(` refuses ${name}. `);
    }
    await createUsers([...CLUSTER_RULES, 'resetchannels']);
    expect(await refusal(env)).toContain(' refuses channels nearby:test:*. ');
  });
});
