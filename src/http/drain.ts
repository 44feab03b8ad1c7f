import type { Clock } from '../services/clock.js';
import type { Connection } from './websocket.js';

/** "Service Restart" (RFC 6455 registry): clients come back, to another server. */
const SERVICE_RESTART = 1012;
const WAVE_INTERVAL_MS = 250;
/** What a peer that reads nothing gets after its close frame. */
const CLOSE_TIMEOUT_MS = 3_000;
/** What operations under way get to be answered; location updates wait 2 s for their commit. */
const ANSWER_TIMEOUT_MS = 3_000;
const POLL_MS = 50;

/**
 * Closes all sockets in even waves over `drainMs`, so that the other servers take them over at a pace; one with a query
 * or mutation under way waits for its answer. Resolves when they are gone; sockets whose peer does not answer the close
 * are cut.
 * @param hurry resolves when waiting has to stop: the rest is closed at once.
 */
export async function drainSockets(
  connections: ReadonlySet<Connection>,
  drainMs: number,
  clock: Clock,
  hurry: Promise<void>,
): Promise<void> {
  let hurried = false;
  void hurry.then(() => (hurried = true));
  const untilMs = clock.now() + drainMs;
  const closing = new Set<Connection>();
  let answerByMs: number | null = null;
  for (;;) {
    const open = [...connections].filter((connection) => !closing.has(connection));
    if (open.length === 0) break;
    const wavesLeft = hurried ? 1 : Math.max(1, Math.ceil((untilMs - clock.now()) / WAVE_INTERVAL_MS));
    if (wavesLeft === 1) answerByMs ??= clock.now() + ANSWER_TIMEOUT_MS;
    const late = answerByMs !== null && clock.now() >= answerByMs;
    const idle = open.filter(({ running }) => late || running === 0);
    for (const connection of idle.slice(0, Math.ceil(open.length / wavesLeft))) {
      closing.add(connection);
      connection.socket.close(SERVICE_RESTART, 'Service restart');
    }
    await pause(wavesLeft === 1 ? POLL_MS : WAVE_INTERVAL_MS);
  }
  const cutAtMs = clock.now() + CLOSE_TIMEOUT_MS;
  while (connections.size > 0 && clock.now() < cutAtMs) await pause(POLL_MS);
  for (const { socket } of connections) socket.terminate();

  async function pause(ms: number): Promise<void> {
    let cancel: () => void = () => undefined;
    const waited = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
    if (!hurried) await Promise.race([waited, hurry]);
    else await waited;
    cancel();
  }
}

/** Resolves when every HTTP request is answered, or when that takes too long. */
export async function drainRequests(isBusy: () => boolean, clock: Clock): Promise<void> {
  const untilMs = clock.now() + ANSWER_TIMEOUT_MS;
  while (isBusy() && clock.now() < untilMs)
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
}
