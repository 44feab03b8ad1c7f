/**
 * Takes one location update from a device: validates it, records it and publishes it to friends. Recording
 * and publishing run side by side. While the live path is down updates are recorded all the same; while the
 * database is down they are published and held in memory. When the buffer of the history is full the update
 * is refused and nobody gets it. An update that is answered CONFLICT may already have been shown.
 */
import { LRUCache } from 'lru-cache';
import { DomainError } from '../domain/errors.js';
import type { LocationUpdate } from '../domain/location-update.js';
import { parsePosition, type Position, type PositionInput } from '../domain/position.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';
import type { HistoryBuffer } from './history-buffer.js';
import type { LocationStore } from './location-store.js';
import type { TickScheduler } from './tick-scheduler.js';

export function createPublishLocation(deps: PublishLocationDeps): PublishLocation {
  const { store, dispatcher, history, clock, meter, trace } = deps;
  const recentIds = new LRUCache<string, true>({ max: REMEMBERED_IDS });

  async function publish(userId: string, update: LocationUpdate, span: UpdateSpan | null): Promise<void> {
    if (deps.ticks !== null) await deps.ticks.next();
    const traceparent = span?.traceparent;
    const traced = traceparent === undefined ? update : { ...update, traceparent };
    const published = store.publish(userId, traced);
    // This server's own subscribers get the update once it has left for the other servers, while Redis works
    // on it, instead of when the message comes back: 0.91 of the CPU of an update in sparse
    // (docs/decisions/022).
    clock.soon(() => {
      dispatcher.receiveOwn(userId, traced);
    });
    await child(span, 'publish', published).catch(deps.onPublishFailed);
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
    const isRetry = clientId !== null && recentIds.has(userId + clientId);
    if (clientId !== null) recentIds.set(userId + clientId, true);
    const publishing = isRetry ? null : publish(userId, update, span);
    const committed = child(span, 'history commit', recording);
    const [result] = await Promise.all([within(clock, deps.commitWaitMs, committed, null), publishing]);
    switch (result?.kind) {
      case 'conflict':
        throw new DomainError('conflict', 'This id was used for another location update.');
      case 'unknown-user':
        await store.remove(userId).catch(deps.onPublishFailed);
        throw new DomainError('unauthenticated', 'Sign in first.');
      case 'duplicate':
        return { location: { ...update, recordedAtMs: result.recordedAtMs }, recorded: true };
      default:
        return { location: update, recorded: result !== null };
    }
  }

  return async (viewer, input) => {
    const published = await (trace === null
      ? record(viewer, input, null)
      : trace((span) => record(viewer, input, span)));
    meter.answered(published.recorded);
    return published;
  };
}

/**
 * @throws DomainError 'invalid' for what parsePosition refuses, 'conflict' for an id that stands for other
 *   contents, 'unauthenticated' when the account is gone, 'unavailable' when the history can't even be held
 *   in memory.
 */
export type PublishLocation = (viewer: Viewer, input: PositionInput) => Promise<PublishedLocation>;

export interface PublishedLocation {
  readonly location: LocationUpdate;
  /** Whether the history row is committed; otherwise it is held in memory. */
  readonly recorded: boolean;
}

interface PublishLocationDeps {
  readonly store: Pick<LocationStore, 'publish' | 'remove'>;
  /** Delivers to the subscribers on this server. */
  readonly dispatcher: { receiveOwn(userId: string, update: LocationUpdate): void };
  readonly history: Pick<HistoryBuffer, 'record'>;
  readonly clock: Clock;
  /** The ticks in which updates are published; null to publish each at once. */
  readonly ticks: TickScheduler | null;
  /** Locations recorded longer ago are refused. */
  readonly retentionMs: number;
  /** How long an answer waits for the history commit, milliseconds. */
  readonly commitWaitMs: number;
  newId(): string;
  fingerprint(position: Position): string;
  readonly meter: UpdateMeter;
  /** Null where nothing is traced. */
  readonly trace: TraceUpdate | null;
  /** Called when the update could not be published; it is recorded all the same. */
  onPublishFailed(error: unknown): void;
}

export interface UpdateMeter {
  /** An update was answered; its row is committed, or held in memory. */
  answered(recorded: boolean): void;
}

/** Traces the work on one update. */
export type TraceUpdate = <T>(work: (span: UpdateSpan) => Promise<T>) => Promise<T>;

/** The span of one update. */
export interface UpdateSpan {
  /** Travels with the update to the servers that deliver it; undefined for an update that is not sampled. */
  readonly traceparent: string | undefined;
  /** Makes a child span of work that has just begun; it ends when the work settles. */
  child<T>(name: string, work: Promise<T>): Promise<T>;
}

/** Ids that clients sent recently: a retry must not move a marker back that has moved on since. */
const REMEMBERED_IDS = 50_000;

function child<T>(span: UpdateSpan | null, name: string, work: Promise<T>): Promise<T> {
  return span === null ? work : span.child(name, work);
}
