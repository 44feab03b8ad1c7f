/** A fix as an app sent it: not checked yet, and NaN where a number is missing. */
export interface AppFix {
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** By the phone's clock, milliseconds since the epoch. */
  readonly recordedAtMs: number;
  /** Metres; null when the phone does not know. */
  readonly accuracyMeters: number | null;
  /** Metres a second; NaN or below 0 when the phone does not know, as for the heading. */
  readonly speedMetersPerSecond: number;
  /** Degrees clockwise from north. */
  readonly headingDegrees: number;
}

export const numberIn = (value: unknown): number => (typeof value === 'number' ? value : NaN);
