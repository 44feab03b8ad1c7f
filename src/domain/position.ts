import { DomainError } from './errors.js';
import { parseId } from './id.js';

/** A device's clock may run ahead by so much, milliseconds; such a fix counts as taken now. */
export const MAX_CLOCK_LEAD_MS = 60_000;

export interface PositionInput {
  /** Degrees, -90 to 90. */
  readonly latitude: number;
  /** Degrees, -180 to 180. */
  readonly longitude: number;
  /** Metres, 0 or more. */
  readonly accuracyMeters?: number | null | undefined;
  /** Milliseconds since the epoch; now when left out. */
  readonly recordedAtMs?: number | null | undefined;
  /** The client's UUID for a safe retry. */
  readonly id?: string | null | undefined;
}

export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters: number | null;
  /** At most `nowMs`. */
  readonly recordedAtMs: number;
  /** What the client said, before a lead of its clock was taken off; null when it said nothing. */
  readonly reportedAtMs: number | null;
  /** Null when the client gave none. */
  readonly clientId: string | null;
}

/**
 * Checks what a device reports.
 * @param oldestMs points taken before this instant are older than the history keeps.
 * @throws DomainError 'invalid'; the message names the field and what is allowed, never the value.
 */
export function parsePosition(input: PositionInput, nowMs: number, oldestMs: number): Position {
  const { latitude, longitude } = input;
  if (!(Math.abs(latitude) <= 90)) throw new DomainError('invalid', 'latitude must be from -90 to 90.');
  if (!(Math.abs(longitude) <= 180)) throw new DomainError('invalid', 'longitude must be from -180 to 180.');
  const accuracyMeters = input.accuracyMeters ?? null;
  if (accuracyMeters !== null && !(accuracyMeters >= 0 && Number.isFinite(accuracyMeters))) {
    throw new DomainError('invalid', 'accuracyMeters must be a finite number, 0 or more.');
  }
  const reportedAtMs = input.recordedAtMs ?? null;
  if (reportedAtMs !== null && !(reportedAtMs <= nowMs + MAX_CLOCK_LEAD_MS)) {
    throw new DomainError('invalid', 'recordedAt must not be more than 60 s ahead of the server.');
  }
  if (reportedAtMs !== null && reportedAtMs < oldestMs) {
    throw new DomainError('invalid', 'recordedAt is older than the location history is kept.');
  }
  return {
    latitude,
    longitude,
    accuracyMeters,
    recordedAtMs: Math.min(reportedAtMs ?? nowMs, nowMs),
    reportedAtMs,
    clientId: input.id == null ? null : parseId(input.id),
  };
}
