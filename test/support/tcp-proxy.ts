/** One address in front of servers that take its place in turn, as in front of a managed Redis. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Where new connections lead; the others stay where they are. */
  target: number;
  close(): void;
}

/** @param idleMs after which a connection that carries nothing is closed; never when left out. */
export async function startTcpProxy(target: number, idleMs?: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const proxy = { target };
  const server = createServer((client) => {
    const upstream = connect(proxy.target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    if (idleMs !== undefined) client.setTimeout(idleMs, () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(proxy, {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}
