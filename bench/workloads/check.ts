/** Each system delivers the right changes before it is timed. */
import { type Bench, withSystem } from '../bench.js';
import type { System } from '../systems.js';
import { putPeopleIntoDatabase } from './people-in-database.js';
import type { Population } from './population.js';

/** Three friends and a stranger; where they are says the scenario, see bench/load/check.ts. */
const FOUR_USERS: Population = {
  name: 'check',
  homes: Array.from({ length: 4 }, () => ({ latitude: 0, longitude: 0, nearFriends: null })),
  connected: 4,
  friendsElsewhere: 0,
  friendships: [
    [0, 1],
    [0, 2],
    [1, 2],
  ],
  roamMeters: 0,
};

/** @throws Error with what a system told wrongly. */
export async function checkSystems(bench: Bench, systems: readonly System[]): Promise<void> {
  const people = await putPeopleIntoDatabase(bench.backing.postgresUrl, FOUR_USERS);
  bench.progress.expect(systems.length);
  for (const system of systems) {
    bench.progress.step(`check: ${system.label}`);
    const { problems } = await withSystem(bench, system, people, ({ target }) =>
      bench.load.ask({ kind: 'check', target, usersFile: people.usersFile, settleMs: settleMsOf(system) }),
    );
    if (problems.length > 0) throw new Error(`${system.label} delivers wrongly:\n${problems.join('\n')}`);
  }
}

/** A change may wait for the frame interval. */
function settleMsOf({ env }: System): number {
  return Number(env['FRAME_INTERVAL_MS'] ?? 0) + 350;
}
