/**
 * Takes the location updates of devices: validates each, records it and publishes it to friends. Recording
 * and publishing run side by side. While the live path is down updates are recorded all the same; while the
 * database is down they are published and held in memory. When the buffer of the history is full the update
 * is refused and nobody gets it, as it is for one over a limit. An update that is answered CONFLICT may already
 * have been shown.
 */
import { LRUCache } from 'lru-cache';
import { DomainError, type DomainErrorKind } from '../domain/errors.js';
import { isNewer, type LocationUpdate } from '../domain/location-update.js';
import { parsePosition, type Position, type PositionInput } from '../domain/position.js';
import { roundDegrees } from '../domain/rounding.js';
import type { Viewer } from '../domain/user.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';
import type { HistoryBuffer, HistoryResult, HistoryRow } from './history-buffer.js';
import type { DeviceChooser } from './device-chooser.js';
import type { TickScheduler } from './tick-scheduler.js';
import type { UpdateLimit } from './update-limit.js';

export function createPublishLocation(deps: PublishLocationDeps): PublishLocation {
  const { store, dispatcher, history, clock, meter, trace } = deps;
  const recentIds = new LRUCache<string, true | Fingerprint>({ max: REMEMBERED_IDS });

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
    deps.onReported?.(userId);
    const told = child(span, 'publish', published).catch(deps.onPublishFailed);
    await within(clock, deps.commitWaitMs, told, null);
  }

  function read(input: PositionInput, nowMs: number): Report {
    const position = parsePosition(input, nowMs, nowMs - deps.retentionMs);
    const { latitude, longitude, accuracyMeters, recordedAtMs, clientId, device } = position;
    const update: LocationUpdate = {
      id: clientId ?? deps.newId(),
      latitude: roundDegrees(latitude),
      longitude: roundDegrees(longitude),
      accuracyMeters,
      recordedAtMs,
      receivedAtMs: nowMs,
    };
    Object.assign(update, position.motion);
    if (device !== null) Object.assign(update, { device: deps.deviceTag(device) });
    if (position.stillHere) Object.assign(update, { stillHere: true });
    return { position, update, fingerprint: clientId === null ? null : deps.fingerprint(position) };
  }

  /**
   * Whether a location is to be written. A device at rest sends the same fix every few minutes, and a row that is
   * there already makes its whole batch slow (docs/decisions/041), so such a fix is written once more at most; and
   * not at all when the history keeps it no longer.
   */
  function needsRow(userId: string, { position, update, fingerprint }: Report): boolean {
    if (!position.stillHere) return true;
    if (update.recordedAtMs < update.receivedAtMs - deps.retentionMs) return false;
    return fingerprint === null || recentIds.get(userId + update.id) !== fingerprint;
  }

  /** @throws DomainError 'unavailable' at once when the history is full. */
  function recordOne(userId: string, report: Report): Promise<HistoryResult> {
    const { position, update, fingerprint } = report;
    if (!needsRow(userId, report)) return RECORDED;
    const recording = history.record(rowOf(userId, report));
    if (!position.stillHere || fingerprint === null) return recording;
    return recording.then((result) => {
      if (result.kind === 'recorded') recentIds.set(userId + update.id, fingerprint);
      return result;
    });
  }

  /** Likewise, of all or none. */
  function recordEach(userId: string, reports: readonly Report[]): Promise<HistoryResult>[] {
    const rows = reports.filter((report) => needsRow(userId, report)).map((report) => rowOf(userId, report));
    const recording = history.recordAll(rows);
    let next = 0;
    return reports.map((report) => (needsRow(userId, report) ? recording[next++] : null) ?? RECORDED);
  }

  function rowOf(userId: string, { update, fingerprint }: Report): HistoryRow {
    const { id, latitude, longitude, accuracyMeters, recordedAtMs, receivedAtMs } = update;
    const { speedMetersPerSecond, headingDegrees } = update;
    return {
      userId,
      id,
      fingerprint,
      latitude,
      longitude,
      accuracyMeters,
      speedMetersPerSecond,
      headingDegrees,
      recordedAtMs,
      receivedAtMs,
    };
  }

  /**
   * Whether friends may see it. A fix older than the TTL is no sign of life, unless the device says that it is
   * still there; and a retry must not move a marker back that has moved on since.
   */
  function isLive(userId: string, { position, update }: Report): boolean {
    if (position.stillHere) return true;
    return isRecent(update) && (position.clientId === null || !recentIds.has(userId + position.clientId));
  }

  /**
   * To be called once a location is taken: when it was refused, the same one is no retry. The ids of a long backlog
   * would take the room of those that may come again.
   */
  function remember(userId: string, { position, update }: Report): void {
    if (position.stillHere || position.clientId === null || !isRecent(update)) return;
    if (!recentIds.has(userId + update.id)) recentIds.set(userId + update.id, true);
  }

  const isRecent = ({ receivedAtMs, recordedAtMs }: LocationUpdate): boolean =>
    receivedAtMs - recordedAtMs <= deps.locationTtlMs;

  async function answer(
    userId: string,
    { update }: Report,
    result: HistoryResult | null,
  ): Promise<PublishedLocation> {
    switch (result?.kind) {
      case 'conflict':
        throw conflict();
      case 'refused':
        throw new DomainError('invalid', 'The location history does not take this location.', {
          cause: result.cause,
        });
      case 'unknown-user':
        await store.clear(userId, clock.now()).catch(deps.onPublishFailed);
        throw new DomainError('unauthenticated', 'Sign in first.');
      case 'duplicate':
        return { location: { ...update, recordedAtMs: result.recordedAtMs }, recorded: true };
      default:
        return { location: update, recorded: result !== null };
    }
  }

  async function record(
    { userId }: Viewer,
    input: PositionInput,
    span: UpdateSpan | null,
  ): Promise<PublishedLocation> {
    deps.limit.admit(userId, 1);
    const report = read(input, clock.now());
    const live = isLive(userId, report);
    if (live) deps.limit.believe(userId, report.update);
    const recording = recordOne(userId, report);
    remember(userId, report);
    const publishing = live ? publish(userId, report.update, span) : null;
    const committed = child(span, 'history commit', recording);
    const [result] = await Promise.all([within(clock, deps.commitWaitMs, committed, null), publishing]);
    return answer(userId, report, result);
  }

  async function recordAll(
    { userId }: Viewer,
    inputs: readonly PositionInput[],
    span: UpdateSpan | null,
  ): Promise<PublishedLocation[]> {
    if (inputs.length > MAX_BATCH) {
      throw new DomainError('invalid', `inputs must hold at most ${MAX_BATCH} locations.`);
    }
    deps.limit.admit(userId, inputs.length);
    const nowMs = clock.now();
    const answerByMs = clock.monotonic() + deps.commitWaitMs;
    const reports = await ofEach(inputs.map(async (input) => read(input, nowMs)));
    await refuseConflicts(userId, reports);
    const live = reports.filter((report) => isLive(userId, report)).map(({ update }) => update);
    const newest = live.reduce<LocationUpdate | null>(
      (known, update) => (known === null || isNewer(update, known) ? update : known),
      null,
    );
    if (newest !== null) deps.limit.believe(userId, newest);
    const recording = Promise.all(recordEach(userId, reports));
    for (const report of reports) remember(userId, report);
    const publishing = newest === null ? null : publish(userId, newest, span);
    const committed = child(span, 'history commit', recording);
    const waitMs = answerByMs - clock.monotonic();
    const [results] = await Promise.all([within(clock, waitMs, committed, null), publishing]);
    return ofEach(reports.map((report, index) => answer(userId, report, results?.[index] ?? null)));
  }

  /**
   * Refuses the whole batch when one id stands for other contents, in the batch or in the history. While the
   * history does not answer soon that can't be known; then what it has of an id stays as it is.
   */
  async function refuseConflicts(userId: string, reports: readonly Report[]): Promise<void> {
    const ids = reports.flatMap(({ position: { clientId } }) => (clientId === null ? [] : [clientId]));
    if (ids.length === 0) return;
    const asked = deps.fingerprintsOf(userId, ids).catch((error: unknown) => {
      deps.onReadFailed(error);
      return null;
    });
    const claims = new Map(await within(clock, CONFLICT_WAIT_MS, asked, null));
    await ofEach(
      reports.map(async ({ position: { clientId }, fingerprint }) => {
        if (clientId === null || fingerprint === null) return;
        if ((claims.get(clientId) ?? fingerprint) !== fingerprint) throw conflict();
        claims.set(clientId, fingerprint);
      }),
    );
  }

  return {
    async publish(viewer, input) {
      const published = await (trace === null
        ? record(viewer, input, null)
        : trace((span) => record(viewer, input, span)));
      meter.answered(published.recorded);
      return published;
    },

    async publishAll(viewer, inputs) {
      const all = await (trace === null
        ? recordAll(viewer, inputs, null)
        : trace((span) => recordAll(viewer, inputs, span)));
      for (const { recorded } of all) meter.answered(recorded);
      return all;
    },

    clear: ({ userId }) => store.clear(userId, clock.now()),
  };
}

export interface PublishLocation {
  /**
   * Takes one location.
   * @throws DomainError 'invalid' for what parsePosition refuses, 'conflict' for an id that stands for other
   *   contents, 'unauthenticated' when the account is gone, 'unavailable' when the history can't even be held
   *   in memory, 'rate-limited' for too many and for a place that the user can't have come to.
   */
  publish(viewer: Viewer, input: PositionInput): Promise<PublishedLocation>;
  /**
   * Takes up to 500 locations, in any order, or none of them. Friends get the newest. Answers in the order of
   * the inputs.
   * @throws DomainError as `publish` does; its indexes say which of the inputs are wrong.
   */
  publishAll(viewer: Viewer, inputs: readonly PositionInput[]): Promise<PublishedLocation[]>;
  /**
   * Takes the viewer's live location back: friends lose it at once, the history keeps it. Resolves to whether there
   * was one.
   * @throws DomainError 'unavailable' while that can't be done; it is then done as soon as it can.
   */
  clear(viewer: Viewer): Promise<boolean>;
}

export interface PublishedLocation {
  readonly location: LocationUpdate;
  /** Whether the history row is committed; otherwise it is held in memory. */
  readonly recorded: boolean;
}

interface PublishLocationDeps {
  readonly store: Pick<DeviceChooser, 'publish' | 'clear'>;
  /** Delivers to the subscribers on this server. */
  readonly dispatcher: { receiveOwn(userId: string, update: LocationUpdate): void };
  readonly history: Pick<HistoryBuffer, 'record' | 'recordAll'>;
  /** Finds the fingerprints of those of the ids that the user's history knows. */
  fingerprintsOf(
    userId: string,
    ids: readonly string[],
  ): Promise<Iterable<[id: string, fingerprint: string]>>;
  readonly limit: UpdateLimit;
  readonly clock: Clock;
  /** The ticks in which updates are published; null to publish each at once. */
  readonly ticks: TickScheduler | null;
  /** Locations recorded longer ago are refused. */
  readonly retentionMs: number;
  /** Locations recorded longer ago go to the history only. */
  readonly locationTtlMs: number;
  /** How long an answer waits for the history commit, and for Redis, milliseconds. */
  readonly commitWaitMs: number;
  newId(): string;
  fingerprint(position: Position): string;
  /** The short form of a device's name. */
  deviceTag(name: string): string;
  readonly meter: UpdateMeter;
  /** Called for each live location, after it left for the other servers; null where nobody asks. */
  readonly onReported: ((userId: string) => void) | null;
  /** Null where nothing is traced. */
  readonly trace: TraceUpdate | null;
  /** Called when the update could not be published; it is recorded all the same. */
  onPublishFailed(error: unknown): void;
  /** Called when the history could not be asked for ids. */
  onReadFailed(error: unknown): void;
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

type Fingerprint = string;

/** A location as it was reported. */
interface Report {
  readonly position: Position;
  readonly update: LocationUpdate;
  /** Null when the client gave no id. */
  readonly fingerprint: Fingerprint | null;
}

const RECORDED: Promise<HistoryResult> = Promise.resolve({ kind: 'recorded' });

/** As the schema says. */
const MAX_BATCH = 500;
/** How long a batch waits to be compared with the history before friends get it. */
const CONFLICT_WAIT_MS = 500;

/**
 * Ids that clients sent recently: a retry must not move a marker back that has moved on since. The ones that
 * devices at rest sent again have the fingerprint of what was recorded. A map that forgets as much as it learns keeps its
 * table while at most half of it is in use; else V8 doubles it. These fill half of 65,536 places.
 */
const REMEMBERED_IDS = 32_000;

function child<T>(span: UpdateSpan | null, name: string, work: Promise<T>): Promise<T> {
  return span === null ? work : span.child(name, work);
}

function conflict(): DomainError {
  return new DomainError('conflict', 'This id was used for another location update.');
}

/** @throws DomainError the first one, with the places of all of its kind. */
async function ofEach<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work);
  const failed = outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [{ index, error: outcome.reason as unknown }] : [],
  );
  const [first] = failed;
  if (first === undefined) return Promise.all(work);
  const { error, index } = first;
  if (!(error instanceof DomainError) || !OF_ONE_INPUT.includes(error.kind)) throw error;
  const { kind, message, cause } = error;
  const alike = failed.filter((other) => other.error instanceof DomainError && other.error.kind === kind);
  const indexes = alike.map((other) => other.index);
  throw new DomainError(kind, `inputs[${index}]: ${message}`, { cause, indexes });
}

/** What is wrong with one input of a batch; the others may be right. */
const OF_ONE_INPUT: readonly DomainErrorKind[] = ['invalid', 'conflict'];
