/** A graphql-ws client as docs/clients.md tells apps to make it, closed when the test has finished. */
import { type Client, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';

/** @param webSocketImpl one that tells of what becomes of its sockets, say. */
export function openAppSocket(url: string, token: string, webSocketImpl: unknown = WebSocket): Client {
  const isSignedOut = false;
  let giveUp: ReturnType<typeof setTimeout>;
  const socket = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl,
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    retryAttempts: Infinity,
    shouldRetry: () => !isSignedOut,
    retryWait: (attempt) =>
      new Promise((resolve) =>
        setTimeout(resolve, Math.min(500 * 2 ** attempt, 5_000) * (0.5 + Math.random() / 2)),
      ),
    keepAlive: 15_000,
    on: {
      ping: (received) => {
        if (!received) giveUp = setTimeout(() => socket.terminate(), 10_000);
      },
      pong: (received) => {
        if (received) clearTimeout(giveUp);
      },
      closed: () => clearTimeout(giveUp),
    },
  });
  // One that is just being opened fails by that.
  onTestFinished(() => Promise.resolve(socket.dispose()).catch(() => undefined));
  return socket;
}
