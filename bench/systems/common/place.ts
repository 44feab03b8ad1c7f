/** A reported place, as kept in the cache. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters: number | null;
  /** RFC 3339. */
  readonly recordedAt: string;
  readonly updatedAt: string;
}

export interface PlaceInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters?: number | null;
}

export function placeOf({ latitude, longitude, accuracyMeters = null }: PlaceInput, now: Date): Place {
  const at = now.toISOString();
  return { latitude, longitude, accuracyMeters, recordedAt: at, updatedAt: at };
}
