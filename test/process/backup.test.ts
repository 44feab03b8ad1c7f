/** The commands of docs/operations.md bring a deployment back from a dump. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { act, ask, befriend, codesOf, move, signUp, type TestUser } from '../support/api.js';
import { debianPostgres, startDebianPostgres } from '../support/debian-postgres.js';
import { follow } from '../support/nearby-list.js';
import { runSql } from '../support/postgres.js';
import { startTestRedis } from '../support/redis.js';
import { startServer } from '../support/server-program.js';
import { travel } from '../support/sphere.js';

const HERE = { latitude: 45.44, longitude: 12.33 };
const SIGN_IN = `mutation ($handle: String!) {
  signIn(input: { handle: $handle, password: "correct horse battery" }) { accessToken }
}`;

/** The commands of the section, in their order. */
async function documentedCommands(): Promise<readonly string[]> {
  const text = await readFile('docs/operations.md', 'utf8');
  const section = /^### Backup and restore\n(.*?)^##/ms.exec(text)?.[1] ?? '';
  return Array.from(section.matchAll(/^```sh\n(.*?)^```/gms), ([, block = '']) => block);
}

async function signIn(url: string, user: TestUser): Promise<TestUser> {
  const { signIn: grant } = await ask<{ signIn: { accessToken: string } }>(url, null, SIGN_IN, {
    handle: user.handle,
  });
  return { ...user, token: grant.accessToken };
}

async function history(url: string, user: TestUser): Promise<string[]> {
  const { locationHistory } = await ask<{ locationHistory: { edges: { node: { recordedAt: string } }[] } }>(
    url,
    user.token,
    '{ locationHistory { edges { node { recordedAt } } } }',
  );
  return locationHistory.edges.map(({ node }) => node.recordedAt);
}

async function historyRows(databaseUrl: string, user: TestUser): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rowCount } = await client.query('SELECT FROM location_history WHERE user_id = $1', [user.id]);
  await client.end();
  return rowCount ?? 0;
}

// The embedded PostgreSQL has no pg_dump, and that of another version refuses.
describe.skipIf(debianPostgres === null)('a backup (needs /usr/lib/postgresql/*/bin/pg_dump)', () => {
  it('brings back what it had, and neither sessions nor shared places nor accounts that were deleted since', async () => {
    const [dump = '', restore = '', closeDoors = '', deleteAgain = '', ...more] = await documentedCommands();
    expect(more).toEqual([]);
    const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-backup-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const postgres = debianPostgres ?? '';
    const run = async (block: string, databaseUrl: string): Promise<string> => {
      const commands = block
        .replaceAll('nearby.dump', join(folder, 'nearby.dump'))
        .replaceAll('servers.log', join(folder, 'servers.log'))
        .replaceAll('npm run --silent admin --', `'${process.execPath}' --import tsx src/cli/admin.ts`);
      const PATH = `${join(postgres, 'bin')}:/usr/local/bin:/usr/bin:/bin`;
      const env = { PATH, DATABASE_URL: databaseUrl };
      return (await promisify(execFile)('sh', ['-euc', commands], { env })).stdout;
    };

    const databaseUrl = await startDebianPostgres(postgres);
    const redis = await startTestRedis();
    onTestFinished(() => redis.close());
    const settings = { REDIS_URL: redis.url, LOG_LEVEL: 'info', FRAME_INTERVAL_MS: '0' };
    const server = startServer({ ...settings, DATABASE_URL: databaseUrl });
    const url = await server.url;
    const [ann, bob, cid] = [await signUp(url), await signUp(url), await signUp(url)];
    for (const friend of [bob, cid]) await befriend(url, ann, friend);
    for (const [nth, user] of [ann, bob, cid].entries()) await move(url, user, travel(HERE, 90, nth));
    await act(url, bob, `setSharingException(input: { friendId: "${ann.id}" }) { enabled }`);
    const before = await history(url, ann);
    await run(dump, databaseUrl);

    await move(url, ann, travel(HERE, 90, 500));
    await act(url, bob, `clearSharingException(friendId: "${ann.id}")`);
    await act(url, bob, 'signOut');
    await act(url, cid, 'deleteAccount');
    server.child.kill('SIGTERM');
    const { status, stdout } = await server.ended;
    expect(status).toBe(0);
    await writeFile(join(folder, 'servers.log'), stdout);

    await runSql(databaseUrl, 'CREATE DATABASE restored', 'postgres');
    const restoredUrl = databaseUrl.replace('/nearby_friends?', '/restored?');
    await run(restore, restoredUrl);
    expect(await historyRows(restoredUrl, cid)).toBe(1);
    await run(closeDoors, restoredUrl);
    expect(await run(deleteAgain, restoredUrl)).toBe(`Deleted: ${cid.id}.\n`);
    expect(await historyRows(restoredUrl, cid)).toBe(0);

    const restored = await startServer({ ...settings, DATABASE_URL: restoredUrl }).url;
    for (const user of [ann, bob]) {
      expect(await codesOf(restored, user.token, '{ me { id } }')).toEqual(['UNAUTHENTICATED']);
    }
    expect(await codesOf(restored, null, SIGN_IN, { handle: cid.handle })).toEqual(['UNAUTHENTICATED']);
    const [annAgain, bobAgain] = [await signIn(restored, ann), await signIn(restored, bob)];
    expect(await history(restored, annAgain)).toEqual(before);
    const { friends } = await ask<{ friends: unknown }>(
      restored,
      annAgain.token,
      '{ friends { edges { node { id } } } }',
    );
    expect(friends).toEqual({ edges: [{ node: { id: bob.id } }] });

    // Nobody is seen before they say so again.
    const list = follow(restored, annAgain);
    await move(restored, annAgain, HERE);
    expect((await move(restored, bobAgain, travel(HERE, 90, 10))).recorded).toBe(true);
    expect(await ask(restored, annAgain.token, '{ nearbyFriends { friend { id } } }')).toEqual({
      nearbyFriends: [],
    });
    await act(restored, bobAgain, `clearSharingException(friendId: "${ann.id}")`);
    await act(restored, bobAgain, 'updateSharing(input: { enabled: true }) { enabled }');
    await list.until(({ entries }) => entries.has(bob.id));
  }, 90_000);
});
