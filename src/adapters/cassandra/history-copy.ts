/**
 * Copies locations that another store keeps to Cassandra, and checks each user's day by what can be read then. A deletion
 * that comes while `source` holds the rows, or after, finds the copy and deletes it.
 */
import type { LocationUpdate } from '../../domain/location-update.js';
import type { HistoryRow } from '../../services/history-buffer.js';
import type { HistoryStore } from '../../services/location-history.js';
import { digestOf } from '../history-digest.js';
import { placeKey } from '../place-key.js';
import { atOnce } from './at-once.js';
import { createClaims } from './claims.js';
import { clusterStore } from './failures.js';
import { byUserDay, createHistoryRows, type HistoryRowsOptions, type UserDay } from './history-rows.js';

export function createHistoryCopy(options: Options): HistoryCopy {
  const { store, requestsAtOnce } = options;
  const each = atOnce(requestsAtOnce);
  const ids = createClaims(options);
  const history = createHistoryRows(options);

  async function write(rows: readonly HistoryRow[], source: HeldSource, absent?: null): Promise<void> {
    const nowMicros = await source.readMicros();
    // A deletion looks only at days that are noted.
    await each(byUserDay(rows, Infinity), (userDay) => history.note(userDay, nowMicros));
    // So the rows follow only if the source has held them until here.
    await source.readMicros();
    await each(byUserDay(rows), (userDay) => history.write(userDay, nowMicros, absent));
  }

  /** Reads the copies of a user's day, among what else is there. */
  async function readCopies({ userId, rows }: UserDay): Promise<LocationUpdate[]> {
    // A report without a time of its own may be there twice under one id.
    const places = new Set(rows.map(placeKey));
    const times = rows.map(({ recordedAtMs }) => recordedAtMs);
    const range = { fromMs: Math.min(...times), toMs: Math.max(...times) + 1 };
    const copies: LocationUpdate[] = [];
    let page: LocationUpdate[] = [];
    do {
      const last = page.at(-1);
      const after = last === undefined ? null : { atMs: last.recordedAtMs, id: last.id };
      page = await store.read(userId, range, after, PAGE_ROWS);
      copies.push(...page.filter((one) => places.has(placeKey(one))));
    } while (page.length === PAGE_ROWS);
    return copies;
  }

  async function differing(rows: readonly HistoryRow[]): Promise<UserDay[]> {
    const days = byUserDay(rows, Infinity);
    const areSame = await each(days, async (day) => digestOf(day.rows) === digestOf(await readCopies(day)));
    return days.filter((_, index) => areSame[index] !== true);
  }

  return clusterStore<HistoryCopy>({
    async copy(rows, source) {
      await write(rows, source);
      let wrong = await differing(rows);
      if (wrong.length > 0) {
        // An app has sent other contents with the same id and time since. What came first counts, also for the id.
        const rewritten = wrong.flatMap((day) => day.rows);
        await write(rewritten, source, null);
        const nowMicros = await source.readMicros();
        await each(rewritten.filter(hasId), (row) => ids.set(row, nowMicros));
        wrong = await differing(rewritten);
      }
      // A deletion finds an id by its location. An id that was claimed here already stays as it is.
      if (wrong.length === 0) {
        const nowMicros = await source.readMicros();
        await each(rows.filter(hasId), (row) => ids.claim(row, nowMicros));
      }
      return wrong.map(({ userId }) => userId);
    },
  });
}

export interface HistoryCopy {
  /** Resolves to the users whose copy is not what was copied. */
  copy(rows: readonly HistoryRow[], source: HeldSource): Promise<readonly string[]>;
}

/** Holds the rows so that whoever deletes them waits. */
export interface HeldSource {
  /**
   * Reads the time that all servers share, microseconds since the epoch.
   * @throws when the rows are held no more.
   */
  readMicros(): Promise<bigint>;
}

interface Options extends HistoryRowsOptions {
  readonly store: Pick<HistoryStore, 'read'>;
  /** Requests that Cassandra has not answered. */
  readonly requestsAtOnce: number;
}

/** Whether the client chose the id. */
const hasId = ({ fingerprint }: HistoryRow): boolean => fingerprint !== null;

const PAGE_ROWS = 1_000;
