/** How exactly a place is shown. */
export type LocationPrecision = 'EXACT' | 'APPROXIMATE';

/** What friends may see of a user, as stored. Whether they see anything turns over at `untilMs`. */
export interface Sharing {
  readonly enabled: boolean;
  /** Milliseconds since the epoch, or null when the state lasts until changed. */
  readonly untilMs: number | null;
  /** A friend who is farther away does not see the user; null for no limit of the user's own. */
  readonly maxRadiusMeters: number | null;
  readonly precision: LocationPrecision;
}

/** What a user changes of it. Undefined leaves the limit and the precision as they are. */
export interface SharingChange extends Pick<Sharing, 'enabled' | 'untilMs'> {
  readonly maxRadiusMeters?: number | null | undefined;
  readonly precision?: LocationPrecision | undefined;
}

/** What one friend sees, whatever the user shares with the others. It ends at `untilMs`. */
export interface SharingException {
  /** False hides the user from the friend. */
  readonly enabled: boolean;
  readonly precision: LocationPrecision;
  /** Milliseconds since the epoch, or null when it lasts until cleared. */
  readonly untilMs: number | null;
}

/** The state that holds at `nowMs`; timed sharing turns over by itself, for good. */
export function sharingAt(sharing: Sharing, nowMs: number): Sharing {
  const over = sharing.untilMs !== null && nowMs >= sharing.untilMs;
  return over ? { ...sharing, enabled: !sharing.enabled, untilMs: null } : sharing;
}

/** How exactly a friend sees the user at `nowMs`; null for not at all. */
export function precisionAt(
  sharing: Sharing,
  exception: SharingException | null,
  nowMs: number,
): LocationPrecision | null {
  const holds = exception !== null && (exception.untilMs === null || nowMs < exception.untilMs);
  const { enabled, precision } = holds ? exception : sharingAt(sharing, nowMs);
  return enabled ? precision : null;
}
