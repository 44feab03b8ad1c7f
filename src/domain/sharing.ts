/** Whether friends may see a user, as stored. The state turns over at `untilMs`. */
export interface Sharing {
  readonly enabled: boolean;
  /** Milliseconds since the epoch, or null when the state lasts until changed. */
  readonly untilMs: number | null;
}

/** The state that holds at `nowMs`; timed sharing turns over by itself, for good. */
export function sharingAt(sharing: Sharing, nowMs: number): Sharing {
  const over = sharing.untilMs !== null && nowMs >= sharing.untilMs;
  return over ? { enabled: !sharing.enabled, untilMs: null } : sharing;
}
