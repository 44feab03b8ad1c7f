/** Checks that each system delivers the right changes, before it is timed. */
import { type Bench, withSystem } from '../bench.js';
import { putPeopleIntoDatabase } from './people-in-database.js';
import type { Population } from './population.js';

/** Three friends and a stranger; the scenario says where they are, see bench/load/check.ts. */
const FOUR_USERS: Population = {
  name: 'check',
  homes: Array.from({ length: 4 }, () => ({ latitude: 0, longitude: 0, nearFriends: 0 })),
  connected: 4,
  friendsElsewhere: 0,
  nearElsewhere: 0,
  friendships: [
    [0, 1],
    [0, 2],
    [1, 2],
  ],
  roamMeters: 0,
};

/** How long a system may take to deliver, beside its frame interval. */
const SETTLE_MS = 350;

/** @throws Error naming what a system delivered wrongly. */
export async function checkSystems(bench: Bench): Promise<void> {
  const people = await putPeopleIntoDatabase(bench, FOUR_USERS);
  // Who checks where friends are needs to be told exactly.
  const systems = bench.settings.systems.filter(({ precision }) => precision === 'EXACT');
  bench.progress.expect(systems.length);
  for (const system of systems) {
    bench.progress.step(`check: ${system.label}`);
    const settleMs = Number(system.env['FRAME_INTERVAL_MS'] ?? 0) + SETTLE_MS;
    const problems = await withSystem(bench, system, people, ({ load, target }) =>
      load.call('check', target, people.usersFile, settleMs),
    );
    if (problems.length > 0) throw new Error(`${system.label} delivers wrongly:\n${problems.join('\n')}`);
  }
}
