/** A TCP wire between a client and a server which a test can cut. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Wire {
  /** Leads to the server. */
  readonly url: string;
  /** Breaks every connection and lets none through until `mend`. */
  cut(): void;
  /** Holds everything back, so that both sides hear nothing: a network that swallows. */
  stall(): void;
  /** Holds everything back on the connections that are open, while new ones work: those of a network that is gone. */
  strand(): void;
  /** Lets what clients send pass, and holds back the answers. */
  holdAnswers(): void;
  mend(): void;
  close(): Promise<void>;
}

/** @param delayMs how long each direction takes. */
export async function startWire(serverUrl: string, delayMs = 0): Promise<Wire> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  let isStalled = false;
  let holdsAnswers = false;
  const fars = new WeakSet<Socket>();
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    fars.add(far);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      if (isStalled || (holdsAnswers && socket === far)) socket.pause();
      socket.on('data', (data) => {
        if (delayMs === 0) other.write(data);
        else setTimeout(() => other.write(data), delayMs);
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      dropAll();
    },
    stall() {
      isStalled = true;
      for (const socket of sockets) socket.pause();
    },
    strand() {
      isStalled = false;
      for (const socket of sockets) socket.pause();
    },
    holdAnswers() {
      holdsAnswers = true;
      for (const socket of sockets) if (fars.has(socket)) socket.pause();
    },
    mend() {
      isCut = isStalled = holdsAnswers = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      dropAll();
      server.close();
      await once(server, 'close');
    },
  };
}
