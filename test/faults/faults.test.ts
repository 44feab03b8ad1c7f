/** `npm run test:faults` has more faults, a larger crowd, and bars for times, which other work on the machine would move. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runFault } from './fault.js';
import { changeWhileHalfOpen, redisOf } from './faults.js';
import { tableOf } from './scenario.js';

test('a killed server, an empty Redis and a silent one lose nothing, and show nobody who may not be seen', async () => {
  const figures = await runFault(
    {
      name: 'three in a row',
      bar: { healMs: 15_000, mayLoseHeld: true },
      async inflict(scene) {
        await scene.deployment.kill9(1);
        await scene.deployment.restart(1);
        await redisOf(scene.deployment).kill9();
        await sleep(1_500);
        await redisOf(scene.deployment).restart();
        await changeWhileHalfOpen(scene);
      },
    },
    { clients: 90, perSecond: 20 },
  );
  expect(
    figures.filter(({ holds }) => holds === false),
    tableOf(figures),
  ).toEqual([]);
}, 90_000);
