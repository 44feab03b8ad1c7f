/** What the example of every language has to do, as a person at the terminal sees it. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Config } from '../../src/config.js';
import { ask, metric, type PlaceInput, signUp, UPDATE_LOCATION } from '../support/api.js';
import { startTestCluster } from '../support/nodes.js';
import { type Program, startCommand } from '../support/program.js';

const PASSWORD = 'correct horse battery';
const NEAR = { latitude: 50.001, longitude: 8 };
const NEARER = { latitude: 50.0005, longitude: 8 };
const AWAY = { latitude: 51, longitude: 8 };

/** Programs start slowly beside others, and wait up to five seconds between tries. */
const PATIENCE = { timeout: 120_000, interval: 50 };

/** @param command what starts the example. */
export function testLiveExample(command: readonly [string, ...string[]]): void {
  test('signs up, makes friends, shares, and prints who comes, moves and leaves', async () => {
    const { bob, example, handle } = await startWithFriend(command);
    await bob.goTo(NEAR);
    await printed(example, 'Bob came: 111 m');
    expect(await bob.handlesNear()).toEqual([handle]);
    await bob.goTo(NEARER);
    await printed(example, 'Bob moved: 56 m');
    await bob.goTo(AWAY);
    await printed(example, 'Bob left');
    expect(example.output()).not.toContain('eyJ');
  });

  test('stops at Ctrl-C, and signs in where the account exists', async () => {
    const { bob, example, start } = await startWithFriend(command);
    await bob.goTo(NEAR);
    await printed(example, 'Bob came: 111 m');
    example.child.kill('SIGINT');
    expect((await example.ended).stderr).toBe('');
    await printed(start(), 'Bob came: 111 m');
  });

  test('goes on when the server has restarted', async () => {
    const { bob, example, cluster } = await startWithFriend(command);
    await bob.goTo(NEAR);
    await printed(example, 'Bob came: 111 m');
    await cluster.stop(0);
    await cluster.start(0);
    await subscribed(cluster.urls[0]);
    await bob.goTo(NEARER);
    await printed(example, 'Bob moved: 56 m');
    await bob.goTo(AWAY);
    await printed(example, 'Bob left');
  });

  test('goes on, and goes on sharing, when its token has ended', async () => {
    const { bob, example, handle } = await startWithFriend(command, {
      accessTokenSeconds: 2,
      locationTtlSeconds: 6,
    });
    await bob.goTo(NEAR);
    await printed(example, 'Bob came: 111 m');
    await printed(example, 'Bob left'); // Nothing was heard from Bob for six seconds: three tokens have ended.
    await bob.goTo(NEARER);
    await printed(example, 'Bob came: 56 m');
    expect(await bob.handlesNear()).toEqual([handle]);
  });

  test('ends, and says so, when its session was ended elsewhere', async () => {
    const { example, handle, url } = await startWithFriend(command);
    await ask(
      url,
      await freshToken(url, handle),
      'mutation ($now: String!, $new: String!) { changePassword(input: { currentPassword: $now, newPassword: $new }) }',
      { now: PASSWORD, new: `${PASSWORD} staple` },
    );
    const { status, stderr } = await example.ended;
    expect(stderr).toContain('The session has ended. Sign in again.');
    expect(status).toBe(1);
  });
}

let exampleNumber = 0;

/** Bob's friend is on the live list of nobody yet when this returns, and subscribed. */
async function startWithFriend(command: readonly [string, ...string[]], settings: Partial<Config> = {}) {
  const cluster = await startTestCluster(1, settings);
  onTestFinished(() => cluster.close());
  const url = cluster.urls[0] ?? '';
  const bob = await signUpBob(url);
  const handle = `example_${process.pid}_${++exampleNumber}`;
  const start = (): Program => {
    const [file, ...args] = command;
    const example = startCommand(file, args, {
      NEARBY_URL: `${url}/graphql`,
      NEARBY_HANDLE: handle,
      NEARBY_PASSWORD: PASSWORD,
      NEARBY_FRIEND: bob.handle,
      NEARBY_PLACE: '50,8',
    });
    onTestFinished(async () => {
      example.child.kill('SIGKILL');
      await example.ended;
    });
    return example;
  };
  const example = start();
  await bob.accept(example);
  await subscribed(url);
  return { bob, cluster, example, handle, start, url };
}

async function signUpBob(url: string) {
  const { handle } = await signUp(url, `bob_${process.pid}_${++exampleNumber}`, 'Bob');
  const askAsBob = async <T>(query: string, variables?: Record<string, unknown>): Promise<T> =>
    ask<T>(url, await freshToken(url, handle), query, variables);
  return {
    handle,
    /** The first friend request, when it has come. */
    async accept(example: Program): Promise<void> {
      const query = '{ friendRequests { edges { node { id } } } }';
      const requestId = await vi.waitFor(async () => {
        const { friendRequests } = await askAsBob<Requests>(query);
        const id = friendRequests.edges[0]?.node.id;
        expect(id, example.output()).toBeDefined();
        return id;
      }, PATIENCE);
      await askAsBob('mutation ($requestId: ID!) { acceptFriendRequest(requestId: $requestId) { id } }', {
        requestId,
      });
    },
    async goTo(place: PlaceInput): Promise<void> {
      await askAsBob(UPDATE_LOCATION, { input: place });
    },
    async handlesNear(): Promise<string[]> {
      const { nearbyFriends } = await askAsBob<Near>('{ nearbyFriends { friend { handle } } }');
      return nearbyFriends.map(({ friend }) => friend.handle);
    },
  };
}

interface Requests {
  readonly friendRequests: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
}
interface Near {
  readonly nearbyFriends: readonly { readonly friend: { readonly handle: string } }[];
}

async function freshToken(url: string, handle: string): Promise<string> {
  const query = `mutation ($handle: String!, $password: String!) {
    signIn(input: { handle: $handle, password: $password }) { accessToken }
  }`;
  const variables = { handle, password: PASSWORD };
  return (await ask<{ signIn: { accessToken: string } }>(url, null, query, variables)).signIn.accessToken;
}

async function subscribed(url = ''): Promise<void> {
  await vi.waitFor(async () => expect(await metric(url, 'nearby_subscriptions')).toBe(1), PATIENCE);
}

async function printed(example: Program, line: string): Promise<void> {
  await vi.waitFor(() => {
    if (example.child.exitCode !== null) throw new Error(`It has ended: ${example.output()}`);
    expect(example.output().split('\n')).toContain(line);
  }, PATIENCE);
}
