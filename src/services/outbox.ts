/**
 * Delivers notices at least once. The store writes them into the outbox in the transaction that causes them;
 * right after it they are published and taken out. Notices that a crash or a failure of Redis leaves behind
 * are published a little later by the relay of any server. A failure to publish never fails the change that
 * was made.
 */
import type { AddressedNotice } from '../domain/notice.js';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';

export function createOutbox({ store, publishNotices, log }: OutboxDeps) {
  return {
    /** Publishes what a transaction wrote, then takes it out of the outbox. Never rejects. */
    async deliver(posted: readonly PostedNotice[]): Promise<void> {
      if (posted.length === 0) return;
      try {
        await publishNotices(posted.map(({ userId, notice }) => ({ userId, notice })));
        await store.remove(posted.map(({ id }) => id));
      } catch (error) {
        log.warn({ err: error, notices: posted.length }, 'notices are left to the outbox relay');
      }
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;

/**
 * Publishes, every `intervalMs`, the notices that have been in the outbox for `minAgeMs`, `batchSize` at a
 * time. Any number of servers may run it. close() resolves when the run under way has ended.
 */
export function startOutboxRelay(
  { store, publishNotices, log, clock }: OutboxDeps & { readonly clock: Clock },
  { intervalMs = 1_000, minAgeMs = 2_000, batchSize = 1_000 } = {},
): { close(): Promise<void> } {
  let closed = false;

  async function relayAll(): Promise<void> {
    try {
      while (!closed && (await store.relay(minAgeMs, batchSize, publishNotices)) === batchSize);
    } catch (error) {
      log.warn({ err: error }, 'the outbox relay failed and will try again');
    }
  }

  const stop = every(clock, intervalMs, relayAll);
  return {
    close() {
      closed = true;
      return stop();
    },
  };
}

export interface OutboxDeps {
  readonly store: OutboxStore;
  readonly publishNotices: PublishNotices;
  readonly log: { warn(details: object, message: string): void };
}

/**
 * Publishes notices to the connections of the users they are addressed to, on every server; rejects when it
 * can't.
 */
export type PublishNotices = (notices: readonly AddressedNotice[]) => Promise<void>;

/** A notice in the outbox. */
export interface PostedNotice extends AddressedNotice {
  readonly id: string;
}

/** The result of a change, and its notices, which are committed and have to be delivered. */
export interface Posted<T> {
  readonly result: T;
  readonly posted: readonly PostedNotice[];
}

export interface OutboxStore {
  remove(ids: readonly string[]): Promise<void>;
  /**
   * Publishes the oldest notices that are at least `minAgeMs` old, at most `limit`, and takes them out; those
   * that another server is publishing are left to it. When `publish` rejects they all stay. Resolves to how
   * many.
   */
  relay(minAgeMs: number, limit: number, publish: PublishNotices): Promise<number>;
}
