/** The commands of operators, where the history is in Cassandra. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { STEPS } from '../../src/adapters/cassandra/schema.js';
import { startProgram } from '../support/program.js';
import { openCassandraHistory } from './cassandra-history.js';

test('npm run migrate makes the tables, and npm run admin deletes a history with its account', async () => {
  const history = await openCassandraHistory({ migrated: false });
  const settings = { DATABASE_URL: history.database.url, HISTORY_CASSANDRA: history.setting };
  const migrate = () => startProgram('src/cli/migrate.ts', [], settings).ended;
  const names = STEPS.map(({ name }) => `${name}\n`).join('');
  expect(await migrate()).toEqual({ status: 0, stdout: names, stderr: '' });
  expect((await migrate()).stdout).toBe('The database has all migrations.\n');

  const [ann, bob] = [await history.newUser(), await history.newUser()];
  const nowMs = Date.now();
  const row = (userId: string) => ({
    userId,
    id: randomUUID(),
    fingerprint: randomUUID(),
    latitude: 1,
    longitude: 2,
    accuracyMeters: null,
    recordedAtMs: nowMs,
    receivedAtMs: nowMs,
  });
  await history.writer.write([row(ann), row(bob)]);
  const { status, stdout } = await startProgram('src/cli/admin.ts', ['delete', ann, '--yes'], settings).ended;
  expect({ status, stdout }).toEqual({ status: 0, stdout: `Deleted: ${ann}.\n` });
  const kept = (userId: string) => history.store.read(userId, { fromMs: null, toMs: null }, null, 10);
  expect(await kept(ann)).toEqual([]);
  expect(await history.idsKept(ann)).toBe(0);
  expect(await kept(bob)).toHaveLength(1);
  await history.close();
});
