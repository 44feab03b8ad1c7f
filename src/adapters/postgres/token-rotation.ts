/**
 * The use of a refresh token, which makes the next one. The caller holds the lock on the session's row. All times
 * are those of the database, so that all servers go by one clock.
 */
import { continuesSession, type RefreshTokenUse } from '../../domain/refresh-token-use.js';
import type { RefreshToken } from '../../services/accounts.js';
import type { Transaction } from './prisma.js';

/** Resolves to false, and changes nothing, when the use shows that the token has more than one holder. */
export async function useRefreshToken(
  transaction: Transaction,
  { sessionId, tokenHash, next }: Rotated,
): Promise<boolean> {
  const [use] = await transaction.$queryRaw<(RefreshTokenUse & { readonly nextGeneration: number })[]>`
    SELECT token.used_at IS NOT NULL AS "isUsed",
           (extract(epoch FROM now() - coalesce(
             (SELECT min(used_at) FROM refresh_tokens
               WHERE session_id = token.session_id AND generation = token.generation),
             token.used_at)) * 1000)::float8 AS "firstUsedMsAgo",
           (SELECT count(used_at) FROM refresh_tokens
             WHERE session_id = token.session_id AND generation = token.generation - 1) > 1 AS "wasForked",
           coalesce(
             token.generation + 1,
             (SELECT max(generation) FROM refresh_tokens WHERE session_id = token.session_id)
               + (token.used_at IS NULL)::int,
             1) AS "nextGeneration"
      FROM refresh_tokens token WHERE token.token_hash = ${tokenHash}`;
  if (use === undefined) throw new Error('The token was there under the same lock');
  if (!continuesSession(use)) return false;
  if (!use.isUsed) {
    await transaction.$executeRaw`UPDATE refresh_tokens SET used_at = now() WHERE token_hash = ${tokenHash}`;
  }
  const { hash, expiresAtMs } = next;
  await transaction.refreshToken.create({
    data: { sessionId, tokenHash: hash, expiresAt: new Date(expiresAtMs), generation: use.nextGeneration },
  });
  return true;
}

interface Rotated {
  readonly sessionId: string;
  readonly tokenHash: Uint8Array<ArrayBuffer>;
  /** The token that the holder gets. */
  readonly next: RefreshToken;
}
