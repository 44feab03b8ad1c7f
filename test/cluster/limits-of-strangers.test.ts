/** What addresses and users may do, counted over two servers behind a trusted proxy. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import {
  act,
  ask,
  befriend,
  codesOf,
  connectForTest,
  type GraphQLAnswer,
  request,
  signUp,
  type TestUser,
} from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { runSql } from '../support/postgres.js';

const FAILURES = 20;
const FAILURES_OF_ADDRESS = 30;
const SIGN_UPS = 3;
const LOOKUPS = 3;
const REQUESTS = 12;
const REQUESTS_TO_ONE = 10;
const SIGN_IN = `mutation ($handle: String!, $password: String!) {
  signIn(input: { handle: $handle, password: $password }) { user { id } }
}`;
const SIGN_UP = `mutation ($handle: String!) {
  signUp(input: { handle: $handle, displayName: "S", password: "correct horse battery" }) { user { id } }
}`;

let cluster: TestCluster;
let urls: [string, string];

beforeAll(async () => {
  cluster = await startTestCluster(2, {
    trustedProxies: ['127.0.0.1'],
    limits: {
      ...readConfig({}).limits,
      signInFailures: FAILURES,
      signInFailuresPerAddress: FAILURES_OF_ADDRESS,
      lookupsPerUser: LOOKUPS,
      friendRequestsPerUser: REQUESTS,
    },
  });
  urls = cluster.urls as [string, string];
});
afterAll(() => cluster.close());

let lastAddress = 0;
const newAddress = (): string => `203.0.113.${++lastAddress}`;

interface Answer extends GraphQLAnswer {
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number };
  }[];
}

/** An operation that a proxy passes on. @param forwarded X-Forwarded-For. */
async function from(
  forwarded: string,
  url: string,
  query: string,
  variables: object,
  token?: string,
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': forwarded,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

const codeOf = ({ errors }: Answer): string => errors?.[0]?.extensions?.code ?? 'none';

describe('wrong passwords', () => {
  const signIn = (forwarded: string, index: number, handle: string, password = 'wrong password') =>
    from(forwarded, urls[index % 2] as string, SIGN_IN, { handle, password });

  test('for one handle from one address are limited over both servers, whatever the address claims to be', async () => {
    const [owner, address] = [await signUp(urls[0]), newAddress()];
    for (let attempt = 0; attempt < FAILURES; attempt++) {
      const claimed = `198.51.100.${attempt}, ${address}`;
      expect(codeOf(await signIn(claimed, attempt, owner.handle))).toBe('UNAUTHENTICATED');
    }
    for (const index of [0, 1]) {
      const refused = await signIn(`192.0.2.9, ${address}`, index, owner.handle, 'correct horse battery');
      expect(codeOf(refused)).toBe('RATE_LIMITED');
      const retryAfterSeconds = refused.errors?.[0]?.extensions?.retryAfterSeconds;
      expect(retryAfterSeconds).toBeGreaterThan(500);
      expect(retryAfterSeconds).toBeLessThanOrEqual(600);
    }
    // The owner is somewhere else.
    const { data } = await signIn(newAddress(), 0, owner.handle, 'correct horse battery');
    expect(data).toEqual({ signIn: { user: { id: owner.id } } });
  });

  test('for many handles from one address are limited, too, and others sign in meanwhile', async () => {
    const [owner, address] = [await signUp(urls[0]), newAddress()];
    const tried = await Promise.all(
      Array.from({ length: FAILURES_OF_ADDRESS }, (_, nth) => signIn(address, nth, `sprayed_${nth}`)),
    );
    expect(tried.map(codeOf)).toEqual(tried.map(() => 'UNAUTHENTICATED'));
    for (const index of [0, 1]) {
      expect(codeOf(await signIn(address, index, `another_${index}`))).toBe('RATE_LIMITED');
      const { data } = await signIn(newAddress(), index, owner.handle, 'correct horse battery');
      expect(data).toEqual({ signIn: { user: { id: owner.id } } });
    }
  });
});

test('new accounts of an address are limited over both servers; another address makes its own', async () => {
  const own = await startTestCluster(2, {
    trustedProxies: ['127.0.0.0/8'],
    limits: { ...readConfig({}).limits, signUpsPerAddress: SIGN_UPS },
  });
  try {
    const [address, handles] = ['2001:db8:1:2', Array.from({ length: 6 }, (_, nth) => `sybil_${nth}`)];
    const made = [];
    for (const [nth, handle] of handles.entries()) {
      made.push(codeOf(await from(`${address}::${nth}`, own.urls[nth % 2] as string, SIGN_UP, { handle })));
    }
    expect(made).toEqual(['none', 'none', 'none', 'RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(
      codeOf(await from('2001:db8:1:3::1', own.urls[0] as string, SIGN_UP, { handle: 'neighbour' })),
    ).toBe('none');
    // Without a word of the proxy, the address is the proxy's.
    for (let nth = 0; nth < SIGN_UPS; nth++) await signUp(own.urls[0] as string);
    await expect(signUp(own.urls[1] as string)).rejects.toThrow('RATE_LIMITED');
  } finally {
    await own.close();
  }
});

test('handles that a user looks up are limited over both servers', async () => {
  const [user, other] = await Promise.all([signUp(urls[0]), signUp(urls[1])]);
  const look = (token: string, index: number) =>
    codesOf(urls[index % 2] as string, token, '{ user(handle: "nobody_here") { id } }');
  for (let nth = 0; nth < LOOKUPS; nth++) expect(await look(user.token, nth)).toEqual([]);
  expect(await look(user.token, 0)).toEqual(['RATE_LIMITED']);
  expect(await look(user.token, 1)).toEqual(['RATE_LIMITED']);
  expect(await look(other.token, 0)).toEqual([]);
});

describe('friend requests', () => {
  const send = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { id status } }';

  test('are limited to one person, and in all; accepting is not', async () => {
    const [asker, asked, ...others] = await Promise.all(
      Array.from({ length: 6 }, (_, nth) => signUp(urls[nth % 2] as string)),
    );
    if (asker === undefined || asked === undefined) throw new Error('nobody');
    const askAgain = async (nth: number): Promise<(string | undefined)[]> => {
      const url = urls[nth % 2] as string;
      const variables = { userId: asked.id };
      const { data, errors } = await request<{ sendFriendRequest: { id: string } }>(
        url,
        asker.token,
        send,
        variables,
      );
      if (data == null) return (errors ?? []).map(({ extensions }) => extensions?.code);
      await act(url, asker, `cancelFriendRequest(requestId: "${data.sendFriendRequest.id}") { status }`);
      return [];
    };
    for (let nth = 0; nth < REQUESTS_TO_ONE; nth++) expect(await askAgain(nth)).toEqual([]);
    for (let nth = 0; nth < 3; nth++) expect(await askAgain(nth)).toEqual(['RATE_LIMITED']);
    // Requests of others are accepted by asking, which costs nothing.
    for (const other of others) await befriend(urls[0], other, asker);
    const more = await Promise.all([signUp(urls[0]), signUp(urls[1]), signUp(urls[0])]);
    const codes = [];
    for (const { id } of more) codes.push(await codesOf(urls[1], asker.token, send, { userId: id }));
    // Those that were refused have asked nobody, and do not count.
    expect(codes).toEqual([[], [], ['RATE_LIMITED']]);
  });

  test('after a decline rest for 30 days, which who asks cannot tell from any other request', async () => {
    const [asker, asked, marker] = await Promise.all([signUp(urls[0]), signUp(urls[1]), signUp(urls[0])]);
    const told: string[] = [];
    const client = connectForTest(urls[1], asked.token);
    let hear = (): void => undefined;
    const query = 'subscription { friendRequests { id status from { id } } }';
    await new Promise<void>((resolve) => {
      client.subscribe<{ friendRequests: { id: string; status: string } }>(
        { query },
        {
          next({ data }) {
            told.push(`${data?.friendRequests.id} ${data?.friendRequests.status}`);
            hear();
          },
          error: () => undefined,
          complete: () => undefined,
        },
      );
      // The subscription stands when a request arrives.
      const knock = setInterval(() => {
        void act<{ id: string }>(urls[0], marker, `sendFriendRequest(userId: "${asked.id}") { id }`).then(
          ({ id }) => act(urls[0], marker, `cancelFriendRequest(requestId: "${id}") { id }`),
        );
      }, 200);
      hear = () => {
        clearInterval(knock);
        resolve();
      };
    });
    const ring = () => act<{ id: string }>(urls[0], asker, `sendFriendRequest(userId: "${asked.id}") { id }`);
    const { id: first } = await ring();
    await act(urls[1], asked, `declineFriendRequest(requestId: "${first}") { status }`);
    const { id: second } = await ring();
    await act(urls[0], asker, `cancelFriendRequest(requestId: "${second}") { status }`);
    const { id: third } = await ring();
    const listOf = async (user: TestUser, direction: string): Promise<string[]> => {
      const list = `{ friendRequests(direction: ${direction}) { edges { node { id status } } } }`;
      const { friendRequests } = await ask<RequestList>(urls[1], user.token, list);
      return friendRequests.edges.map(({ node }) => `${node.id} ${node.status}`);
    };
    expect(await listOf(asked, 'INCOMING')).toEqual([]);
    expect(await listOf(asker, 'OUTGOING')).toEqual([`${third} PENDING`]);
    const isDeclined = `from_id = '${asker.id}' AND status = 'DECLINED'`;
    const age = (column: string, days: number): Promise<unknown> =>
      runSql(
        cluster.database.url,
        `UPDATE friend_requests SET ${column} = ${column} - interval '${days} days' WHERE ${isDeclined}`,
      );
    // An old request that was declined just now rests as long as a new one.
    await age('created_at', 40);
    expect(await listOf(asked, 'INCOMING')).toEqual([]);
    await age('answered_at', 29.9);
    expect(await listOf(asked, 'INCOMING')).toEqual([]);
    await age('answered_at', 0.2);
    expect(await listOf(asked, 'INCOMING')).toEqual([`${third} PENDING`]);
    await age('answered_at', -30);
    expect(await listOf(asked, 'INCOMING')).toEqual([]);
    // A request that crosses the resting one makes a friendship, of which all is told.
    expect(await act(urls[1], asked, `sendFriendRequest(userId: "${asker.id}") { id status }`)).toEqual({
      id: third,
      status: 'ACCEPTED',
    });
    await new Promise<void>((resolve) => {
      hear = () => {
        if (told.includes(`${third} ACCEPTED`)) resolve();
      };
      hear();
    });
    expect(told).toContain(`${first} PENDING`);
    expect(told).toContain(`${first} DECLINED`);
    expect(told.filter((line) => line.startsWith(second))).toEqual([]);
    expect(told).not.toContain(`${third} PENDING`);
  });
});

interface RequestList {
  readonly friendRequests: { readonly edges: { readonly node: { id: string; status: string } }[] };
}
