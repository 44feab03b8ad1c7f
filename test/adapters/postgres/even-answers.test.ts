/**
 * "Blocked me" and "does not exist" take the same time, and so do a wrong handle and a wrong password. Both are tried
 * in turn, many times; the area under the ROC curve tells whether somebody with a stopwatch can do better than a coin.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFriendsStore } from '../../../src/adapters/postgres/friends-store.js';
import { accept, ask, block, remove } from '../../../src/domain/pair.js';
import type { FriendStore } from '../../../src/services/friends.js';
import { type AccountServices, startAccountServices } from '../../support/account-services.js';
import { codesOf, signUp } from '../../support/api.js';
import { startTestCluster } from '../../support/nodes.js';

const SAMPLES = 60;
const WARM_UP = 10;

let services: AccountServices;
let store: FriendStore;
let viewerId: string;
let blockerId: string;
let requestId: string;

beforeAll(async () => {
  services = await startAccountServices();
  store = createFriendsStore(services.prisma);
  const [viewer, blocker] = await services.people('viewer', 'blocker');
  ({ id: requestId } = await services.friends.sendRequest(viewer, blocker.userId));
  await services.friends.block(blocker, viewer.userId);
  [viewerId, blockerId] = [viewer.userId, blocker.userId];
});
afterAll(() => services.stop());

type Attempt = () => Promise<unknown>;

async function durationOf(attempt: Attempt): Promise<number> {
  const startedAt = performance.now();
  await attempt().catch(() => undefined);
  return performance.now() - startedAt;
}

/** How often the first of two takes longer than the second: 0.5 when nothing tells them apart. */
async function areaUnderCurve(first: Attempt, second: Attempt, samples: number): Promise<number> {
  const [long, short]: [number[], number[]] = [[], []];
  for (let nth = 0; nth < WARM_UP + samples; nth++) {
    // In turn, and each as often before the other as after it.
    const one = nth % 2 === 0 ? await durationOf(first) : null;
    const other = await durationOf(second);
    const measured = one ?? (await durationOf(first));
    if (nth < WARM_UP) continue;
    long.push(measured);
    short.push(other);
  }
  const wins = long.flatMap((a) => short.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
}

/** Three and a half standard deviations of the area for two equal distributions. */
const tolerance = (samples: number): number => 3.5 * Math.sqrt((2 * samples + 1) / (12 * samples ** 2));

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

const change = (decide: Parameters<FriendStore['changePair']>[2]) => ({
  blocked: () => store.changePair(viewerId, blockerId, decide),
  unknown: () => store.changePair(viewerId, randomUUID(), decide),
});
const answer = (decide: Parameters<FriendStore['changeRequest']>[2]) => ({
  blocked: () => store.changeRequest(viewerId, requestId, decide),
  unknown: () => store.changeRequest(viewerId, randomUUID(), decide),
});

test.each<[string, { blocked: Attempt; unknown: Attempt }]>([
  ['sendFriendRequest', change((pair) => ask(pair, randomUUID(), Date.now()))],
  ['removeFriend', change(remove)],
  ['blockUser', change(block)],
  ['acceptFriendRequest', answer(accept)],
  [
    'user(handle)',
    {
      blocked: () => store.findByHandle(viewerId, 'blocker'),
      unknown: () => store.findByHandle(viewerId, 'nobody'),
    },
  ],
  [
    'node',
    {
      blocked: () => store.findById(viewerId, blockerId),
      unknown: () => store.findById(viewerId, randomUUID()),
    },
  ],
  [
    'unblockUser',
    {
      blocked: () => store.unblock(viewerId, blockerId),
      unknown: () => store.unblock(viewerId, randomUUID()),
    },
  ],
  // A difference that is there is there three times in a row; one of other work on the machine hardly ever is.
])('%s', { retry: 2 }, async (_name, { blocked, unknown }) => {
  const area = await areaUnderCurve(blocked, unknown, SAMPLES);
  expect(Math.abs(area - 0.5)).toBeLessThan(tolerance(SAMPLES));
});

test('signIn', { timeout: 30_000 }, async () => {
  const cluster = await startTestCluster(1);
  const [url = ''] = cluster.urls;
  const { handle } = await signUp(url);
  const signIn = (name: string) => async () => {
    const mutation = `mutation { signIn(input: { handle: "${name}", password: "not the one" }) { accessToken } }`;
    expect(await codesOf(url, null, mutation)).toEqual(['UNAUTHENTICATED']);
  };
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let nth = 0; nth < 9; nth++) {
    known.push(await durationOf(signIn(handle)));
    unknown.push(await durationOf(signIn(`nobody_${nth}`)));
  }
  await cluster.close();
  // A hash takes nearly all of the time. Too few may be wrong for statistics.
  const ratio = median(known) / median(unknown);
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});
