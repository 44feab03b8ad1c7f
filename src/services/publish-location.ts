/**
 * One location update from a device: validated, told to friends, recorded. The live path and the history go side by
 * side: friends are told whether or not the history is up, and recorded whether or not the live path is.
 */
import { LRUCache } from 'lru-cache';
import { DomainError } from '../domain/errors.js';
import type { LocationUpdate } from '../domain/location-update.js';
import { parsePosition, type Position, type PositionInput } from '../domain/position.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from './clock.js';
import type { HistoryBuffer, HistoryResult } from './history-buffer.js';
import type { Ticks } from './ticks.js';

export interface LiveLocations {
  /** Keeps the update when it is newer than the newest known, and if so publishes it on the user's own topic. */
  publish(userId: string, update: LocationUpdate): Promise<void>;
  /** Forgets the user's newest location. */
  remove(userId: string): Promise<void>;
}

/** Follows one update through its parts. */
export interface UpdateSpan {
  /** Travels with the update to the servers that tell it; undefined for an update that nobody follows. */
  readonly traceparent: string | undefined;
  /** Follows a part that has just begun until it settles. */
  part<T>(name: string, work: Promise<T>): Promise<T>;
}

/** Follows the work on one update. */
export type TraceUpdate = <T>(work: (span: UpdateSpan) => Promise<T>) => Promise<T>;

interface PublishLocationDeps {
  readonly live: LiveLocations;
  /** Whose watchers are on this server. */
  readonly feed: { hear(userId: string, update: LocationUpdate): void };
  readonly history: Pick<HistoryBuffer, 'record'>;
  readonly clock: Clock;
  /** In which updates are told; null for each at once. */
  readonly ticks: Ticks | null;
  readonly retentionMs: number;
  /** How long an answer waits for the history commit, milliseconds. */
  readonly commitWaitMs: number;
  newId(): string;
  fingerprint(position: Position): string;
  /** Null where nothing is traced. */
  readonly trace: TraceUpdate | null;
  /** Told when friends could not be told; the update is recorded all the same. */
  onLiveFailed(error: unknown): void;
}

export interface PublishedLocation {
  readonly location: LocationUpdate;
  /** Whether the history row is committed; otherwise it is held in memory. */
  readonly recorded: boolean;
}

/**
 * @throws DomainError 'invalid' for what parsePosition refuses, 'conflict' for an id that stands for other contents,
 *   'unauthenticated' when the account is gone, 'unavailable' when the history can't even be held in memory.
 */
export type PublishLocation = (viewer: Viewer, input: PositionInput) => Promise<PublishedLocation>;

/** Ids that clients gave lately: a retry must not move a marker back that has moved on since. */
const REMEMBERED_IDS = 50_000;

export function createPublishLocation(deps: PublishLocationDeps): PublishLocation {
  const { live, feed, history, clock, trace } = deps;
  const lately = new LRUCache<string, true>({ max: REMEMBERED_IDS });

  async function publish(userId: string, update: LocationUpdate, span: UpdateSpan | null): Promise<void> {
    if (deps.ticks !== null) await deps.ticks.next();
    const traceparent = span?.traceparent;
    const followed = traceparent === undefined ? update : { ...update, traceparent };
    const told = live.publish(userId, followed);
    // Once the update has left for the other servers: Redis works on it meanwhile (docs/decisions/012).
    process.nextTick(feed.hear, userId, followed);
    await part(span, 'publish', told).catch(deps.onLiveFailed);
  }

  async function record(
    { userId }: Viewer,
    input: PositionInput,
    span: UpdateSpan | null,
  ): Promise<PublishedLocation> {
    const nowMs = clock.now();
    const position = parsePosition(input, nowMs, nowMs - deps.retentionMs);
    const { latitude, longitude, accuracyMeters, recordedAtMs, clientId } = position;
    const update: LocationUpdate = {
      id: clientId ?? deps.newId(),
      latitude,
      longitude,
      accuracyMeters,
      recordedAtMs,
      receivedAtMs: nowMs,
    };
    const recording = history.record({
      userId,
      id: update.id,
      fingerprint: clientId === null ? null : deps.fingerprint(position),
      latitude,
      longitude,
      accuracyMeters,
      recordedAtMs,
      receivedAtMs: nowMs,
    });
    const isRetry = clientId !== null && lately.has(userId + clientId);
    if (clientId !== null) lately.set(userId + clientId, true);
    const publishing = isRetry ? null : publish(userId, update, span);
    const committed = part(span, 'history commit', recording);
    const [result] = await Promise.all([atMost(committed, deps.commitWaitMs, clock), publishing]);
    switch (result?.kind) {
      case 'conflict':
        throw new DomainError('conflict', 'This id was used for another location update.');
      case 'unknown-user':
        await live.remove(userId).catch(deps.onLiveFailed);
        throw new DomainError('unauthenticated', 'Sign in first.');
      case 'duplicate':
        return { location: { ...update, recordedAtMs: result.recordedAtMs }, recorded: true };
      default:
        return { location: update, recorded: result !== null };
    }
  }

  return (viewer, input) =>
    trace === null ? record(viewer, input, null) : trace((span) => record(viewer, input, span));
}

function part<T>(span: UpdateSpan | null, name: string, work: Promise<T>): Promise<T> {
  return span === null ? work : span.part(name, work);
}

/** The result, or null when it takes longer than `waitMs`. */
function atMost(result: Promise<HistoryResult>, waitMs: number, clock: Clock): Promise<HistoryResult | null> {
  return new Promise((resolve) => {
    const cancel = clock.after(waitMs, () => {
      resolve(null);
    });
    void result.then((value) => {
      cancel();
      resolve(value);
    });
  });
}
