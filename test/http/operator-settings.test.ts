/** What operators may switch: where metrics are, GraphiQL, introspection, and who migrates. */
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { createPool } from '../../src/adapters/postgres/pool.js';
import type { Config } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { startNode } from '../../src/node.js';
import { codesOf, connectForTest, request, requestOverSocket, signUp } from '../support/api.js';
import { startTestCluster, type TestCluster } from '../support/nodes.js';

async function start(settings: Partial<Config> = {}): Promise<TestCluster & { readonly url: string }> {
  const cluster = await startTestCluster(1, settings);
  onTestFinished(() => cluster.close());
  return { ...cluster, url: cluster.urls[0] ?? '' };
}

test('metrics are on a port of their own, and there alone', async () => {
  const { nodes, url } = await start({ metricsPort: 0 });
  const metricsUrl = nodes[0]?.metricsUrl ?? '';
  expect(metricsUrl).not.toBe(url);
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  expect(text).toMatch(/^nearby_ready 1$/m);
  expect(text).toMatch(/^nearby_build_info\{version="\d+\.\d+\.\d+",node="v\d+\.\d+\.\d+"\} 1$/m);
  expect(text).toMatch(/^nearby_database_connections [1-9]/m);
  expect(text).toMatch(/^nearby_database_waiting 0$/m);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  for (const path of ['/', '/graphql', '/health/ready']) {
    expect((await fetch(`${metricsUrl}${path}`)).status).toBe(404);
  }
  await nodes[0]?.close();
  await expect(fetch(`${metricsUrl}/metrics`)).rejects.toThrow();
});

test('a port for metrics that is taken ends the start with a line that names it', async () => {
  const { nodes, config } = await start({ metricsPort: 0 });
  const metricsPort = Number(new URL(nodes[0]?.metricsUrl ?? '').port);
  const log = createLogger('silent');
  await expect(startNode({ ...config, metricsPort }, { log })).rejects.toThrow(
    `METRICS_PORT, HOST: 127.0.0.1:${metricsPort} is taken by another program.`,
  );
});

describe('without introspection', () => {
  it('the schema is told to nobody, nor by the texts of errors, over HTTP and sockets', async () => {
    const { url } = await start({ introspection: false });
    const { token } = await signUp(url);
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "User") { name } }']) {
      expect(new Set(await codesOf(url, token, query))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
    }
    const { errors: overSocket } = await requestOverSocket(
      connectForTest(url, token),
      '{ __schema { description } }',
    );
    expect(overSocket?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const { errors } = await request(url, token, '{ me { handl } }');
    expect(errors?.[0]?.message).toBe('Cannot query field "handl" on type "User".');
    expect(await codesOf(url, token, '{ me { __typename handle } }')).toEqual([]);
  });

  it('but by default it is', async () => {
    const { url } = await start();
    const { errors } = await request(url, null, '{ me { handl } }');
    expect(errors?.[0]?.message).toContain('Did you mean "handle"?');
    expect(await codesOf(url, null, '{ __schema { types { name } } }')).toEqual([]);
  });
});

test('GraphiQL can be left out', async () => {
  const { url } = await start({ graphiql: false });
  const response = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  expect(response.headers.get('content-type')).not.toMatch(/html/);
  expect(await response.text()).not.toMatch(/graphiql/i);
  expect(await codesOf(url, null, '{ __typename }')).toEqual([]);
});

test('a server that does not migrate ends where migrations are missing, and runs where none are', async () => {
  const { database, config } = await start({ migrate: 'never' });
  const log = createLogger('silent');
  const pool = createPool(database.url, { log });
  onTestFinished(() => pool.end());
  await pool.query(
    'DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)',
  );
  await expect(startNode({ ...config, port: 0 }, { log })).rejects.toThrow(
    /^MIGRATE=never: the database lacks the migration \w+\. Run npm run migrate first\.$/,
  );
});
