#!/usr/bin/env bash
# Guess: `monitorEventLoopDelay` tells how late the event loop is: about 0 if the process is idle. If it stands
# still for half of the time, in blocks of half a second, the percentiles are those of the waits that messages
# meet at random moments.
#
# What happens: p50 and p95 stay at about 10 and 16 ms, as when the process is idle, although p95 of the messages
# is 450 ms. The histogram gets one sample when the loop is free: a block of half a second is one, and half a
# second of idling is fifty. So 2 of 100 samples are late, and more than 40 of 100 messages. The samples also
# contain the interval of 10 ms itself, so an idle process has a delay of 10 ms, not 0.
#
# Versions: Node 20.19.6, 22.23.3 and 24.21.0.
# Source: Node, lib/internal/perf/event_loop_delay.js and src/histogram.cc: a timer of the given resolution
# records the time since its last turn.
#
# For our users: alarms on the delay of the event loop need its maximum, or its p99.9, and metrics of latency from
# outside. The usual metrics `nodejs_eventloop_lag_p50_seconds` and `_p90_seconds` read this histogram and stay
# green while almost every other frame is late.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >run.mjs <<'JS'
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const histogram = monitorEventLoopDelay({ resolution: 10 });
const ms = (ns) => Math.round(ns / 1e6);
const read = () => ({
  p50: ms(histogram.percentile(50)),
  p95: ms(histogram.percentile(95)),
  max: ms(histogram.max),
});

histogram.enable();
await wait(2_000);
const idle = read();

// Another thread sends a message at random moments, 10 ms apart on average, with the time at which it was sent.
const sender = new Worker(
  `const { parentPort } = require('node:worker_threads');
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    Atomics.wait(sleeper, 0, 0, Math.random() * 20);
    parentPort.postMessage(performance.timeOrigin + performance.now());
  }`,
  { eval: true },
);
await new Promise((resolve) => sender.once('message', resolve));
const waits = [];
sender.on('message', (sentAt) => waits.push(performance.timeOrigin + performance.now() - sentAt));
histogram.reset();
for (let i = 0; i < 8; i++) {
  const from = performance.now();
  while (performance.now() - from < 500);
  await wait(500);
}
const busy = read();
await sender.terminate();

waits.sort((a, b) => a - b);
const at = (share) => Math.round(waits[Math.floor(waits.length * share)]);
const late = waits.filter((wait) => wait > 50).length / waits.length;
console.log(process.version, 'idle:', idle);
console.log('at a standstill for half of the time:', busy);
console.log('messages:', { p50: at(0.5), p95: at(0.95), late: `${Math.round(late * 100)} %` });
const asDescribed = idle.p50 >= 8 && busy.p50 < 40 && busy.p95 < 100 && busy.max > 450 && late > 0.25 && at(0.95) > 250;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
for version in 20.19.6 22.23.3 24.21.0; do
  mkdir "$version"
  npm install --prefix "$version" --no-audit --no-fund --silent "node@$version"
  timeout 60 "$version/node_modules/node/bin/node" run.mjs
done
