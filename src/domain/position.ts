import { DomainError } from './errors.js';
import { parseId } from './id.js';
import { type Motion, type MotionInput, parseMotion } from './motion.js';

/** How far a device's clock may run ahead, milliseconds; a fix from the future counts as taken now. */
export const MAX_CLOCK_LEAD_MS = 60_000;

/**
 * Validates a position that a device reports.
 * @param oldestMs a position recorded before this instant is refused, as the history does not keep it, unless the
 *   device says that it is still there; then any since 1970 is taken.
 * @throws DomainError 'invalid'; the message names the field and what is allowed, never the value.
 */
export function parsePosition(input: PositionInput, nowMs: number, oldestMs: number): Position {
  const { latitude, longitude } = input;
  if (!isLatitude(latitude)) throw new DomainError('invalid', 'latitude must be from -90 to 90.');
  if (!isLongitude(longitude)) throw new DomainError('invalid', 'longitude must be from -180 to 180.');
  const accuracyMeters = input.accuracyMeters ?? null;
  if (accuracyMeters !== null && !isAccuracy(accuracyMeters)) {
    throw new DomainError('invalid', 'accuracyMeters must be a finite number, 0 or more.');
  }
  const reportedAtMs = input.recordedAtMs ?? null;
  if (reportedAtMs !== null && !(reportedAtMs <= nowMs + MAX_CLOCK_LEAD_MS)) {
    throw new DomainError('invalid', 'recordedAt must not be more than 60 s ahead of the server.');
  }
  const stillHere = input.stillHere === true;
  if (reportedAtMs !== null && reportedAtMs < (stillHere ? 0 : oldestMs)) {
    throw new DomainError('invalid', 'recordedAt is older than the location history is kept.');
  }
  if (stillHere && reportedAtMs === null) {
    throw new DomainError('invalid', 'stillHere needs the recordedAt of the fix.');
  }
  return {
    latitude,
    longitude,
    accuracyMeters,
    motion: parseMotion(input),
    recordedAtMs: Math.min(reportedAtMs ?? nowMs, nowMs),
    reportedAtMs,
    clientId: input.id == null ? null : parseId(input.id),
    device: input.device == null ? null : parseDevice(input.device),
    stillHere,
  };
}

export interface PositionInput extends MotionInput {
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
  /** The app's name for the device. */
  readonly device?: string | null | undefined;
  /** Whether the device has no newer fix and is still there. */
  readonly stillHere?: boolean | null | undefined;
}

export interface Position {
  /** As the client gave it, like the longitude: the fingerprint of an id stands for what was sent. */
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters: number | null;
  readonly motion: Motion;
  /** At most `nowMs`. */
  readonly recordedAtMs: number;
  /** The client's own time, even if it lies in the future; null when the client gave none. */
  readonly reportedAtMs: number | null;
  /** Null when the client gave none. */
  readonly clientId: string | null;
  /** 1 to 64 characters; null when the device has no name. */
  readonly device: string | null;
  readonly stillHere: boolean;
}

export const isLatitude = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= 90;

export const isLongitude = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= 180;

/** Whether it is a finite number of metres, 0 or more. */
export const isAccuracy = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < Infinity;

const MAX_DEVICE_LENGTH = 64;

/** @throws DomainError 'invalid' */
export function parseDevice(device: string): string {
  if (device.length < 1 || device.length > MAX_DEVICE_LENGTH) {
    throw new DomainError('invalid', `device must have 1 to ${MAX_DEVICE_LENGTH} characters.`);
  }
  return device;
}
