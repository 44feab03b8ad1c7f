import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DatabaseKeyRing, startKeyRing } from '../../../src/adapters/jwt/key-ring.js';
import { generateSigningKey } from '../../../src/adapters/jwt/signing-key.js';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.js';
import { type Deferred, deferred } from '../../support/deferred.js';

type StoredKey = Awaited<ReturnType<typeof generateSigningKey>>;

let clock: FakeClock;
let stored: StoredKey[];
let reads: number;
/** What reading does instead. */
let failure: Error | null;
let held: Deferred | null;
let ring: DatabaseKeyRing;
const [onFailed, onFull] = [vi.fn(), vi.fn()];

beforeEach(async () => {
  clock = createFakeClock();
  stored = [await generateSigningKey()];
  [reads, failure, held] = [0, null, null];
  onFailed.mockReset();
  onFull.mockReset();
  ring = await startKeyRing({
    first: stored,
    async readKeys() {
      reads += 1;
      const [found, waits] = [stored, held];
      if (failure !== null) throw failure;
      await waits?.promise;
      return found;
    },
    clock,
    onFailed,
    onFull,
  });
});
afterEach(() => ring.close());

const first = (): StoredKey => stored.at(-1) as StoredKey;

async function rotate(): Promise<StoredKey> {
  const key = await generateSigningKey();
  stored = [key, ...stored];
  return key;
}

const invented = async (): Promise<string> => (await generateSigningKey()).id;

/** What `find` resolves to, or how it fails, when the clock moves on by `ms`. */
async function findWithin(ms: number, id: string): Promise<string | null> {
  const found = ring.find(id).then((key) => key?.id ?? null, String);
  await clock.advance(ms);
  return found;
}

const newest = (): string | undefined => ring.keys[0]?.id;

test('a key that is known costs no read', async () => {
  expect(await findWithin(0, first().id)).toBe(first().id);
  expect(reads).toBe(0);
});

test('a new key is found by the first token that it signed, and the old one stays', async () => {
  const key = await rotate();
  expect(await findWithin(0, key.id)).toBe(key.id);
  expect(ring.keys.map(({ id }) => id)).toEqual([key.id, first().id]);
  expect(await findWithin(0, first().id)).toBe(first().id);
  expect(reads).toBe(1);
});

test('without any token a new key signs after five seconds', async () => {
  const key = await rotate();
  await clock.advance(4_999);
  expect(newest()).toBe(first().id);
  await clock.advance(1);
  await expect.poll(newest).toBe(key.id);
});

test('however many tokens of invented keys come, there is one read a second for them', async () => {
  const ids = await Promise.all(Array.from({ length: 50 }, invented));
  for (let round = 0; round < 10; round += 1) {
    for (const id of ids.slice(round * 5, round * 5 + 5)) void ring.find(id);
    await clock.advance(99);
  }
  expect(reads).toBe(1);
  await clock.advance(3_000);
  expect(reads).toBe(2);
});

test('a good token among them waits for its read, a second at most, and is never refused', async () => {
  expect(await findWithin(0, await invented())).toBeNull();
  const key = await rotate();
  const found = ring.find(key.id);
  await clock.advance(999);
  expect(reads).toBe(1);
  await clock.advance(1);
  expect((await found)?.id).toBe(key.id);
});

test('a read that had begun before the token came is not its answer', async () => {
  const slow = deferred();
  held = slow;
  void ring.find(await invented());
  await clock.advance(0);
  const key = await rotate();
  const found = ring.find(key.id);
  await clock.advance(1_000);
  slow.resolve();
  expect((await found)?.id).toBe(key.id);
});

test('what a slow read brings does not undo a later one', async () => {
  const slow = deferred();
  held = slow;
  await clock.advance(5_000);
  held = null;
  const key = await rotate();
  expect(await findWithin(0, key.id)).toBe(key.id);
  slow.resolve();
  // The slow read has ended once the next one begins.
  await clock.advance(5_000);
  expect([newest(), reads]).toEqual([key.id, 3]);
});

test('an id that was not found, and a key that was revoked, cost no other read for a minute', async () => {
  const [id, old] = [await invented(), first().id];
  expect(await findWithin(0, id)).toBeNull();
  stored = [await generateSigningKey()];
  await clock.advance(5_000);
  await expect.poll(newest).toBe(first().id);
  const before = reads;
  expect(await Promise.all([ring.find(id), ring.find(old)])).toEqual([null, null]);
  expect(reads).toBe(before);
  await clock.advance(60_000);
  expect(await findWithin(0, id)).toBeNull();
});

test('what can be no key of ours costs no read', async () => {
  for (const id of ['', 'x', "' OR 1=1", 'a'.repeat(1_000_000)]) expect(await ring.find(id)).toBeNull();
  expect(reads).toBe(0);
});

test('tells when keys are gone, not when one is added', async () => {
  const onRevoked = vi.fn();
  ring.onRevoked(onRevoked);
  const key = await rotate();
  await clock.advance(5_000);
  await expect.poll(newest).toBe(key.id);
  expect(onRevoked).not.toHaveBeenCalled();
  stored = [key];
  await clock.advance(5_000);
  expect(onRevoked).toHaveBeenCalledOnce();
});

test('a thousand tokens wait at most; what comes then is told to come again', async () => {
  expect(await findWithin(0, await invented())).toBeNull();
  const ids = await Promise.all(Array.from({ length: 1_000 }, invented));
  const waiting = Promise.all(ids.map((id) => ring.find(id)));
  await expect(ring.find(await invented())).rejects.toMatchObject({ kind: 'rate-limited' });
  expect(onFull).toHaveBeenCalledOnce();
  expect((await ring.find(first().id))?.id).toBe(first().id);
  await clock.advance(1_000);
  expect((await waiting).every((key) => key === null)).toBe(true);
  expect(await findWithin(1_000, await invented())).toBeNull();
});

test('while keys can’t be read: known ones hold for ten minutes, others are refused as unavailable', async () => {
  failure = new Error('no database');
  expect(await findWithin(0, await invented())).toBe('Error: no database');
  await clock.advance(599_000);
  expect(onFailed).toHaveBeenCalledTimes(119);
  expect(await findWithin(0, first().id)).toBe(first().id);
  await clock.advance(1_000);
  expect(await findWithin(1_000, first().id)).toBe('Error: no database');
  failure = null;
  expect(await findWithin(1_000, first().id)).toBe(first().id);
});
