/**
 * `npm run demo`: a server, thirty friends who walk around Athens, and the map page signed in as a friend of
 * theirs.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readConfig, settingsHelp } from '../config.js';
import type { GeoPoint } from '../domain/distance.js';
import type { DemoAccount } from '../http/map-page.js';
import { startNode } from '../node.js';
import { reportCrashes } from './crash.js';
import { createCommand, runCommand, SUCCEEDED } from './run-command.js';
import { befriendUsers, type NewUser, signUpUsers } from './simulate/accounts.js';
import { createApiClient } from './simulate/api-client.js';
import { openApp } from './simulate/app.js';
import type { Session } from './simulate/session.js';
import { createStatistics } from './simulate/statistics.js';
import { createWalker } from './simulate/walker.js';

async function main(signal: AbortSignal): Promise<number> {
  createCommand(
    'npm run demo',
    'Starts a server with its own PostgreSQL below .data/demo (or DATA_DIR), thirty simulated friends who ' +
      'walk around Athens, and the map page signed in as a friend of theirs. Ctrl-C ends it (exit status ' +
      '130).',
    settingsHelp(['PORT', 'HOST']),
  ).parse();
  const interrupted = once(signal, 'abort');
  let account: DemoAccount | null = null;
  const node = await startNode(
    {
      ...readConfig({ LOG_LEVEL: 'warn', DATA_DIR: '.data/demo', ...process.env }),
      databaseUrl: null,
      redisUrl: null,
      drainSeconds: 0,
    },
    { demoAccount: () => account },
  );
  try {
    const api = createApiClient(node.url);
    // Accounts of earlier demos stay in the database, so the handles of each run are its own.
    const run = Date.now().toString(36);
    const person = (name: string): NewUser => ({
      handle: `${name.toLowerCase()}_${run}`,
      displayName: name,
      password: randomUUID(),
    });
    const viewer = person('You');
    const [viewers, friends]: [Session[], Session[]] = [[], []];
    await signUpUsers(api, [viewer], signal, viewers);
    await signUpUsers(api, NAMES.map(person), signal, friends);
    signal.throwIfAborted();
    const [me] = viewers;
    if (me === undefined) throw new Error('The viewer was not signed up');
    const pairs = friends.map((friend) => [me, friend] as const);
    await befriendUsers(api, pairs, signal);
    account = { ...viewer, userId: me.userId, ...SYNTAGMA };
    const stopWalking = walk(friends, api.socketUrl);
    console.log(`The demo is at ${node.url}/`);
    console.log(`Its GraphiQL is at ${node.url}/graphql. Ctrl-C ends it.`);
    await interrupted;
    stopWalking();
  } finally {
    await node.drain();
  }
  return SUCCEEDED;
}

const SYNTAGMA: GeoPoint = { latitude: 37.9755, longitude: 23.7348 };
/** Farther than the radius of the list, so that some friends come and go. */
const SPREAD_METERS = 9_500;
const MOVE_EVERY_MS = 3_000;
const NAMES = [
  ...['Alexis', 'Bahar', 'Carlo', 'Dora', 'Emil', 'Fatima', 'Goran', 'Hanna', 'Ines', 'Jonas'],
  ...['Kaya', 'Lena', 'Marek', 'Nadia', 'Omar', 'Petra', 'Quentin', 'Rosa', 'Samir', 'Tilda'],
  ...['Ugo', 'Vera', 'Wanda', 'Xenia', 'Yusuf', 'Zoe', 'Anton', 'Bruna', 'Chloe', 'Dimitri'],
];

/** Makes all users walk until the returned function is called. */
function walk(users: readonly Session[], socketUrl: string): () => void {
  const startedAtMs = performance.now();
  const walkers = users.map((session) => {
    const statistics = createStatistics(() => performance.now());
    const app = openApp({ session, socketUrl, radiusMeters: null, statistics });
    const movement = createWalker(SYNTAGMA, SPREAD_METERS, Math.random);
    const move = (): void => {
      const point = movement((performance.now() - startedAtMs) / 1_000);
      if (point !== null) app.send(point);
    };
    const first = setTimeout(move, 500 + Math.random() * MOVE_EVERY_MS);
    return { app, first, timer: setInterval(move, MOVE_EVERY_MS * (0.9 + 0.2 * Math.random())) };
  });
  return () => {
    for (const { app, first, timer } of walkers) {
      clearTimeout(first);
      clearInterval(timer);
      app.close();
    }
  };
}

reportCrashes();
await runCommand(main);
