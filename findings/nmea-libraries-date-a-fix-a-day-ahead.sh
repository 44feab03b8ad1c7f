#!/usr/bin/env bash
# Guess: a GPS receiver's GGA sentence has a time and no date, so a library gives it the date of the last RMC
# sentence, or the day that is nearest to now. One of 23:59:59 that is read two seconds later belongs to
# yesterday.
#
# What happens: `gps` and `nmea-simple` take the date of the computer's clock. The fix of 23:59:59 that arrives
# after midnight is dated a day ahead, also in the state of `gps`, which had yesterday's date from an RMC sentence
# one second before. The same holds for GLL. Besides, `nmea-simple` reads fractions of a second in RMC only if
# they have two digits: from a receiver that sends `120000.250` every fix has the whole second's time. In GGA it
# reads them.
#
# Versions: gps 0.9.0, nmea-simple 3.3.0; the clock that the script sets stands at 00:00:01 UTC.
# Source: gps, ParseTime: without a date it sets the hours of a new Date; nmea-simple, helpers.js, parseTime does
# so too, and parseDatetime adds milliseconds if the time has nine characters.
#
# For our users: trackers on Node that take positions from GGA would send a fix 24 hours from the future at each
# midnight UTC. Take date and time from RMC, or subtract a day from whatever is more than twelve hours ahead.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent gps@0.9.0 nmea-simple@3.3.0

cat >run.js <<'JS'
const SystemDate = Date;
const now = Date.UTC(2026, 10, 29, 0, 0, 1);
globalThis.Date = class extends SystemDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now] : parts));
  }
  static now = () => now;
};
const { GPS } = await import('gps');
const { parseNmeaSentence } = await import('nmea-simple');

function sentence(text) {
  const checksum = [...text].reduce((sum, char) => sum ^ char.charCodeAt(0), 0);
  return `$${text}*${checksum.toString(16).toUpperCase().padStart(2, '0')}`;
}
const rmc = (time) => sentence(`GPRMC,${time},A,3758.5300,N,02343.2600,E,0.0,0.0,281126,,`);
const gga = (time) => sentence(`GPGGA,${time},3758.5300,N,02343.2600,E,1,08,0.9,90.0,M,34.0,M,,`);
const gll = (time) => sentence(`GPGLL,3758.5300,N,02343.2600,E,${time},A,A`);

const gps = new GPS();
const stateAfter = (text) => (gps.update(text), gps.state.time);
const seen = {
  'gps, RMC of 23:59:58': stateAfter(rmc('235958.00')),
  'gps, then GGA of 23:59:59': stateAfter(gga('235959.00')),
  'gps, then GLL of 23:59:59': stateAfter(gll('235959.00')),
  'nmea-simple, RMC of 23:59:58': parseNmeaSentence(rmc('235958.00')).datetime,
  'nmea-simple, GGA of 23:59:59': parseNmeaSentence(gga('235959.00')).time,
  'nmea-simple, RMC of 12:00:00.25': parseNmeaSentence(rmc('120000.25')).datetime,
  'nmea-simple, RMC of 12:00:00.250': parseNmeaSentence(rmc('120000.250')).datetime,
  'nmea-simple, GGA of 12:00:00.250': parseNmeaSentence(gga('120000.250')).time,
};
for (const [name, time] of Object.entries(seen)) console.log(`${name}: ${time.toISOString()}`);
const asDescribed =
  Object.values(seen).map((time) => time.toISOString().slice(8, -1)).join() ===
  '28T23:59:58.000,29T23:59:59.000,29T23:59:59.000,28T23:59:58.000,29T23:59:59.000,' +
    '28T12:00:00.250,28T12:00:00.000,29T12:00:00.250';
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
