/**
 * A soak: minutes of churn against one server at half of a processor. Prints its heap after a collection each minute,
 * and ends with 1 if that is not flat from the fifth minute on.
 *
 *   npm run soak [-- --minutes 30]
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { metric } from '../support/api.js';
import { createCrowd } from '../support/crowd.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { startTestRedis } from '../support/redis.js';
import { GENEROUS_SETTINGS } from '../support/server-program.js';
import { startChurn } from './churn.js';
import { Random } from './random.js';
import { startFaultyServer } from './server.js';

const USERS = 200;
const CPU_SHARE = 0.5;
const FLAT_FROM_MINUTE = 5;
const FLAT_WITHIN = 0.05;
const MINUTE_MS = 60_000;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Number(values.minutes);
const [postgres, redis] = await Promise.all([startOwnPostgres(), startTestRedis()]);
const crowd = await createCrowd(postgres.url, USERS);
const settings = { ...GENEROUS_SETTINGS, DATABASE_URL: postgres.url, REDIS_URL: redis.url };
const server = await startFaultyServer(settings);
const churn = startChurn(server.url, crowd, CPU_SHARE, new Random(1));

console.log(`${minutes} minutes, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
const heaps: number[] = [];
let cpuBefore = await metric(server.url, 'process_cpu_seconds_total');
for (let minute = 1; minute <= minutes && !server.hasEnded(); minute++) {
  await sleep(MINUTE_MS);
  const cpu = await metric(server.url, 'process_cpu_seconds_total');
  const heap = (await churn.rest(() => server.heapBytes())) / 1024 / 1024;
  heaps.push(heap);
  const share = ((cpu - cpuBefore) / MINUTE_MS) * 1e5;
  cpuBefore = cpu;
  const counts = Object.entries(churn.counts).map(([name, count]) => `${name} ${count}`);
  console.log(
    `minute ${minute}: heap ${heap.toFixed(1)} MB, CPU ${share.toFixed(0)} %, so far ${counts.join(', ')}`,
  );
}
await churn.stop();
const left = await untilNothingIsLeft();
for (const [failure, count] of churn.failures) console.log(`${count} times ${failure.slice(0, 300)}`);
console.log(`${left} subscriptions are left. The log from warnings on: ${server.output() || 'empty'}`);

const settled = heaps.slice(FLAT_FROM_MINUTE - 1);
const [first = NaN] = settled;
const farthest = Math.max(...settled.map((heap) => Math.abs(heap / first - 1)));
const isFlat = !server.hasEnded() && left === 0 && farthest <= FLAT_WITHIN;
console.log(
  `From minute ${FLAT_FROM_MINUTE} on at most ${(farthest * 100).toFixed(1)} % from ${first.toFixed(1)} MB: ` +
    (isFlat ? 'flat' : 'NOT FLAT'),
);
await server.close();
await redis.close();
await postgres.close();
process.exit(isFlat ? 0 : 1);

/** How many live lists there are when all clients have gone, and the server has had its time to notice. */
async function untilNothingIsLeft(): Promise<number> {
  for (let seconds = 0; ; seconds++) {
    const left = await metric(server.url, 'nearby_subscriptions');
    if (left === 0 || seconds === 10) return left;
    await sleep(1_000);
  }
}
