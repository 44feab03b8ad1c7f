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

interface PublishLocationDeps {
  readonly live: LiveLocations;
  readonly history: HistoryBuffer;
  readonly clock: Clock;
  /** In which updates are told; null for each at once. */
  readonly ticks: Ticks | null;
  readonly retentionMs: number;
  /** How long an answer waits for the history commit, milliseconds. */
  readonly commitWaitMs: number;
  newId(): string;
  fingerprint(position: Position): string;
  /** Told when friends could not be told; the update is recorded all the same. */
  onLiveFailed(error: unknown): void;
}

export interface PublishedLocation {
  readonly location: LocationUpdate;
  /** Whether the history row is committed; otherwise it is held in memory. */
  readonly recorded: boolean;
}

export type PublishLocation = ReturnType<typeof createPublishLocation>;

/** Ids that clients gave lately: a retry must not move a marker back that has moved on since. */
const REMEMBERED_IDS = 50_000;

export function createPublishLocation(deps: PublishLocationDeps) {
  const { live, history, clock } = deps;
  const lately = new LRUCache<string, true>({ max: REMEMBERED_IDS });

  async function publish(userId: string, update: LocationUpdate): Promise<void> {
    if (deps.ticks !== null) await deps.ticks.next();
    await live.publish(userId, update).catch(deps.onLiveFailed);
  }

  /**
   * @throws DomainError 'invalid' for what parsePosition refuses, 'conflict' for an id that stands for other contents,
   *   'unauthenticated' when the account is gone, 'unavailable' when the history can't even be held in memory.
   */
  return async function publishLocation(viewer: Viewer, input: PositionInput): Promise<PublishedLocation> {
    const { userId } = viewer;
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
      ...update,
      userId,
      fingerprint: clientId === null ? null : deps.fingerprint(position),
    });
    const isRetry = clientId !== null && lately.has(userId + clientId);
    if (clientId !== null) lately.set(userId + clientId, true);
    const publishing = isRetry ? null : publish(userId, update);
    const [result] = await Promise.all([atMost(recording, deps.commitWaitMs, clock), publishing]);
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
  };
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
