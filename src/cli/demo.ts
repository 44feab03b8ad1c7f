/**
 * `npm run demo`: a server, thirty friends who move around Athens, and the map page signed in as a friend of
 * theirs. Once the page is open, a stranger asks to be friends.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { readConfig, settingsHelp } from '../config.js';
import type { GeoPoint } from '../domain/distance.js';
import type { DemoAccount } from '../http/map-page.js';
import { startNode } from '../node.js';
import { reportCrashes } from './crash.js';
import { askToBeFriends, comeAndGo, RADIUS_METERS, walkAround } from './demo/cast.js';
import { createCommand, runCommand, SUCCEEDED } from './run-command.js';
import { befriendUsers, type NewUser, signUpUsers } from './simulate/accounts.js';
import { createApiClient } from './simulate/api-client.js';
import type { Session } from './simulate/session.js';

async function main(signal: AbortSignal): Promise<number> {
  createCommand(
    'npm run demo',
    'Starts a server with its own PostgreSQL below .data/demo (or DATA_DIR), thirty simulated friends who ' +
      'move around Athens, twenty times as fast as people do, and the map page signed in as a friend of ' +
      'theirs. Ctrl-C ends it (exit status 130).',
    settingsHelp(['PORT', 'HOST']),
  ).parse();
  const interrupted = once(signal, 'abort');
  let account: DemoAccount | null = null;
  let onOpened = (): void => undefined;
  const config = readConfig({
    LOG_LEVEL: 'warn',
    DATA_DIR: '.data/demo',
    DEFAULT_RADIUS_METERS: String(RADIUS_METERS),
    ...process.env,
  });
  const node = await startNode(
    { ...config, databaseUrl: null, redisUrl: null, drainSeconds: 0 },
    {
      demoAccount: () => {
        if (account !== null) onOpened();
        return account;
      },
    },
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
    const [others, friends]: [Session[], Session[]] = [[], []];
    await signUpUsers(api, [viewer], signal, others);
    await signUpUsers(api, [person(STRANGER)], signal, others);
    await signUpUsers(api, NAMES.map(person), signal, friends);
    signal.throwIfAborted();
    const [me, stranger] = others;
    const [guest, ...walkers] = friends;
    if (me === undefined || stranger === undefined || guest === undefined)
      throw new Error('The people of the demo were not signed up');
    const pairs = friends.map((friend) => [me, friend] as const);
    await befriendUsers(api, pairs, signal);
    account = { ...viewer, userId: me.userId, ...SYNTAGMA };
    const ends = [
      walkAround(SYNTAGMA, [...walkers, stranger], api.socketUrl),
      comeAndGo(SYNTAGMA, guest, api),
    ];
    onOpened = () => {
      onOpened = () => undefined;
      const request = setTimeout(() => {
        askToBeFriends(api, stranger, me).catch((error: unknown) => console.error(String(error)));
      }, REQUEST_AFTER_MS);
      ends.push(() => clearTimeout(request));
    };
    console.log(`The demo is at ${node.url}/`);
    console.log(onAPhone(config.host, node.url));
    console.log(`Its GraphiQL is at ${node.url}/graphql. Ctrl-C ends it.`);
    await interrupted;
    for (const end of ends) end();
  } finally {
    await node.drain();
  }
  return SUCCEEDED;
}

const SYNTAGMA: GeoPoint = { latitude: 37.9755, longitude: 23.7348 };
/** After the page is opened. */
const REQUEST_AFTER_MS = 10_000;
const STRANGER = 'Elena';
const NAMES = [
  ...['Alexis', 'Bahar', 'Carlo', 'Dora', 'Emil', 'Fatima', 'Goran', 'Hanna', 'Ines', 'Jonas'],
  ...['Kaya', 'Lena', 'Marek', 'Nadia', 'Omar', 'Petra', 'Quentin', 'Rosa', 'Samir', 'Tilda'],
  ...['Ugo', 'Vera', 'Wanda', 'Xenia', 'Yusuf', 'Zoe', 'Anton', 'Bruna', 'Chloe', 'Dimitri'],
];

/** How to look at the demo on a phone, in one line. */
function onAPhone(host: string, url: string): string {
  if (host !== '0.0.0.0' && host !== '::')
    return 'To see it on a phone in the same network, start it with HOST=0.0.0.0.';
  const { port } = new URL(url);
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => `http://${address}:${port}/`);
  return `On a phone in the same network it is at ${addresses.join(' or ')}`;
}

reportCrashes();
await runCommand(main);
