/** The load generator: takes commands from the benchmark one after the other and answers each. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { check } from './check.js';
import type { Command, LoadUser, Reply } from './commands.js';
import { createCrowd, type Crowd } from './crowd.js';
import { connectElsewhere, type Elsewhere } from './elsewhere.js';

let crowd: Crowd | null = null;
let elsewhere: Elsewhere | null = null;

async function obey(command: Command): Promise<unknown> {
  switch (command.kind) {
    case 'check':
      return { problems: await check(command.target, readUsers(command.usersFile, 4), command.settleMs) };
    case 'connect': {
      const beganMs = performance.now();
      const users = readUsers(command.usersFile, command.count);
      const { target, roamMeters } = command;
      elsewhere =
        target.redisClusterNodes === null ? null : await connectElsewhere(urlsOf(target.redisClusterNodes));
      crowd = createCrowd({ target, users, roamMeters, elsewhere });
      await crowd.open();
      if (command.place) await crowd.place();
      return { seconds: (performance.now() - beganMs) / 1_000 };
    }
    case 'run':
      return current().run(command.options);
    case 'drop':
      return current().drop();
    case 'reconnect':
      return current().reconnect();
    case 'disconnect':
      await crowd?.drop();
      crowd = null;
      elsewhere?.close();
      elsewhere = null;
      return null;
  }
}

function current(): Crowd {
  if (crowd === null) throw new Error('Nobody is connected');
  return crowd;
}

const urlsOf = (nodes: string): URL[] => nodes.split(',').map((node) => new URL(node));

function readUsers(file: string, count: number): LoadUser[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as LoadUser[]).slice(0, count);
}

process.on('message', (command: Command) => {
  const send = (reply: Reply): void => void process.send?.(reply);
  obey(command).then(
    (answer) => send({ answer: answer ?? null }),
    (error: unknown) =>
      send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
