/**
 * Gives up the connections of a pool once PostgreSQL refuses a write as read-only. A connection may stay read-only
 * for as long as it lives, as after a failover behind one address, while new ones can write.
 */
import type pg from 'pg';

export function giveUpReadOnly(pool: pg.Pool): void {
  const clients = new Set<pg.PoolClient>();
  const refused = new WeakSet<pg.PoolClient>();
  let gaveUpAtMs = -Infinity;

  /** The idle ones go now, the others when they are released. */
  async function giveUpAll(): Promise<void> {
    gaveUpAtMs = performance.now();
    for (const client of clients) refused.add(client);
    const idle = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()));
    for (const client of idle) client.release();
  }

  pool.on('connect', (client) => {
    clients.add(client);
    client.connection.on('errorMessage', ({ code }: pg.DatabaseError) => {
      if (code !== READ_ONLY) return;
      refused.add(client);
      // While the whole database is read-only, they are not made anew for each write.
      if (performance.now() - gaveUpAtMs > RENEWAL_INTERVAL_MS) giveUpAll().catch(() => undefined);
    });
  });
  pool.on('remove', (client) => clients.delete(client));
  // The pool removes a client that is ending.
  pool.on('release', (_error, client) => {
    if (refused.has(client)) void client.end();
  });
}

const READ_ONLY = '25006';
const RENEWAL_INTERVAL_MS = 3_000;
