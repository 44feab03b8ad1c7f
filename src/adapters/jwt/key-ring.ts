/**
 * The keys of the deployment as the database has them: read again every few seconds, so that a revoked key is gone
 * soon, and when a token comes with a key that is not known, so that a new one holds at once. However many such tokens
 * come, there is one read a second, and no more than so many wait for it. Keys that could not be read for ten minutes
 * verify nothing.
 */
import { LRUCache } from 'lru-cache';
import { DomainError } from '../../domain/errors.js';
import type { Clock } from '../../time/clock.js';
import { every } from '../../time/every.js';
import { sleep } from '../../time/within.js';
import { type PrivateJwk, type SigningKey, signingKeyFromJwk } from './signing-key.js';

export async function startKeyRing({
  first,
  readKeys,
  clock,
  onFailed,
  onFull,
}: KeyRingDeps): Promise<DatabaseKeyRing> {
  let keys = await Promise.all(first.map(({ privateJwk }) => signingKeyFromJwk(privateJwk)));
  /** The read from which they are, and when it began. */
  let read = 0;
  let readAtMs = clock.monotonic();
  let reads = 0;
  let onRevoked = (): void => undefined;

  const keyOf = (id: string): SigningKey | undefined => keys.find((key) => key.id === id);

  /** Ids that the database does not have. Nobody can guess the id of a key that is still to be made. */
  const unknown = new LRUCache<string, true>({
    max: MAX_UNKNOWN,
    ttl: UNKNOWN_MS,
    ttlResolution: 0,
    perf: { now: clock.monotonic },
  });

  async function readAgain(): Promise<void> {
    const number = ++reads;
    const startedAtMs = clock.monotonic();
    const stored = await readKeys();
    const found = await Promise.all(
      stored.map(async ({ id, privateJwk }) => keyOf(id) ?? (await signingKeyFromJwk(privateJwk))),
    );
    // Of two reads that overlap, the one that began later knows better.
    if (number < read) return;
    const gone = keys.filter(({ id }) => !found.some((key) => key.id === id));
    [keys, read, readAtMs] = [found, number, startedAtMs];
    for (const { id } of gone) unknown.set(id, true);
    if (gone.length > 0) onRevoked();
  }

  let next: Promise<void> | null = null;
  let lookedUpAtMs = -Infinity;
  let waiting = 0;

  /** Resolves after a read that begins from now on. All who come before it begins share it. */
  function lookUp(): Promise<void> {
    next ??= sleep(clock, lookedUpAtMs + LOOKUP_INTERVAL_MS - clock.monotonic()).then(() => {
      next = null;
      lookedUpAtMs = clock.monotonic();
      return readAgain();
    });
    return next;
  }

  const stop = every(clock, READ_INTERVAL_MS, () => readAgain().catch(onFailed));

  return {
    get keys() {
      return keys;
    },

    async find(id) {
      const isCurrent = clock.monotonic() - readAtMs < MAX_OUTAGE_MS;
      const known = keyOf(id);
      if (known !== undefined && isCurrent) return known;
      if (!KEY_ID.test(id) || unknown.has(id)) return null;
      if (waiting >= MAX_WAITING) {
        onFull();
        throw new DomainError('rate-limited', 'Too many tokens wait to be checked. Try again soon.', {
          retryAfterSeconds: 1,
        });
      }
      waiting += 1;
      try {
        await lookUp();
      } finally {
        waiting -= 1;
      }
      const found = keyOf(id) ?? null;
      if (found === null) unknown.set(id, true);
      return found;
    },

    onRevoked(callback) {
      onRevoked = callback;
    },

    close: () => stop(),
  };
}

/** Keys that stay as they are, such as the one that the configuration gives. */
export function ringOf(...keys: readonly SigningKey[]): KeyRing {
  return { keys, find: (id) => Promise.resolve(keys.find((key) => key.id === id) ?? null) };
}

export interface KeyRing {
  /** At least one, the newest first, which signs. */
  readonly keys: readonly SigningKey[];
  /**
   * Resolves to the key of that id, null when there is none.
   * @throws DomainError 'unavailable' when that can't be known now; 'rate-limited' while too many wait for it.
   */
  find(id: string): Promise<SigningKey | null>;
}

export interface DatabaseKeyRing extends KeyRing {
  /** Calls back whenever keys are gone. */
  onRevoked(callback: () => void): void;
  close(): Promise<void>;
}

interface KeyRingDeps {
  /** The keys as they were read at the start, at least one, the newest first. */
  readonly first: readonly StoredPrivateKey[];
  /** Reads them again. */
  readonly readKeys: () => Promise<readonly StoredPrivateKey[]>;
  readonly clock: Clock;
  readonly onFailed: (error: unknown) => void;
  /** Called for each token that is told to come again, as too many wait. */
  readonly onFull: () => void;
}

interface StoredPrivateKey {
  readonly id: string;
  readonly privateJwk: PrivateJwk;
}

const READ_INTERVAL_MS = 5_000;
const LOOKUP_INTERVAL_MS = 1_000;
const MAX_WAITING = 1_000;
/** As long as sessions count as live without an answer of the database. */
const MAX_OUTAGE_MS = 600_000;
const MAX_UNKNOWN = 1_000;
const UNKNOWN_MS = 60_000;
/** A SHA-256 thumbprint (RFC 7638). */
const KEY_ID = /^[\w-]{43}$/;
