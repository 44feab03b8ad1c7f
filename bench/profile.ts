/**
 * `npm run bench -- --profile`: the dense workload, or the sparse one, on our server or another system with V8's
 * sampling profiler running in the measured window only, asked over the inspector. Leaves a .cpuprofile (opens in
 * Chrome's DevTools or speedscope as a flame graph) and lists where the time went.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Profiler } from 'node:inspector';
import WebSocket from 'ws';
import { type Bench, connect, withSystem } from './bench.js';
import { stageTimes } from './report/stages.js';
import { digits, table } from './report/table.js';
import { type SystemName, systemNamed } from './systems.js';
import type { SteadyLoad } from './workloads.js';

const SAMPLING_MICROS = 200;
const WARM_UP_SECONDS = 30;
const LINES = 20;

/** @returns what to print. */
export async function profile(bench: Bench, load: SteadyLoad, systemName: SystemName): Promise<string> {
  const people = await load.people(bench);
  const system = systemNamed(systemName);
  const { seconds } = bench.settings;
  const { updatesPerSecond } = load;
  const inspectPort = 9_000 + (process.pid % 900);
  const taken = await withSystem(
    bench,
    system,
    people,
    async ({ target }) => {
      await connect(bench, target, people);
      const inspector = await inspect(inspectPort);
      const run = bench.load.ask({
        kind: 'run',
        options: { updatesPerSecond, warmupSeconds: WARM_UP_SECONDS, seconds: seconds + 1 },
      });
      await sleep(WARM_UP_SECONDS * 1_000);
      await inspector.call('Profiler.enable');
      await inspector.call('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS });
      await inspector.call('Profiler.start');
      await sleep(seconds * 1_000);
      const { profile } = (await inspector.call('Profiler.stop')) as { profile: Profiler.Profile };
      inspector.close();
      return { profile, run: await run };
    },
    { nodeArgs: [`--inspect=127.0.0.1:${inspectPort}`] },
  );
  const folder = resolve('.data/bench');
  await mkdir(folder, { recursive: true });
  const file = resolve(folder, `${system.name}.cpuprofile`);
  await writeFile(file, JSON.stringify(taken.profile));
  const scale = seconds / taken.run.seconds;
  const ways = waysOf(taken.profile, taken.run.updates * scale, taken.run.changes * scale);
  return `${ways}\n\n${selfTimes(taken.profile)}\n\nOpen ${file} in Chrome's DevTools or https://speedscope.app for a flame graph.`;
}

/** Stage by stage, per update and per delivered change. */
function waysOf(profile: Profiler.Profile, updates: number, changes: number): string {
  const times = stageTimes(profile);
  const total = times.reduce((sum, [, micros]) => sum + micros, 0);
  const rows = [...times, ['together', total] as const].map(([stage, micros]) => [
    stage,
    digits(micros / updates),
    digits(micros / changes),
    digits((micros / total) * 100),
  ]);
  return table(['stage', 'µs/update', 'µs/change', '%'], rows);
}

/** The functions in which most samples fell, without what they called. */
function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): string {
  const nameOf = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place =
        url === '' ? '' : `${url.replace(/^.*\/(?=dist\/|node_modules\/)/, '')}:${lineNumber + 1}`;
      return [id, `${functionName || '(anonymous)'} ${place}`.trim()];
    }),
  );
  const micros = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = nameOf.get(id) ?? '';
    micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const idle = micros.get('(idle)') ?? 0;
  micros.delete('(idle)');
  const busy = [...micros.values()].reduce((sum, value) => sum + value, 0);
  const rows = [...micros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name, value]) => [name, digits((value / busy) * 100)]);
  return (
    `Busy ${digits((busy / (busy + idle)) * 100)} % of the time; of that:\n` + table(['self time', '%'], rows)
  );
}

interface Inspector {
  call(method: string, params?: object): Promise<unknown>;
  close(): void;
}

/** The Chrome DevTools protocol over a WebSocket. */
async function inspect(port: number): Promise<Inspector> {
  const [page] = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  if (page === undefined) throw new Error('The inspector does not answer');
  const socket = new WebSocket(page.webSocketDebuggerUrl, { maxPayload: 0 });
  await new Promise<void>((done, fail) => socket.once('open', done).once('error', fail));
  const waiting = new Map<number, (result: unknown) => void>();
  socket.on('message', (data: Buffer) => {
    const { id, result } = JSON.parse(data.toString()) as { id: number; result: unknown };
    waiting.get(id)?.(result);
  });
  let calls = 0;
  return {
    call: (method, params = {}) =>
      new Promise((done) => {
        const id = ++calls;
        waiting.set(id, done);
        socket.send(JSON.stringify({ id, method, params }));
      }),
    close: () => socket.close(),
  };
}
