#!/usr/bin/env bash
# Guess: reading metrics changes nothing. Two Prometheus servers that scrape one process, as a pair for availability
# does, see the same delay of the event loop.
#
# What happens: each scrape empties the histogram behind `nodejs_eventloop_lag_*`. After a standstill of 0.8 s the first
# of two readers finds a maximum of 0.8 s, and the second one, a moment later, a maximum of 0 and a minimum of 292
# years. Each of a pair sees the standstills of a part of the time, which end at the other's last scrape.
#
# Versions: prom-client 15.1.3, Node 20.20.2.
# Source: prom-client, lib/metrics/eventLoopLag.js: `collect` sets the gauges and then calls `histogram.reset()`. A
# histogram of Node that is empty has 2^63 - 1 ns as its minimum.
#
# For our users: with two Prometheus servers, or a person with curl, ask for the maximum over both, and alert on what
# lasts longer than a scrape interval. Averages and minima over time hold the 292 years.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent prom-client@15.1.3

cat >run.js <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import client from 'prom-client';

client.collectDefaultMetrics({ eventLoopMonitoringPrecision: 10 });
const server = createServer(async (_, response) => response.end(await client.register.metrics())).listen(0, '127.0.0.1');
await once(server, 'listening');
const scrape = async () => {
  const text = await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
  const of = (name) => Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)$`, 'm').exec(text)?.[1]);
  return { max: of('max'), p99: of('p99'), min: of('min') };
};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

await scrape();
await wait(500);
const from = performance.now();
while (performance.now() - from < 800);
await wait(100);
const first = await scrape();
const second = await scrape();
await wait(500);
const third = await scrape();
server.closeAllConnections();
server.close();
console.log(process.version, { first, second, third });
const asDescribed = first.max > 0.7 && second.max < 0.1 && second.min > 9e9 && third.max < 0.2;
console.log(asDescribed ? 'as described' : 'NO LONGER as described');
process.exit(asDescribed ? 0 : 1);
JS
timeout 60 node run.js
