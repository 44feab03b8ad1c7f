import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** A migrated, empty database of the caller's own; `drop` ends the connections that are left. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create((template) => `TEMPLATE ${template} STRATEGY file_copy`);
}

/** A copy of a database to which nobody is connected. */
export function copyDatabase({ url }: TestDatabase): Promise<TestDatabase> {
  return create(() => `TEMPLATE ${new URL(url).pathname.slice(1)} STRATEGY file_copy`);
}

/** A database of the caller's own without any table. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create(() => '');
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

async function create(options: (template: string) => string): Promise<TestDatabase> {
  const template = new URL(inject('templateDatabaseUrl'));
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(template);
  url.pathname = name;
  await administer(template, `CREATE DATABASE ${name} ${options(template.pathname.slice(1))}`);
  return {
    url: url.href,
    drop: () => administer(template, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** From the database `postgres`, since a template is copied only while nobody is connected to it. */
async function administer(template: URL, statement: string): Promise<void> {
  const url = new URL(template);
  url.pathname = 'postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
