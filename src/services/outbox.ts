/**
 * Delivers notifications at least once. The store writes them into the outbox in the transaction that causes
 * them; right after it they are published and taken out. Those that a crash or a failure of Redis leaves behind
 * are read from the outbox by every server, and published a little later by the relay of any. A failure to publish
 * never fails the change that was made.
 */
import { OUTBOX_MIN_AGE_MS, OUTBOX_READ_MS, READ_BY_ALL_MS } from '../domain/delivery-times.js';
import type { AddressedNotification } from '../domain/notification.js';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import { within } from '../time/within.js';

export function createOutbox({ store, publishNotifications, log, clock }: OutboxDeps) {
  async function publish(posted: readonly PostedNotification[]): Promise<void> {
    await publishNotifications(posted.map(({ userId, notification }) => ({ userId, notification })));
    await store.remove(posted.map(({ id }) => id));
  }

  return {
    /**
     * Publishes what a transaction wrote, then takes it out of the outbox. Resolves when that is done, or else when
     * every server has read it there. Never rejects.
     */
    async deliver(posted: readonly PostedNotification[]): Promise<void> {
      if (posted.length === 0) return;
      const published = new Promise<void>((resolve) => {
        publish(posted).then(resolve, (error: unknown) => {
          log.warn(
            { err: error, notifications: posted.length },
            'notifications are left to the outbox relay',
          );
        });
      });
      await within(clock, READ_BY_ALL_MS, published, undefined);
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;

/**
 * Hands notifications that nobody could publish to the connections on this server: each once, though they stay in
 * the outbox until a relay has published them. close() resolves when the read under way has ended.
 */
export async function startOutboxReader(
  { store, receive, log, clock }: OutboxReaderDeps,
  { intervalMs = OUTBOX_READ_MS, minAgeMs = OUTBOX_MIN_AGE_MS } = {},
): Promise<{ close(): Promise<void> }> {
  /** What was read lately, with the time of that on the monotonic clock: ids are committed in any order. */
  const known = new Map<string, number>();
  let knownUpTo = await store.newestId();
  let isFailing = false;

  function forgetOld(): void {
    const untilMs = clock.monotonic() - TRANSACTION_MS;
    for (const [id, atMs] of known) {
      if (atMs > untilMs) return;
      known.delete(id);
      if (BigInt(id) > BigInt(knownUpTo)) knownUpTo = id;
    }
  }

  async function read(): Promise<void> {
    try {
      forgetOld();
      const posted = await within(clock, READ_TIMEOUT_MS, store.read(knownUpTo, minAgeMs), null);
      if (posted === null) throw new Error('the outbox could not be read in time');
      for (const notification of posted) {
        if (known.has(notification.id)) continue;
        known.set(notification.id, clock.monotonic());
        receive(notification);
      }
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'the outbox reader failed and will try again');
      isFailing = true;
    }
  }

  const stop = every(clock, intervalMs, read);
  return { close: stop };
}

/**
 * Publishes, every `intervalMs`, the notifications that have been in the outbox for `minAgeMs`, `batchSize`
 * at a time. Any number of servers may run it. close() resolves when the run under way has ended.
 */
export function startOutboxRelay(
  { store, publishNotifications, log, clock }: OutboxDeps,
  { intervalMs = 1_000, minAgeMs = 2_000, batchSize = 1_000 } = {},
): { close(): Promise<void> } {
  let closed = false;

  async function relayAll(): Promise<void> {
    try {
      while (!closed && (await store.relay(minAgeMs, batchSize, publishNotifications)) === batchSize);
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
  readonly publishNotifications: PublishNotifications;
  readonly log: { warn(details: object, message: string): void };
  readonly clock: Clock;
}

export interface OutboxReaderDeps extends Omit<OutboxDeps, 'publishNotifications'> {
  /** Tells the connections on this server. */
  receive(notification: AddressedNotification): void;
}

/**
 * Publishes notifications to the connections of the users they are addressed to, on every server; rejects
 * when it can't.
 */
export type PublishNotifications = (notifications: readonly AddressedNotification[]) => Promise<void>;

/** A notification in the outbox. */
export interface PostedNotification extends AddressedNotification {
  readonly id: string;
}

/** The result of a change, and its notifications, which are committed and have to be delivered. */
export interface Posted<T> {
  readonly result: T;
  readonly posted: readonly PostedNotification[];
}

export interface OutboxStore {
  /** The greatest id in the outbox, '0' when it is empty. */
  newestId(): Promise<string>;
  /** The notifications with greater ids that are at least `minAgeMs` old, by id. */
  read(afterId: string, minAgeMs: number): Promise<PostedNotification[]>;
  remove(ids: readonly string[]): Promise<void>;
  /**
   * Publishes the oldest notifications that are at least `minAgeMs` old, at most `limit`, and takes them out;
   * those that another server is publishing are left to it. When `publish` rejects they all stay. Resolves to
   * how many.
   */
  relay(minAgeMs: number, limit: number, publish: PublishNotifications): Promise<number>;
}

/** Longer than a transaction takes from its notifications to its commit. */
const TRANSACTION_MS = 5_000;
/** A read that hangs keeps its connection. */
const READ_TIMEOUT_MS = 5_000;
