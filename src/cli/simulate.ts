/** `npm run simulate -- [options]` simulates many users over the real API of a running server; see --help. */
import { randomUUID } from 'node:crypto';
import { CommandError } from './command-error.js';
import { FAILED, runCommand, SUCCEEDED } from './run-command.js';
import {
  befriendUsers,
  deleteUsers,
  type NewUser,
  readTokens,
  ringOf,
  signUpUsers,
} from './simulate/accounts.js';
import { createApiClient } from './simulate/api-client.js';
import { reportOf } from './simulate/report.js';
import { runSimulation, type SimulationResult } from './simulate/run-simulation.js';
import type { Session } from './simulate/session.js';
import { DEFAULT_URL, parseSimulateOptions, type SimulateOptions } from './simulate/simulate-options.js';
import { createTracePlayer, readTraces } from './simulate/trace-player.js';
import { createWalker, type Movement } from './simulate/walker.js';

async function main(signal: AbortSignal): Promise<number> {
  const options = parseSimulateOptions(process.argv);
  const movements = await movementsOf(options);
  const api = createApiClient(options.url);
  if (!(await api.answers())) {
    throw new CommandError(
      options.url === DEFAULT_URL
        ? `No server answers at ${DEFAULT_URL}. Start it with npm start in another terminal, or pass --url.`
        : `No Nearby Friends server answers at ${options.url}.`,
    );
  }
  const tokens = options.tokens === undefined ? null : await readTokens(options.tokens, options.users);
  const count = tokens?.length ?? options.users;
  if (count === 0) throw new CommandError(`${options.tokens} has no users.`);
  console.error(
    `Simulating ${count} users for ${options.seconds} s against ${options.url}; Ctrl-C ends it early.`,
  );
  const made: Session[] = [];
  try {
    if (tokens === null) {
      await signUpUsers(api, newUsers(count), signal, made);
      await befriendUsers(api, ringOf(made, options.friends), signal);
      if (signal.aborted) throw new CommandError('Stopped before the simulation began.');
    }
    const users = tokens ?? made;
    const result = await runSimulation({
      socketUrl: api.socketUrl,
      users,
      movements: users.map((_, index) => movements(index)),
      seconds: options.seconds,
      intervalSeconds: options.interval,
      radiusMeters: options.radius ?? null,
      random: Math.random,
      signal,
    });
    console.log(reportOf(result, users.length));
    return statusOf(result);
  } finally {
    if (options.keep !== true) await deleteUsers(api, made);
  }
}

/** Invents people whose handles nobody has yet. */
function newUsers(count: number): NewUser[] {
  const run = Date.now().toString(36);
  return Array.from({ length: count }, (_, index) => ({
    handle: `sim_${run}_${index + 1}`,
    displayName: `Walker ${index + 1}`,
    password: randomUUID(),
  }));
}

/** Resolves to the movement of each user, by index. */
async function movementsOf(options: SimulateOptions): Promise<(index: number) => Movement> {
  if (options.traces === undefined) {
    return () => createWalker(options.city, options.spread, Math.random);
  }
  const traces = await readTraces(options.traces);
  return (index) => {
    const trace = traces[index % traces.length];
    if (trace === undefined) throw new CommandError(`${options.traces} has no traces.`);
    return createTracePlayer(trace, options.speed);
  };
}

function statusOf({ statistics: { counts, errors } }: SimulationResult): number {
  return counts.sent > 0 && counts.answered === counts.sent && errors.size === 0 ? SUCCEEDED : FAILED;
}

await runCommand(main);
