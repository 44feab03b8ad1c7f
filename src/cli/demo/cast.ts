/** What the people of the demo do: they walk about, one comes and goes, and a stranger asks to be friends. */
import type { GeoPoint } from '../../domain/distance.js';
import type { ApiClient } from '../simulate/api-client.js';
import { type App, openApp } from '../simulate/app.js';
import type { Session } from '../simulate/session.js';
import { createStatistics } from '../simulate/statistics.js';
import { createWalker } from '../simulate/walker.js';

/** Makes users walk, cycle and drive around a place. @returns a function that ends it. */
export function walkAround(place: GeoPoint, users: readonly Session[], socketUrl: string): () => void {
  const ends = users.map((session) => {
    const app = open(session, socketUrl);
    const stop = walk(app, place, SPREAD_METERS);
    return () => {
      stop();
      app.close();
    };
  });
  return () => {
    for (const end of ends) end();
  };
}

/** Makes a user come near a place and go again, in turn. @returns a function that ends it. */
export function comeAndGo(place: GeoPoint, session: Session, api: ApiClient): () => void {
  const app = open(session, api.socketUrl);
  let stop: (() => void) | null = null;
  const timer = setInterval(() => {
    if (stop === null) {
      stop = walk(app, place, STAY_WITHIN_METERS);
      return;
    }
    stop();
    stop = null;
    // A server that ends does not answer.
    ask(api, session, 'mutation { clearLocation }').catch(() => undefined);
  }, STAY_MS);
  return () => {
    clearInterval(timer);
    stop?.();
    app.close();
  };
}

/** Makes a user ask another one to be friends. */
export async function askToBeFriends(api: ApiClient, from: Session, to: Session): Promise<void> {
  const mutation = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { status } }';
  await ask(api, from, mutation, { userId: to.userId });
}

/** Of the list, when the page is opened. Small, so that movement is large on the screen. */
export const RADIUS_METERS = 4_000;
/** So much faster than it does time runs for them, so that one sees people move. */
const TIME_LAPSE = 20;
const MOVE_EVERY_MS = 1_000;
/** Farther than the radius of the list, so that some come and go by themselves. */
const SPREAD_METERS = 1.2 * RADIUS_METERS;
const STAY_WITHIN_METERS = 0.5 * RADIUS_METERS;
const STAY_MS = 6_000;

const ask = async (api: ApiClient, as: Session, operation: string, variables = {}): Promise<unknown> =>
  api.ask(await as.token(), operation, variables);

const open = (session: Session, socketUrl: string): App =>
  openApp({ session, socketUrl, radiusMeters: null, statistics: createStatistics(() => performance.now()) });

/** @returns a function that ends it. */
function walk(app: App, place: GeoPoint, spreadMeters: number): () => void {
  const movement = createWalker(place, spreadMeters, Math.random);
  const startedAtMs = performance.now();
  const move = (): void => {
    const fix = movement(((performance.now() - startedAtMs) / 1_000) * TIME_LAPSE);
    if (fix !== null) app.send(fix);
  };
  let timer = setTimeout(() => {
    move();
    timer = setInterval(move, MOVE_EVERY_MS);
  }, Math.random() * MOVE_EVERY_MS);
  return () => {
    clearInterval(timer);
  };
}
