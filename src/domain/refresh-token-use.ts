/**
 * Whether a refresh token that comes in still continues its session. A lost answer or a second tab repeats a use
 * within the grace. Tokens made from one generation of a session's tokens are its next generation, and of each
 * only one should be used: two tabs may use two of them once, but who does so twice in a row holds a copy.
 */
export function continuesSession({ firstUsedMsAgo, isUsed, wasForked }: RefreshTokenUse): boolean {
  if (firstUsedMsAgo === null) return true;
  if (firstUsedMsAgo > REUSE_GRACE_MS) return false;
  const forks = !isUsed;
  return !(forks && wasForked);
}

/** How long after its first use a refresh token may come again. A repeat does not extend it. */
export const REUSE_GRACE_MS = 30_000;

/** What is known of a refresh token at the moment of its use. */
export interface RefreshTokenUse {
  /** Milliseconds since a token of its generation was first used; null when none was. */
  readonly firstUsedMsAgo: number | null;
  /** Whether this very token was used before. */
  readonly isUsed: boolean;
  /** Whether several tokens of the generation before were used. */
  readonly wasForked: boolean;
}
