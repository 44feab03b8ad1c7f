#!/usr/bin/env bash
# Guess: `LocalDate`, which stands for CQL's `date`, is made from a Date by its day in UTC, as `localDate.date` is midnight
# in UTC; or else `LocalDate.utcNow()` gives today's day in UTC on any machine.
#
# What happens: `LocalDate.fromDate()` takes the day that it is in the time zone of the machine, while `.date` gives midnight
# in UTC: the two are inverse east of Greenwich, and a day is lost each time west of it. A server in New York writes a day
# into the partition of the day before. `LocalDate.utcNow()` always throws: it takes the milliseconds since the epoch for
# days. On machines in UTC all tests pass.
#
# Versions: cassandra-driver 4.10.0.
# Source: cassandra-driver, lib/types/local-date.js: fromDate uses getFullYear, getMonth and getDate; utcNow is
# `new LocalDate(Date.now())`, and one argument counts days.
#
# For our users: the server makes its days from text, and a test runs that in three zones. Programs beside it should use
# `new LocalDate(daysSinceEpoch)` or `LocalDate.fromString('2026-11-30')`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent cassandra-driver@4.10.0
cat >run.js <<'JS'
import cassandra from 'cassandra-driver';

const { LocalDate } = cassandra.types;
const midnight = new Date('2026-11-30T00:00:00Z');
const days = {};
for (const zone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
  process.env.TZ = zone;
  const date = LocalDate.fromDate(midnight);
  const again = LocalDate.fromDate(date.date);
  days[zone] = [date, again, LocalDate.fromString('2026-11-30'), new LocalDate(midnight / 86_400_000)].map(String);
}
let utcNow;
try {
  utcNow = String(LocalDate.utcNow());
} catch ({ message }) {
  utcNow = message;
}
console.log('fromDate(midnight in UTC), fromDate of its .date, fromString, by days since the epoch');
console.log({ ...days, utcNow });
const right = '2026-11-30';
const expected = {
  UTC: [right, right, right, right],
  'Asia/Tokyo': [right, right, right, right],
  'America/New_York': ['2026-11-29', '2026-11-28', right, right],
};
const asDescribed = JSON.stringify(days) === JSON.stringify(expected) && utcNow.includes('days since epoch');
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
