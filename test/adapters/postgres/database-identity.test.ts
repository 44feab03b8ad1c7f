import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { identifyDatabase } from '../../../src/adapters/postgres/database-identity.js';
import { copyDatabase, createTestDatabase } from '../../support/postgres.js';

async function identityAt(url: string, options?: string): Promise<string> {
  const pool = new pg.Pool({ connectionString: url, options });
  return identifyDatabase(pool).finally(() => pool.end());
}

test('a database has the same id for everybody, an ordinary role too; a copy and another schema have ids of their own', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const copy = await copyDatabase(database);
  onTestFinished(() => copy.drop());
  const id = await identityAt(database.url);
  expect(id).toMatch(/^[\w-]{8}$/);
  expect(await identityAt(copy.url)).not.toBe(id);

  const role = `role_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  onTestFinished(async () => {
    await admin.query(`DROP ROLE ${role}`);
    await admin.end();
  });
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  const asRole = new URL(database.url);
  [asRole.username, asRole.password] = [role, 'secret'];
  expect(await identityAt(asRole.href)).toBe(id);

  await admin.query('CREATE SCHEMA other; CREATE TABLE other.users (id int)');
  expect(await identityAt(database.url, '-c search_path=other')).not.toBe(id);
});
