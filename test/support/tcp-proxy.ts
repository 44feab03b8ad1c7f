/** One address in front of servers that take its place in turn, as in front of a managed Redis. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Where new connections lead; the others stay where they are. */
  target: number;
  /** What is swallowed without a word, as by a firewall that forgot its connections; ends do not pass either. */
  swallows: 'nothing' | 'requests' | 'answers' | 'all';
  /** Swallows nothing any more, and ends the connections, which have lost some of what they carried. */
  heal(): void;
  close(): void;
}

/** @param idleMs after which a connection that carries nothing is closed; never when left out. */
export async function startTcpProxy(target: number, idleMs?: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const proxy: Pick<TcpProxy, 'target' | 'swallows'> = { target, swallows: 'nothing' };
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    const upstream = connect(proxy.target, '127.0.0.1');
    for (const [socket, other, carries] of [
      [client, upstream, 'requests'],
      [upstream, client, 'answers'],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => {
        if (proxy.swallows !== 'all' && proxy.swallows !== carries) other.write(bytes);
      });
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        if (proxy.swallows === 'nothing') other.destroy();
      });
    }
    if (idleMs !== undefined) client.setTimeout(idleMs, () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(proxy, {
    port: (server.address() as AddressInfo).port,
    heal() {
      proxy.swallows = 'nothing';
      endAll();
    },
    close() {
      proxy.swallows = 'nothing';
      server.close();
      endAll();
    },
  });
}
