#!/usr/bin/env bash
# Guess: an LRU cache of 50,000 short keys has its final size once it is full, because each further key replaces
# one. So a heap that grows after that holds something else.
#
# What happens: it stands still for 15,000 further keys, as long as a short test runs. Then the table of keys
# doubles and the heap grows by 1.8 MB for good. A plain Map does the same. V8 counts deleted entries as used
# until it builds the table anew: in the same size if they are at least half of its places, otherwise twice as
# large. Of 65,536 places 50,000 keys leave 15,536 to deleted entries, so the table ends with 131,072. `max:
# 32_000` grows by 0.9 MB within the first thousand further keys, from 32,768 to 65,536 places, and never again.
# In general the table ends with the first power of two that is at least twice the number of keys.
#
# Versions: lru-cache 11.5.3 on Node 20.19.6, 22.23.3 and 24.21.0.
# Source: V8, src/objects/ordered-hash-table.cc, EnsureCapacityForAdding: it compares the number of deleted
# entries with half of the capacity. lru-cache keeps its keys in one Map.
#
# For our users: the heap of a server on Node is flat only after each cache has been full for a while, so who
# looks for a leak should compare later snapshots. A cache of keys should have room for a power of two or slightly
# fewer. The server remembers 32,000 ids of updates for this reason.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent lru-cache@11.5.3

cat >run.js <<'JS'
import { LRUCache } from 'lru-cache';

let keys = 0;
const newKey = () => `update-${String(keys++).padStart(12, '0')}`;
function heapMb() {
  gc();
  gc();
  return process.memoryUsage().heapUsed / 1e6;
}
/** MB that the heap grew, from when the cache was full, with each 5,000 further keys. */
function growth(max, add) {
  for (let i = 0; i < max; i++) add(newKey());
  heapMb();
  const full = heapMb();
  return Array.from({ length: 20 }, () => {
    for (let i = 0; i < 5_000; i++) add(newKey());
    return heapMb() - full;
  });
}
function lru(max) {
  const cache = new LRUCache({ max });
  return growth(max, (key) => cache.set(key, true));
}
function plainMap(max) {
  const map = new Map();
  return growth(max, (key) => {
    if (map.size === max) map.delete(map.keys().next().value);
    map.set(key, true);
  });
}

const about = (mb) => (each) => Math.abs(each - mb) < 0.45;
const grows = (steps) => steps.slice(0, 3).every(about(0)) && steps.slice(4).every(about(1.85));
const grewAtOnce = (steps) => steps.every(about(0.93));
console.log(process.version);
let asDescribed = true;
for (const [name, steps, expected] of [
  ['LRUCache of 50,000', lru(50_000), grows],
  ['Map of 50,000', plainMap(50_000), grows],
  ['LRUCache of 32,000', lru(32_000), grewAtOnce],
]) {
  console.log(`${name}, MB after each 5,000 further keys: ${steps.map((mb) => mb.toFixed(1)).join(' ')}`);
  asDescribed &&= expected(steps);
}
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
for version in 20.19.6 22.23.3 24.21.0; do
  mkdir "$version"
  npm install --prefix "$version" --no-audit --no-fund --silent "node@$version"
  timeout 60 "$version/node_modules/node/bin/node" --expose-gc run.js
done
