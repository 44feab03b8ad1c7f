/** What the stores of the history share: an id that a client chose stands for the contents that came first with it. */
import type { HistoryResult, HistoryRow } from '../services/history-buffer.js';

/**
 * The UTC days before today whose locations are known by the ids that clients gave them, unless they are kept for less.
 * Of older ones the history's own key tells a location that comes again with its time.
 */
export const REMEMBERED_ID_DAYS = 3;

/** The contents that a client's id stands for. */
export type Claim = Pick<HistoryRow, 'fingerprint' | 'recordedAtMs'>;

/** Names the id of a user. */
export const claimKey = (userId: string, id: string): string => userId + id;

/**
 * Returns the first row of each id and adds it to `claims`. Only an id that a client chose can come twice.
 */
export function withoutRepeats(rows: readonly HistoryRow[], claims: Map<string, Claim>): HistoryRow[] {
  return rows.filter((row) => {
    if (row.fingerprint === null) return true;
    const key = claimKey(row.userId, row.id);
    return !claims.has(key) && claims.set(key, row);
  });
}

/** What is answered for each row once it is known which users are gone and what the ids stand for. */
export function resultsOf(
  rows: readonly HistoryRow[],
  unknownUsers: ReadonlySet<string>,
  claims: ReadonlyMap<string, Claim>,
): HistoryResult[] {
  return rows.map((row) => {
    if (unknownUsers.has(row.userId)) return { kind: 'unknown-user' };
    return row.fingerprint === null
      ? { kind: 'recorded' }
      : compare(row, claims.get(claimKey(row.userId, row.id)));
  });
}

function compare(row: HistoryRow, claim: Claim | undefined): HistoryResult {
  if (claim?.fingerprint !== row.fingerprint) return { kind: 'conflict' };
  if (claim.recordedAtMs === row.recordedAtMs) return { kind: 'recorded' };
  return { kind: 'duplicate', recordedAtMs: claim.recordedAtMs };
}
