/**
 * All instruments, with name, unit, help and labels. No label or value says who or where anybody is. What
 * happens for every change or row is counted in plain numbers, which are read when the metrics are requested.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PlainHistogram } from './plain-histogram.js';
import type { FrameMeter } from './services/frame-sink.js';
import type { HistoryMeter } from './services/history-buffer.js';
import type { DispatchMeter, Lookups } from './services/location-dispatcher.js';
import type { UpdateMeter } from './services/publish-location.js';

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_DELAY_RESOLUTION_MS });
  const registers = [registry];

  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  }

  /** Makes a counter whose value is kept elsewhere. */
  function counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  const answered = { recorded: 0, held: 0 };
  new Counter({
    name: 'nearby_location_updates_total',
    help: 'Location updates answered.',
    labelNames: ['recorded'] as const,
    registers,
    collect() {
      this.reset();
      this.inc({ recorded: 'true' }, answered.recorded);
      this.inc({ recorded: 'false' }, answered.held);
    },
  });
  const signInFailures = new Counter({
    name: 'nearby_sign_in_failures_total',
    help: 'Sign-ins and changes of the password that were refused for a wrong handle or password.',
    registers,
  });
  const operationFailures = new Counter({
    name: 'nearby_operation_failures_total',
    help: 'Operations that failed through no fault of the client; each is in the log.',
    registers,
  });
  const dependencyFailures = new Counter({
    name: 'nearby_dependency_failures_total',
    help: 'Reads and writes that failed and are retried or given up, by what failed.',
    labelNames: ['cause'] as const,
    registers,
  });
  for (const cause of FAILURE_CAUSES) dependencyFailures.inc({ cause }, 0);
  const drops = new Counter({
    name: 'nearby_drops_total',
    help: 'Requests, connections and messages that were refused, cut or discarded, by cause.',
    labelNames: ['cause'] as const,
    registers,
  });
  for (const cause of DROP_CAUSES) drops.inc({ cause }, 0);

  const pushes = new Counter({
    name: 'nearby_pushes_total',
    help: 'Push messages to browsers, by kind and by what became of them.',
    labelNames: ['kind', 'outcome'] as const,
    registers,
  });
  for (const kind of PUSH_KINDS) for (const outcome of PUSH_OUTCOMES) pushes.inc({ kind, outcome }, 0);

  const totals = { changes: 0, coalesced: 0, snapshots: 0, rows: 0 };
  counter(
    'nearby_changes_delivered_total',
    'Changes in messages that are not snapshots.',
    () => totals.changes,
  );
  counter(
    'nearby_changes_merged_total',
    'Changes that were cancelled out or replaced by newer ones before they were sent.',
    () => totals.coalesced,
  );
  counter('nearby_snapshots_total', 'Messages with a whole list.', () => totals.snapshots);
  const fanOutLag = new PlainHistogram({
    name: 'nearby_fanout_lag_seconds',
    help: 'Time from receiving an update to writing the first message that waited for it.',
    buckets: LAG_BUCKETS,
    registers,
  }).labelled({});
  const frameBytes = new PlainHistogram({
    name: 'nearby_frame_bytes',
    help: 'Length of the messages of nearbyFriends on WebSockets.',
    buckets: FRAME_BUCKETS,
    registers,
  }).labelled({});
  const operationSeconds = new PlainHistogram({
    name: 'nearby_operation_seconds',
    help: 'Time from the start of an operation to its result, of a subscription to its stream, by kind and root field.',
    labelNames: ['type', 'field'] as const,
    buckets: OPERATION_BUCKETS,
    registers,
  });

  counter(
    'nearby_history_rows_committed_total',
    'Rows of the location history committed.',
    () => totals.rows,
  );
  const commitSeconds = new Histogram({
    name: 'nearby_history_commit_seconds',
    help: 'Duration of the commits of the location history that succeeded.',
    buckets: COMMIT_BUCKETS,
    registers,
  });

  const lookups = { feed: noLookups(), positions: noLookups(), documents: noLookups() };
  new Counter({
    name: 'nearby_cache_lookups_total',
    help: 'Cache lookups, by cache and result.',
    labelNames: ['cache', 'result'] as const,
    registers,
    collect() {
      this.reset();
      for (const cache of CACHES) {
        this.inc({ cache, result: 'hit' }, lookups[cache].hits);
        this.inc({ cache, result: 'miss' }, lookups[cache].misses);
      }
    },
  });

  function drop(cause: DropCause): void {
    drops.inc({ cause });
  }

  const dropped = (cause: DropCause) => (): void => {
    drop(cause);
  };

  const frames: FrameMeter = {
    sent({ snapshot, nearby, left }, coalesced, lagMs) {
      if (snapshot) totals.snapshots += 1;
      else totals.changes += nearby.length + left.length;
      totals.coalesced += coalesced;
      if (lagMs !== null) fanOutLag.record(Math.max(lagMs, 0) / 1_000);
    },
  };

  const updates: UpdateMeter = {
    answered(recorded) {
      answered[recorded ? 'recorded' : 'held'] += 1;
    },
  };

  const history: HistoryMeter = {
    full: dropped('history full'),
    fullForUser: dropped('history full for user'),
    givenUp: dropped('history row refused'),
    committed(rows, tookMs) {
      totals.rows += rows;
      commitSeconds.observe(tookMs / 1_000);
    },
  };

  const dispatch: DispatchMeter = {
    users: lookups.feed,
    stored: lookups.positions,
    unreadable: dropped('unreadable message'),
  };

  return {
    operationFailures,
    signInFailed(): void {
      signInFailures.inc();
    },
    /** The durations of one kind of operations with one root field. */
    operationDurations: (type: string, field: string) => operationSeconds.labelled({ type, field }),
    dependencyFailures,
    drop,
    dropped,
    frames,
    history,
    dispatch,
    documents: lookups.documents,
    updates,
    pushed(kind: (typeof PUSH_KINDS)[number], outcome: (typeof PUSH_OUTCOMES)[number]): void {
      pushes.inc({ kind, outcome });
    },
    /** To be called when a message of nearbyFriends is written to a WebSocket. */
    written(bytes: number): void {
      frameBytes.record(bytes);
    },

    /** Registers what is read when the metrics are requested. */
    registerGauges(isReady: () => Promise<boolean>, sizes: Sizes): void {
      new Gauge({
        name: 'nearby_build_info',
        help: 'Always 1; the labels tell which version runs.',
        labelNames: ['version', 'node'] as const,
        registers,
      }).set({ version: sizes.version, node: process.version }, 1);
      gauge(
        'nearby_database_connections',
        'Connections to PostgreSQL of this server, in use or idle.',
        () => sizes.pool.totalCount,
      );
      gauge(
        'nearby_database_waiting',
        'Requests that wait for a connection to PostgreSQL.',
        () => sizes.pool.waitingCount,
      );
      gauge(
        'nearby_memory_limit_bytes',
        'Memory that the process may take: the limit of its container, or else that of the machine.',
        () => Math.min(process.constrainedMemory() || Infinity, totalmem()),
      );
      gauge(
        'nearby_heap_limit_bytes',
        'Size of the JavaScript heap at which the process ends.',
        () => getHeapStatistics().heap_size_limit,
      );
      gauge('nearby_ready', 'Whether /health/ready answers 200: 1 or 0.', async () =>
        Number(await isReady()),
      );
      gauge('nearby_connections', 'Open WebSockets.', () => sizes.sockets.size);
      gauge('nearby_subscriptions', 'Open nearbyFriends subscriptions.', () => sizes.nearbyFriends.size);
      gauge(
        'nearby_subscriptions_without_client',
        'Open nearbyFriends subscriptions whose connection is closed or closing.',
        () => sizes.nearbyFriends.orphans,
      );
      gauge(
        'nearby_watched_users',
        'Users to whose topic this server subscribes.',
        () => sizes.userTopics.size,
      );
      gauge(
        'nearby_alerted_users',
        'Users for whom this server watches who comes near.',
        () => sizes.nearWatch.size,
      );
      gauge('nearby_history_rows_held', 'History rows that wait for their commit.', () => sizes.history.size);
    },

    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

export type FailureCause = (typeof FAILURE_CAUSES)[number];
export type DropCause = (typeof DROP_CAUSES)[number];
export type Metrics = ReturnType<typeof createMetrics>;

interface Sized {
  readonly size: number;
}

interface Sizes extends Record<'sockets' | 'userTopics' | 'history' | 'nearWatch', Sized> {
  readonly nearbyFriends: Sized & { readonly orphans: number };
  readonly pool: { readonly totalCount: number; readonly waitingCount: number };
  readonly version: string;
}

/** The event loop is sampled at this interval, by which nodejs_eventloop_lag_* are too high. */
const LOOP_DELAY_RESOLUTION_MS = 50;

const LAG_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 5, 10, 30, 60,
];
const OPERATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const COMMIT_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const FRAME_BUCKETS = [128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 65_536, 262_144, 1_048_576];

const FAILURE_CAUSES = [
  'history write',
  'friends or locations read',
  'locations read',
  'history read',
  'live update',
  'announcement',
  'delivery',
  'upkeep',
  'trace export',
  'push',
  'signing keys read',
] as const;

const DROP_CAUSES = [
  'history full',
  'history full for user',
  'history row refused',
  'live retry full',
  'requests full',
  'unreadable message',
  'unreadable record',
  'sign-ins over limit',
  'app location refused',
  'passwords over limit',
  'tokens over limit',
  'friend requests over limit',
  'updates over limit',
  'travel too fast',
  'subscriptions over limit',
  'alerts over limit',
  'sockets over limit',
  'operations over limit',
  'origin refused',
  'token refused',
  'protocol broken',
  'silent socket',
  'idle socket',
  'slow reader',
] as const;

const PUSH_KINDS = ['friend-request', 'near'] as const;
const PUSH_OUTCOMES = ['sent', 'refused', 'gone', 'failed', 'dropped'] as const;

const CACHES = ['feed', 'positions', 'documents'] as const;

function noLookups(): Lookups {
  return { hits: 0, misses: 0 };
}
