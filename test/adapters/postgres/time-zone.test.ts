import { expect, test } from 'vitest';
import { createFriendReader } from '../../../src/adapters/postgres/friend-reader.js';
import { createFriendsStore } from '../../../src/adapters/postgres/friends-store.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { createPrisma } from '../../../src/adapters/postgres/prisma.js';
import { createLogger } from '../../../src/log.js';
import { startAccountServices } from '../../support/account-services.js';

// Prisma's adapter writes and reads times without their offset: only on connections in UTC are they instants.
test('times are the same whatever time zone the database has', async () => {
  const services = await startAccountServices();
  const [ann, bob] = await services.people('ann', 'bob');
  await services.befriend(ann, bob);
  await services.rows(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone TO ''Asia/Kolkata''', current_database()); END $$`,
  );
  const pool = createPool(services.pool.options.connectionString ?? '', { log: createLogger('silent') });
  const prisma = createPrisma(pool);
  try {
    const untilMs = Date.now() + 60_000;
    const store = createFriendsStore(prisma);
    await store.updateSharing(bob.userId, { enabled: false, untilMs });
    const [relation] = await createFriendReader(pool).loadRelations([
      { viewerId: ann.userId, friendId: bob.userId },
    ]);
    expect(relation?.sharing).toMatchObject({ enabled: false, untilMs });
    expect(await createFriendsStore(services.prisma).sharing(bob.userId)).toMatchObject({
      enabled: false,
      untilMs,
    });
    await pool.query('INSERT INTO blocks (blocker_id, blocked_id) VALUES ($1, $2)', [ann.userId, bob.userId]);
    const [blocked] = await store.blocked(ann.userId, 1, null);
    expect(Math.abs((blocked?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
  } finally {
    await prisma.$disconnect();
    await pool.end();
    await services.stop();
  }
});
