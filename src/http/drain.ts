import type { Clock } from '../time/clock.js';
import { sleep } from '../time/within.js';
import { CLOSE } from './close-codes.js';
import type { HttpServer } from './http-server.js';
import type { Connection } from './websocket.js';

/**
 * Closes all sockets in even waves over `drainMs`, so that the other servers take them over at an even pace.
 * Requests are still answered meanwhile, since the load balancer may not have noticed yet. Operations under
 * way at the end are answered, and sockets whose peer does not answer the close are cut. Takes at most 4 s
 * longer than `drainMs`.
 */
export async function drain({ connections, http, drainMs, clock, hastened }: DrainOptions): Promise<void> {
  let untilMs = clock.monotonic() + drainMs;
  void hastened.then(() => (untilMs = Math.min(untilMs, clock.monotonic())));
  const leftMs = (): number => untilMs - clock.monotonic();

  async function closeSockets(): Promise<void> {
    const closing = new Set<Connection>();
    for (;;) {
      const open = [...connections].filter((connection) => !closing.has(connection));
      if (open.length === 0) return;
      const wavesLeft = Math.max(1, Math.ceil(leftMs() / WAVE_INTERVAL_MS));
      const idle = open.filter(({ session }) => session.running === 0 || leftMs() <= -ANSWER_TIMEOUT_MS);
      for (const connection of idle.slice(0, Math.ceil(open.length / wavesLeft))) {
        closing.add(connection);
        connection.socket.close(CLOSE.serviceRestart.code, CLOSE.serviceRestart.reason);
      }
      await sleep(clock, wavesLeft === 1 ? POLL_MS : WAVE_INTERVAL_MS);
    }
  }

  async function cutSockets(): Promise<void> {
    await poll(() => connections.size === 0, CLOSE_TIMEOUT_MS);
    for (const { socket } of connections) socket.terminate();
  }

  async function endRequests(socketsClosed: Promise<void>): Promise<void> {
    let isNeeded = true;
    void socketsClosed.then(() => (isNeeded = http.isProbed()));
    await poll(() => !isNeeded || leftMs() <= 0);
    http.server.close();
    await poll(() => !http.isBusy(), ANSWER_TIMEOUT_MS);
  }

  async function poll(isDone: () => boolean, atMostMs = Infinity): Promise<void> {
    const startedAtMs = clock.monotonic();
    while (!isDone() && clock.monotonic() - startedAtMs < atMostMs) await sleep(clock, POLL_MS);
  }

  const socketsClosed = closeSockets();
  await Promise.all([socketsClosed.then(cutSockets), endRequests(socketsClosed)]);
}

const WAVE_INTERVAL_MS = 250;
/** How long operations under way may take to be answered; location updates wait 2 s for their commit. */
const ANSWER_TIMEOUT_MS = 2_500;
/** How long a peer may take to answer the close frame. */
const CLOSE_TIMEOUT_MS = 1_500;
const POLL_MS = 50;

interface DrainOptions {
  readonly connections: ReadonlySet<Connection>;
  readonly http: HttpServer;
  /** Over how long the sockets are closed, milliseconds; 0 closes all at once. */
  readonly drainMs: number;
  readonly clock: Clock;
  /** Resolves when the rest has to be closed now. */
  readonly hastened: Promise<void>;
}
