import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** A migrated, empty database of the caller's own; `drop` ends the connections that are left. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create((template) => `TEMPLATE ${template} ${inject('templateCopy')}`);
}

/** A copy of a database to which nobody is connected. */
export function copyDatabase({ url }: TestDatabase): Promise<TestDatabase> {
  return create(() => `TEMPLATE ${new URL(url).pathname.slice(1)} ${inject('templateCopy')}`);
}

/** A database of the caller's own without any table. @param options of CREATE DATABASE. */
export function createEmptyDatabase(options = ''): Promise<TestDatabase> {
  return create(() => options);
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A role of the caller's own, which may log in and nothing else. Drop the database first. */
export async function createTestRole(database: TestDatabase, options = ''): Promise<TestRole> {
  const name = `role_${randomUUID().replaceAll('-', '')}`;
  await runSql(database.url, `CREATE ROLE ${name} LOGIN PASSWORD 'secret' ${options}`);
  const url = new URL(database.url);
  url.username = name;
  url.password = 'secret';
  return {
    name,
    url: url.href,
    drop: () => runSql(inject('templateDatabaseUrl'), `DROP ROLE ${name}`, 'postgres'),
  };
}

export interface TestRole {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

/**
 * Runs statements as the superuser.
 * @param database default: the one that the URL names.
 */
export async function runSql(databaseUrl: string, statements: string, database?: string): Promise<void> {
  const url = new URL(databaseUrl);
  if (database !== undefined) url.pathname = database;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}

async function create(options: (template: string) => string): Promise<TestDatabase> {
  const template = new URL(inject('templateDatabaseUrl'));
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(template);
  url.pathname = name;
  // From the database `postgres`, since a template is copied only while nobody is connected to it.
  await runSql(template.href, `CREATE DATABASE ${name} ${options(template.pathname.slice(1))}`, 'postgres');
  return {
    url: url.href,
    drop: () => runSql(template.href, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, 'postgres'),
  };
}
