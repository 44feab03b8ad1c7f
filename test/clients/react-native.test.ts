/** The SDK in an app of React Native: bundled by Metro, and run over React Native's own fetch, WebSocket and AppState. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { act, befriend, move, signUp, type TestUser } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';
import { query } from '../support/query.js';
import { type Engine, type RunningApp, startApp } from '../support/react-native-app.js';
import { bundle, prepareProject, PROJECT, run } from '../support/react-native-project.js';
import { HERE, PASSWORD } from '../support/sdk-client.js';
import { travel } from '../support/sphere.js';

const WITHIN = { timeout: 45_000, interval: 20 };
/** A process of its own takes a while to start on a busy machine. */
const STARTED = { timeout: 120_000, interval: 20 };
const HERMES = `${PROJECT}node_modules/hermes-engine-cli/linux64-bin/hermes`;
const HERMES_COMPILER = `${PROJECT}node_modules/hermes-compiler/hermesc/linux64-bin/hermesc`;
const isLinux = process.platform === 'linux' && process.arch === 'x64';

let cluster: TestCluster;
let url: string;
let appBundle: string;

beforeAll(async () => {
  await prepareProject();
  [cluster, appBundle] = await Promise.all([startTestCluster(1), bundle('app.ts', 'app')]);
  url = cluster.urls[0] as string;
});
afterAll(() => cluster.close());

const ENGINES: (Engine & { readonly isThere: boolean })[] = [
  { name: 'JavaScriptCore', program: 'jsc', isThere: isOnPath('jsc') },
  { name: 'Hermes', program: HERMES, isThere: isLinux },
];

function isOnPath(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${program}`]);
    return true;
  } catch {
    console.warn(`Left out: there is no ${program} on PATH. Debian has it in libjavascriptcoregtk-4.0-bin.`);
    return false;
  }
}

describe.each(ENGINES)('in $name', ({ isThere, ...engine }) => {
  /** Ada's phone, and Grace, who walks. */
  async function startPhone(): Promise<Phone> {
    const [ada, grace] = await Promise.all([signUp(url, undefined, 'Ada'), signUp(url, undefined, 'Grace')]);
    await befriend(url, ada, grace);
    const storage = new Map<string, string>();
    const launchOptions = { url: `${url}/graphql`, handle: ada.handle, password: PASSWORD };
    const start = async (): Promise<RunningApp> => {
      const app = await startApp(engine, appBundle, launchOptions, storage);
      onTestFinished(() => app.kill());
      return app;
    };
    const app = await start();
    await vi.waitFor(() => expect(app.shown).toContainEqual({ signedIn: 'Ada' }), STARTED);
    app.moveTo(HERE);
    await vi.waitFor(() => expect(app.shown).toContainEqual({ reported: HERE }), WITHIN);
    return { app, ada, grace, storage, start };
  }

  const showsFriends = (app: RunningApp, friends: string[]) =>
    vi.waitFor(
      () =>
        expect(app.shown.findLast((shown) => 'friends' in shown)).toEqual({ friends, connection: 'live' }),
      WITHIN,
    );

  test.runIf(isThere)('the list follows a friend who comes, moves and leaves', async () => {
    const { app, grace } = await startPhone();
    await showsFriends(app, []);
    await move(url, grace, travel(HERE, 0, 1_000));
    await showsFriends(app, ['Grace 1000 m']);
    await move(url, grace, travel(HERE, 0, 2_000));
    await showsFriends(app, ['Grace 2000 m']);
    await move(url, grace, travel(HERE, 0, 7_000));
    await showsFriends(app, []);
    expect(app.shown).toContainEqual({ readWithForAwait: 'live' });
    expect(app.faults).toEqual([]);
  });

  test.runIf(isThere)('friends see where the phone goes, also where it went without a network', async () => {
    const { app, ada, grace, start } = await startPhone();
    await move(url, grace, HERE);
    app.goOffline();
    const places = [500, 1_000, 1_500].map((meters) => travel(HERE, 0, meters));
    for (const place of places) app.moveTo(place);
    await vi.waitFor(() => expect(app.stored(/reports/)).toHaveLength(3), WITHIN);
    await app.kill();
    const next = await start();
    await vi.waitFor(() => expect(next.shown).toContainEqual({ reported: places[2] }), STARTED);
    const count = 'SELECT count(*)::int FROM location_history WHERE user_id = $1';
    await vi.waitFor(
      async () => expect(await query(cluster.database, count, [ada.id])).toEqual([{ count: 4 }]),
      WITHIN,
    );
    await showsFriends(next, ['Grace 1500 m']);
    expect([...app.faults, ...next.faults]).toEqual([]);
  });

  test.runIf(isThere)(
    'a list that died in the background is live again soon after the app is shown',
    async () => {
      const { app, grace } = await startPhone();
      await showsFriends(app, []);
      app.become('background');
      // The system takes the network from an app that stands still, and nobody tells it.
      app.loseNetworkSilently();
      app.suspend();
      await move(url, grace, travel(HERE, 0, 1_000));
      app.resume();
      app.become('active');
      await showsFriends(app, ['Grace 1000 m']);
      expect(app.faults).toEqual([]);
    },
  );

  test.runIf(isThere)(
    'the next start finds the user signed in, and one after signing out does not',
    async () => {
      const { app, ada, storage, start } = await startPhone();
      await app.kill();
      const next = await start();
      await vi.waitFor(() => expect(next.shown).toContainEqual({ found: ada.id }), STARTED);
      await showsFriends(next, []);
      expect(next.shown.some((shown) => 'signedIn' in shown)).toBe(false);
      next.run('signOut()');
      await vi.waitFor(() => expect(next.shown).toContainEqual({ signedOutHere: true }), WITHIN);
      expect(next.shown).toContainEqual({ listEnded: 'SIGNED_OUT' });
      expect([...storage.keys()]).toEqual(['nearby-friends-device']);
      await next.kill();
      const last = await start();
      await vi.waitFor(() => expect(last.shown).toContainEqual({ found: null }), STARTED);
      expect([...app.faults, ...next.faults, ...last.faults]).toEqual([]);
    },
  );

  test.runIf(isThere)('a session that ended elsewhere ends here', async () => {
    const { app, ada } = await startPhone();
    await act(
      url,
      ada,
      `changePassword(input: { currentPassword: "${PASSWORD}", newPassword: "${PASSWORD} 2" })`,
    );
    await vi.waitFor(() => expect(app.shown).toContainEqual({ signedOut: true }), WITHIN);
    expect(app.shown).toContainEqual({ listEnded: 'SIGNED_OUT' });
  });
});

interface Phone {
  readonly app: RunningApp;
  readonly ada: TestUser;
  readonly grace: TestUser;
  /** What AsyncStorage keeps. */
  readonly storage: Map<string, string>;
  /** Starts the app again. */
  start(): Promise<RunningApp>;
}

test.runIf(isLinux)("React Native's own compiler of Hermes takes the bundle", async () => {
  await run(HERMES_COMPILER, ['-emit-binary', '-O', '-w', '-out', `${PROJECT}dist/app.hbc`, appBundle]);
});

test('the example and the sources of positions fit the types of their modules, and the example is an app', async () => {
  expect(
    await run(process.execPath, [`${PROJECT}../../../node_modules/typescript/bin/tsc`, '--noEmit']),
  ).toBe('');
  await bundle('dist/App.tsx', 'example');
});

test('Jest runs what imports the SDK with the settings that the README tells', async () => {
  expect(await run(process.execPath, ['node_modules/jest/bin/jest.js'])).toContain('1 passed');
});
