import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ask } from '../support/api.js';
import { follow, type NearbyList } from '../support/nearby-list.js';
import { type Program, startProgram } from '../support/program.js';

const PATIENCE = { timeout: 60_000, interval: 250 };

let dataDir: string;
let demo: Program;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nearby-demo-'));
  demo = startProgram('src/cli/demo.ts', [], { PORT: '0', DATA_DIR: dataDir });
});
afterAll(async () => {
  demo.child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

it(
  'shows thirty friends who move, come and go, and a stranger who asks, to whom its page signs in, until Ctrl-C',
  { timeout: 120_000 },
  async () => {
    const url = await vi.waitFor(() => {
      const address = /The demo is at (http:\S+)\//.exec(demo.output())?.[1];
      if (address === undefined) throw new Error(`not ready yet: ${demo.output()}`);
      return address;
    }, PATIENCE);
    const { demo: account } = (await (await fetch(`${url}/page.json`)).json()) as { demo: Account };
    const credentials = { handle: account.handle, password: account.password };
    const { signIn } = await ask<{ signIn: { accessToken: string; user: { id: string } } }>(
      url,
      null,
      'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken user { id } } }',
      { input: credentials },
    );
    expect(signIn.user.id).toBe(account.userId);
    const here = { latitude: account.latitude, longitude: account.longitude };
    const placed = 'mutation ($input: UpdateLocationInput!) { updateLocation(input: $input) { recorded } }';
    await ask(url, signIn.accessToken, placed, { input: here });
    const places = async (): Promise<Map<string, number>> => {
      const { friends, nearbyFriends } = await ask<Lists>(url, signIn.accessToken, LISTS);
      expect(friends.totalCount).toBe(30);
      return new Map(nearbyFriends.map(({ friend, distanceMeters }) => [friend.id, distanceMeters]));
    };
    await vi.waitFor(async () => {
      expect((await places()).size).toBeGreaterThan(5);
    }, PATIENCE);
    const before = await places();
    await vi.waitFor(async () => {
      const now = await places();
      const moved = [...now].filter(([id, meters]) => before.has(id) && before.get(id) !== meters);
      expect(moved.length).toBeGreaterThan(5);
    }, PATIENCE);
    // Only who takes the location back is not available.
    const list = follow(url, { token: signIn.accessToken });
    const guestOf = ({ frames }: NearbyList): string | undefined =>
      frames.flatMap(({ left }) => left).find(({ reason }) => reason === 'UNAVAILABLE')?.friendId;
    await list.until(() => guestOf(list) !== undefined, PATIENCE.timeout);
    await list.until(({ entries }) => entries.has(guestOf(list) ?? ''), PATIENCE.timeout);
    await vi.waitFor(async () => {
      const { friendRequests } = await ask<Requests>(url, signIn.accessToken, REQUESTS);
      expect(friendRequests.edges).toMatchObject([{ node: { from: { displayName: 'Elena' } } }]);
    }, PATIENCE);
    expect(demo.output()).toContain('start it with HOST=0.0.0.0');
    demo.child.kill('SIGINT');
    expect((await demo.ended).status).toBe(130);
  },
);

const LISTS = `{
  friends { totalCount }
  nearbyFriends { friend { id } distanceMeters }
}`;

const REQUESTS = '{ friendRequests { edges { node { from { displayName } } } } }';

interface Requests {
  readonly friendRequests: { readonly edges: readonly unknown[] };
}

interface Account {
  readonly userId: string;
  readonly handle: string;
  readonly password: string;
  readonly latitude: number;
  readonly longitude: number;
}

interface Lists {
  readonly friends: { readonly totalCount: number };
  readonly nearbyFriends: readonly {
    readonly friend: { readonly id: string };
    readonly distanceMeters: number;
  }[];
}
