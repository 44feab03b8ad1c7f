/** Whether friends may see a user, as stored. The state turns over at `untilMs`. */
export interface Sharing {
  readonly enabled: boolean;
  /** Milliseconds since the epoch, or null when the state lasts until changed. */
  readonly untilMs: number | null;
  /** A friend who is farther away does not see the user; null for no limit of the user's own. */
  readonly maxRadiusMeters: number | null;
}

/** What a user changes of it. Undefined leaves the limit as it is. */
export interface SharingChange extends Pick<Sharing, 'enabled' | 'untilMs'> {
  readonly maxRadiusMeters?: number | null | undefined;
}

/** The state that holds at `nowMs`; timed sharing turns over by itself, for good. */
export function sharingAt(sharing: Sharing, nowMs: number): Sharing {
  const over = sharing.untilMs !== null && nowMs >= sharing.untilMs;
  return over ? { ...sharing, enabled: !sharing.enabled, untilMs: null } : sharing;
}
