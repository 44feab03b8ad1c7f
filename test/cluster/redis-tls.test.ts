/** A Redis Cluster with TLS whose certificates name hosts, as those of managed services do. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { befriend, move, signUp } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { createTestDatabase } from '../support/postgres.js';
import { startTestRedisCluster } from '../support/redis-cluster.js';
import { refusal } from '../support/redis-refusal.js';
import { startServer } from '../support/server-program.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 59.33, longitude: 18.07 };

const run = promisify(execFile);

/** Why it cannot run; null where it can. */
async function missing(): Promise<string | null> {
  const version = await run('openssl', ['version']).catch(() => null);
  if (version === null) return 'openssl is not on PATH';
  // Without a port Redis ends at once; one that was built without TLS does not know the setting.
  const { stdout } = await run('redis-server', ['--port', '0', '--tls-port', '0', '--save', '']).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout.includes('not listen anywhere') ? null : 'redis-server was built without TLS';
}

test(
  'servers work with it, and say what is wrong where they may not trust it',
  { timeout: 60_000 },
  async ({ skip }) => {
    const reason = await missing();
    if (reason !== null) skip(reason);
    const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-tls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    await run('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=nearby-friends-test', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', key, '-out', certificate],
    ]);
    const redis = await startTestRedisCluster({
      replicas: 0,
      settings: {
        'tls-cluster': 'yes',
        'tls-cert-file': certificate,
        'tls-key-file': key,
        'tls-ca-cert-file': certificate,
        'tls-auth-clients': 'no',
        'cluster-announce-hostname': 'localhost',
        'cluster-preferred-endpoint-type': 'hostname',
      },
    });
    onTestFinished(() => redis.close());
    const nodesAt = (host: string): string =>
      redis.members.map(({ tlsPort }) => `rediss://${host}:${tlsPort}`).join();

    expect(await refusal({ REDIS_CLUSTER_NODES: nodesAt('localhost') })).toMatch(
      /^StartupError: REDIS_CLUSTER_NODES: no TLS connection to localhost:\d+: self-signed certificate\. NODE_EXTRA_CA_CERTS names a CA to trust\./,
    );

    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const servers = [0, 1].map(() =>
      startServer({
        DATABASE_URL: database.url,
        REDIS_CLUSTER_NODES: nodesAt('localhost'),
        NODE_EXTRA_CA_CERTS: certificate,
        FRAME_INTERVAL_MS: '0',
      }),
    );
    const [here = '', there = ''] = await Promise.all(servers.map(({ url }) => url));
    const [ann, bob] = [await signUp(here), await signUp(here)];
    await befriend(here, ann, bob);
    await move(here, ann, HERE);
    const list = follow(here, ann);
    await move(there, bob, travel(HERE, 90, 100));
    await list.until(({ entries }) => entries.has(bob.id));

    const startAt = (nodes: string) =>
      startServer({
        DATABASE_URL: database.url,
        REDIS_CLUSTER_NODES: nodes,
        NODE_EXTRA_CA_CERTS: certificate,
      }).ended;
    const { status, stderr } = await startAt(nodesAt('127.0.0.1'));
    expect(stderr).toMatch(
      /^REDIS_CLUSTER_NODES: the certificate of 127\.0\.0\.1:\d+ names other hosts .*\n$/,
    );
    expect(status).toBe(1);

    expect(await refusal({ REDIS_URL: `redis://localhost:${redis.members[0]?.tlsPort}` })).toMatch(
      /: localhost:\d+ closes the connection\. If it wants TLS, write rediss:\/\/\.$/,
    );
    for (const { commands } of redis.members) await commands.config('SET', 'tls-auth-clients', 'yes');
    expect((await startAt(nodesAt('localhost'))).stderr).toMatch(
      /^REDIS_CLUSTER_NODES: localhost:\d+ (wants|closes the connection\. It may want) a client certificate, .*\n$/,
    );
  },
);
