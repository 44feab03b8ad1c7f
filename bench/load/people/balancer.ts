/**
 * Chooses a server for each socket: at random, or as the load balancer does for clients who name their neighbourhood, by
 * consistent hashing with bounded load (docs/decisions/101-neighbours-share-servers.md).
 */
import { createHash } from 'node:crypto';

export type Placement = 'random' | 'near';

export type Balancer = ReturnType<typeof createBalancer>;

export function createBalancer(servers: number, placement: Placement, random: () => number) {
  const sockets = Array.from({ length: servers }, () => 0);
  const ring = sockets
    .flatMap((_, server) =>
      Array.from({ length: POINTS }, (_, point) => [hash(`${server}.${point}`), server] as const),
    )
    .sort(([a], [b]) => a - b);

  function byNeighbourhood(near: string): number {
    const total = sockets.reduce((sum, count) => sum + count, 1);
    const bound = Math.ceil((BALANCE_FACTOR * total) / servers);
    const point = hash(near);
    const start = Math.max(
      0,
      ring.findIndex(([at]) => at >= point),
    );
    const onwards = [...ring.slice(start), ...ring.slice(0, start)];
    return onwards.find(([, server]) => (sockets[server] ?? 0) < bound)?.[1] ?? 0;
  }

  function choose(near: string | null): number {
    if (placement === 'random') return Math.floor(random() * servers);
    return near === null ? sockets.indexOf(Math.min(...sockets)) : byNeighbourhood(near);
  }

  return {
    /** @param near the client's number; without one it goes where the fewest sockets are. @returns the server. */
    open(near: string | null): number {
      const server = choose(near);
      sockets[server] = (sockets[server] ?? 0) + 1;
      return server;
    },

    close(server: number): void {
      sockets[server] = (sockets[server] ?? 0) - 1;
    },
  };
}

/** Of each server on the ring. */
const POINTS = 100;
/** HAProxy's `hash-balance-factor 125`. */
const BALANCE_FACTOR = 1.25;

const hash = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE();
