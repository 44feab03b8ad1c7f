/** When a pause of sharing may end by itself. */

/**
 * The ends to choose from. "Tonight" is the next local midnight: it always lies in the future, which 23:59:59 does not
 * in the day's last second, and the pause covers the whole evening.
 * @param untilMs when the present pause ends; null when it does not end by itself, undefined when there is none.
 * @param nowMs the server's time. Both in milliseconds since the epoch.
 */
export function pauseEnds(untilMs: number | null | undefined, nowMs: number): readonly PauseEnd[] {
  const midnightMs = new Date(nowMs).setHours(24, 0, 0, 0);
  const isTonight = untilMs === midnightMs;
  const isTimed = typeof untilMs === 'number' && !isTonight;
  return [
    { label: 'For 1 hour', untilMs: nowMs + HOUR_MS, isChosen: isTimed && untilMs <= nowMs + HOUR_MS },
    { label: 'Until tonight', untilMs: midnightMs, isChosen: isTonight },
    { label: 'Until I resume', untilMs: null, isChosen: untilMs === null },
  ];
}

export interface PauseEnd {
  readonly label: string;
  /** Milliseconds since the epoch; null for a pause that does not end by itself. */
  readonly untilMs: number | null;
  readonly isChosen: boolean;
}

const HOUR_MS = 3_600_000;
