/** Allows so many events at once, and so many per second in the long run. Immutable. */
export interface TokenBucket {
  readonly tokens: number;
  /** When that many were in it, milliseconds on a clock that only moves forward. */
  readonly atMs: number;
}

export interface TokenBucketSize {
  /** The most tokens that it holds. */
  readonly burst: number;
  readonly perSecond: number;
}

/** How many tokens there are at `nowMs`; a fraction is on its way. */
export function tokensAt(
  { tokens, atMs }: TokenBucket,
  { burst, perSecond }: TokenBucketSize,
  nowMs: number,
): number {
  return Math.min(burst, tokens + ((nowMs - atMs) / 1_000) * perSecond);
}

/** After how many milliseconds there are `wanted` tokens; 0 when there are now. */
export function waitFor(bucket: TokenBucket, size: TokenBucketSize, nowMs: number, wanted: number): number {
  const missing = wanted - tokensAt(bucket, size, nowMs);
  return missing <= 0 ? 0 : (missing / size.perSecond) * 1_000;
}
