/** Tabs that share their tokens, and tokens whose renewal is not answered in time. */
import {
  createNearbyFriendsClient,
  MeDocument,
  memoryTokens,
  type NearbyFriendsClient,
  type Tokens,
  type TokenStore,
  UpdateLocationDocument,
} from 'nearby-friends-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../../src/embedded/free-port.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { ageUsedTokens, query } from '../support/query.js';
import { follow, HERE, newHandle, openClient, PASSWORD } from '../support/sdk-client.js';
import { startServer } from '../support/server-program.js';
import { startWire, type Wire } from '../support/wire.js';

const BACK = { timeout: 30_000, interval: 50 };

let cluster: TestCluster;
let url: string;

beforeAll(async () => {
  cluster = await startTestCluster(1);
  url = cluster.urls[0] as string;
});

afterAll(() => cluster.close());

describe('two tabs on one storage, which cannot take turns,', () => {
  const PAIRS = 8;
  const RENEWALS = 10;

  test.concurrent.each([10, 40, 120])(
    'are signed in after ten renewals, all of eight pairs, with a round trip of %s ms',
    async (roundTripMs) => {
      const wire = await startWire(url, roundTripMs / 2);
      const onSignedOut = vi.fn();
      const pairs = Array.from({ length: PAIRS }, () => {
        const tokens = expiringTokens();
        const options = { url: `${wire.url}/graphql`, webSocketImpl: WebSocket, tokens, onSignedOut };
        return { tokens, tabs: [createNearbyFriendsClient(options), createNearbyFriendsClient(options)] };
      });
      const renewPair = async ({ tokens, tabs }: (typeof pairs)[number]): Promise<void> => {
        const person = { handle: newHandle(), displayName: 'Two tabs', password: PASSWORD };
        const { id } = (await tabs[0]?.signUp(person)) as { id: string };
        for (let renewal = 0; renewal < RENEWALS; renewal++) {
          const before = tokens.load()?.refreshToken;
          // As after the end of the token, which closes the sockets of both.
          await Promise.all(tabs.map((tab) => tab.close()));
          const answers = await Promise.all(tabs.map((tab) => tab.request(MeDocument)));
          expect(answers.map(({ me }) => me.id)).toEqual([id, id]);
          expect(tokens.load()?.refreshToken).not.toBe(before);
        }
        await Promise.all(tabs.map((tab) => tab.close()));
      };
      await Promise.all(pairs.map(renewPair));
      expect(onSignedOut).not.toHaveBeenCalled();
      await wire.close();
    },
    60_000,
  );

  test('go on with their lists past the end of their tokens', async () => {
    const brief = await startTestCluster(1, { accessTokenSeconds: 1 });
    onTestFinished(() => brief.close());
    const tokens = memoryTokens();
    const tabs = [0, 1].map(() => openClient(brief.urls[0] as string, { tokens }));
    await tabs[0]?.signUp({ handle: newHandle(), displayName: 'Two tabs', password: PASSWORD });
    const lists = tabs.map((tab) => follow(tab));
    const used = new Set<string | undefined>();
    await vi.waitFor(() => {
      used.add(tokens.load()?.accessToken);
      expect(used.size).toBeGreaterThan(6);
    }, BACK);
    await tabs[0]?.request(UpdateLocationDocument, { input: HERE });
    await vi.waitFor(() => {
      for (const states of lists)
        expect(states.at(-1)).toMatchObject({ origin: HERE, connection: { state: 'live' } });
    }, BACK);
  }, 40_000);
});

test('tabs with copies of one sessionStorage go on with what the other has renewed', async () => {
  const onSignedOut = vi.fn();
  const siblingsName = `copies ${newHandle()}`;
  const stores = [0, 1].map(() => ({ ...expiringTokens(), siblingsName }));
  const tabs = stores.map((tokens) => openClient(url, { tokens, onSignedOut }));
  await tabs[0]?.signUp({ handle: newHandle(), displayName: 'Copied', password: PASSWORD });
  stores[1]?.save(stores[0]?.load() ?? null);
  for (let round = 0; round < 4; round++) {
    const tab = tabs[round % 2];
    await tab?.close();
    await tab?.request(MeDocument);
    await ageUsedTokens(cluster.database, 60);
  }
  expect(onSignedOut).not.toHaveBeenCalled();
  expect(new Set(tabs.map(({ userId }) => userId)).size).toBe(1);
});

test('a tab whose copy of the tokens nobody knows of ends the session of both with its own', async () => {
  const ends = vi.fn();
  const first = expiringTokens();
  const copy = expiringTokens();
  const options = { url: `${url}/graphql`, webSocketImpl: WebSocket, onSignedOut: ends };
  const tabs = [first, copy].map((tokens) => createNearbyFriendsClient({ ...options, tokens }));
  await tabs[0]?.signUp({ handle: newHandle(), displayName: 'Copied', password: PASSWORD });
  copy.save(first.load());
  await vi.waitFor(async () => {
    await Promise.allSettled(tabs.map((tab) => tab.close()));
    await Promise.allSettled(tabs.map((tab) => tab.request(MeDocument)));
    expect(ends).toHaveBeenCalledTimes(2);
  }, BACK);
  expect(tabs.map(({ userId }) => userId)).toEqual([null, null]);
  await Promise.all(tabs.map((tab) => tab.close()));
});

describe('a renewal', () => {
  interface Scene {
    readonly client: NearbyFriendsClient;
    readonly tokens: TokenStore;
    /** Between the client and the server, for HTTP alone. */
    readonly wire: Wire;
    readonly onSignedOut: ReturnType<typeof vi.fn>;
  }

  /** A client whose token is at its end. */
  async function atTheEndOfTheToken(serverUrl: string): Promise<Scene> {
    const wire = await startWire(serverUrl);
    onTestFinished(() => wire.close());
    class DirectSocket extends WebSocket {
      constructor(_address: string, protocols: string) {
        super(`${serverUrl.replace('http', 'ws')}/graphql`, protocols);
      }
    }
    const tokens = memoryTokens();
    const onSignedOut = vi.fn();
    const client = openClient(wire.url, { webSocketImpl: DirectSocket, tokens, onSignedOut });
    await client.signUp({ handle: newHandle(), displayName: 'Lost', password: PASSWORD });
    tokens.save({ ...(tokens.load() as Tokens), accessTokenExpiresAt: new Date().toISOString() });
    return { client, tokens, wire, onSignedOut };
  }

  /** How many refresh tokens were made for the client's one. */
  const renewals = (database: { url: string }, { client }: Scene): Promise<number> =>
    query<{ count: number }>(
      database,
      `SELECT count(*)::int FROM refresh_tokens JOIN auth_sessions ON id = session_id
        WHERE user_id = $1 AND generation > 0`,
      [client.userId],
    ).then(([row]) => row?.count ?? 0);

  async function expectSignedIn(
    { client, tokens, onSignedOut }: Scene,
    before: Tokens | null,
  ): Promise<void> {
    expect(tokens.load()?.refreshToken).not.toBe(before?.refreshToken);
    expect((await client.request(MeDocument)).me.id).toBe(client.userId);
    expect(onSignedOut).not.toHaveBeenCalled();
  }

  test('whose answer is lost is made again', async () => {
    const scene = await atTheEndOfTheToken(url);
    const before = scene.tokens.load();
    scene.wire.holdAnswers();
    const answer = scene.client.request(MeDocument);
    await vi.waitFor(async () => expect(await renewals(cluster.database, scene)).toBe(1), BACK);
    scene.wire.cut();
    scene.wire.mend();
    await answer;
    await expectSignedIn(scene, before);
  });

  test('whose answer comes after the client has stopped waiting is made again', async () => {
    const scene = await atTheEndOfTheToken(url);
    const before = scene.tokens.load();
    scene.wire.holdAnswers();
    const answer = scene.client.request(MeDocument);
    await vi.waitFor(async () => expect(await renewals(cluster.database, scene)).toBe(2), BACK);
    scene.wire.mend();
    await answer;
    await expectSignedIn(scene, before);
  }, 40_000);

  test('whose server is killed after the commit is made again', async () => {
    const { database } = cluster;
    const settings = { PORT: String(await freePort()), DATABASE_URL: database.url };
    const server = startServer(settings);
    const scene = await atTheEndOfTheToken(await server.url);
    const before = scene.tokens.load();
    scene.wire.holdAnswers();
    const answer = scene.client.request(MeDocument);
    await vi.waitFor(async () => expect(await renewals(database, scene)).toBe(1), BACK);
    server.child.kill('SIGKILL');
    await server.ended;
    scene.wire.mend();
    await startServer(settings).url;
    await answer;
    await expectSignedIn(scene, before);
  }, 60_000);
});

/** Whatever is kept is at its end, so that each connection needs a new token. */
function expiringTokens(): TokenStore {
  const { load, save } = memoryTokens();
  return {
    load,
    save(tokens) {
      save(tokens && { ...tokens, accessTokenExpiresAt: new Date().toISOString() });
    },
  };
}
