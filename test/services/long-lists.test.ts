/** Lists of so many friends that reading, measuring and writing them have turns of the event loop of their own. */
import { expect, test } from 'vitest';
import { settle } from '../support/fake-clock.js';
import { createNearbyClient, createNearbyWorld } from './nearby-world.js';

const INTERVAL_MS = 1_000;
const TURNS = 16;
const everybody = Array.from({ length: 1_500 }, (_, index) => `friend-${index}`);

async function createCrowd() {
  const world = createNearbyWorld(INTERVAL_MS);
  world.befriend(...everybody);
  for (const name of everybody) await world.moveUnheard(name, 100);
  await world.move('me', 0);
  return world;
}

test('a long list begins with one snapshot of all, and misses nobody who moves between its turns', async () => {
  const world = await createCrowd();
  const client = createNearbyClient(world);
  void client.read();
  for (let turn = 0; turn < TURNS; turn++) {
    await world.move(`friend-${turn}`, 200 + turn);
    await settle();
  }
  expect(client.frames.map(({ snapshot, nearby }) => [snapshot, nearby.length])).toEqual([[true, 1_500]]);
  await world.clock.advance(INTERVAL_MS);
  expect(Object.keys(client.list)).toHaveLength(everybody.length);
  for (let turn = 0; turn < TURNS; turn++) expect(client.list[`friend-${turn}`]).toBe(200 + turn);
});

test('a long list follows its user, and ends in the middle of it', async () => {
  const world = await createCrowd();
  const client = createNearbyClient(world);
  await client.read();
  for (let turn = 0; turn < TURNS; turn++) await settle();
  await world.clock.advance(INTERVAL_MS);
  await world.move('me', 50);
  for (let turn = 0; turn < TURNS; turn++) await settle();
  expect(client.frames).toHaveLength(2);
  expect(new Set(Object.values(client.list))).toEqual(new Set([50]));
  await world.clock.advance(INTERVAL_MS);
  await world.move('me', 60);
  await client.leave();
  for (let turn = 0; turn < TURNS; turn++) await settle();
  expect(client.frames).toHaveLength(2);
  expect(world.nearbyFriends.size).toBe(0);
});
