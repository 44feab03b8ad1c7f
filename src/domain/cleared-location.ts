/**
 * A location that its user has taken back. The instant of that is kept in its place until the TTL is over, so that
 * what was on its way by then does not bring the location back. In Redis it is a JSON array: servers of the release
 * before read it as nothing known.
 */
import { isInstant, type LocationUpdate, MAX_LEAD_MS } from './location-update.js';

/**
 * Whether an update was on its way when the location was taken back: it was received by then, or recorded by then and
 * says nothing of now.
 */
export function isBefore(
  { receivedAtMs, recordedAtMs, stillHere }: LocationUpdate,
  clearedAtMs: number,
): boolean {
  return receivedAtMs <= clearedAtMs || (stillHere !== true && recordedAtMs <= clearedAtMs);
}

/** The form in which it is kept and published. */
export const toClearing = (clearedAtMs: number): readonly [number, 'cleared'] => [clearedAtMs, 'cleared'];

/** When a location was taken back, read as carefully as a record. Null for anything else. */
export function clearedAtIn(record: unknown, nowMs: number): number | null {
  if (!Array.isArray(record) || record.length !== 2) return null;
  const [clearedAtMs, kind] = record as unknown[];
  return kind === 'cleared' && isInstant(clearedAtMs) && clearedAtMs <= nowMs + MAX_LEAD_MS
    ? clearedAtMs
    : null;
}
