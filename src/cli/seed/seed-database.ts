/**
 * Makes the users and friendships of a list of pairs in the configured database, or in the embedded one,
 * whether a server runs on it or not, and writes a token for each user. It makes everything or nothing.
 */
import { v7 as newId } from 'uuid';
import { createAccessTokens } from '../../adapters/jwt/access-tokens.js';
import { ringOf } from '../../adapters/jwt/key-ring.js';
import { generateSigningKey, signingKeyFromJwk, signingKeyFromPem } from '../../adapters/jwt/signing-key.js';
import { checkDatabase } from '../../adapters/postgres/check-database.js';
import { migrate } from '../../adapters/postgres/migrate.js';
import { createPool } from '../../adapters/postgres/pool.js';
import { loadSigningKeys } from '../../adapters/postgres/signing-keys.js';
import type { Config } from '../../config.js';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../../embedded/postgres.js';
import { createLifecycle } from '../../lifecycle.js';
import { createLogger } from '../../log.js';
import { systemClock } from '../../time/clock.js';
import { createProgress } from '../progress.js';
import { openOutputFile } from './output-file.js';
import { readGraph } from './read-graph.js';
import { type Added, writeGraph } from './write-graph.js';

/**
 * @param signal stops the work between two steps, so that nothing is made.
 * @throws CommandError or StartupError with one clear line; the signal's reason when it was aborted.
 */
export async function seedDatabase(
  { graph: graphPath, out }: SeedOptions,
  config: Config,
  signal: AbortSignal,
): Promise<Added> {
  const graph = await readGraph(graphPath);
  const log = createLogger('error');
  const lifecycle = createLifecycle(CLEANUP_DEADLINE_MS, (name, error) => log.error({ err: error }, name));
  try {
    const output = await openOutputFile(out);
    lifecycle.onClose('tokens file', () => output.discard());
    const progress = createProgress('Tokens', graph.numbers.length);
    progress.update(0, 'after the database');
    lifecycle.onClose('progress', () => progress.stop());

    let databaseUrl = config.databaseUrl ?? (await findEmbeddedPostgres(config.dataDir));
    if (databaseUrl === null) {
      const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
      lifecycle.onClose('embedded PostgreSQL', () => postgres.close());
      databaseUrl = postgres.url;
    }
    const pool = createPool(databaseUrl, { log, maxConnections: 2, applicationName: 'nearby-friends seed' });
    lifecycle.onClose('PostgreSQL pool', () => pool.end());
    await checkDatabase(pool, systemClock);
    await migrate(pool, { clock: systemClock, report: (line) => console.error(line) });

    const keys =
      config.jwtPrivateKeyPem === null
        ? await Promise.all(
            (await loadSigningKeys(pool, generateSigningKey)).map(({ privateJwk }) =>
              signingKeyFromJwk(privateJwk),
            ),
          )
        : [await signingKeyFromPem(config.jwtPrivateKeyPem)];
    // Servers keep a session for at least a day. One instant for both makes the session outlive its token.
    const nowMs = Date.now();
    const accessTokens = createAccessTokens({
      ring: ringOf(...keys),
      lifetimeMs: TOKEN_LIFETIME_MS,
      now: () => nowMs,
    });
    signal.throwIfAborted();
    progress.update(0, 'after users and friendships');
    const added = await writeGraph(pool, graph, { newId, nowMs }, async (users) => {
      await output.write('user,userId,accessToken\n');
      for (let start = 0; start < users.length; start += TOKENS_AT_A_TIME) {
        const lines = users.slice(start, start + TOKENS_AT_A_TIME).map(async (user) => {
          const { token } = await accessTokens.issue(user);
          return `${user.number},${user.userId},${token}\n`;
        });
        await output.write((await Promise.all(lines)).join(''));
        signal.throwIfAborted();
        progress.update(start + lines.length);
      }
    });
    await output.keep();
    return added;
  } finally {
    await lifecycle.close();
  }
}

export interface SeedOptions {
  /** The path of the pairs, `user_a,user_b` with a header line. */
  readonly graph: string;
  /** The path of the tokens, `user,userId,accessToken` with a header line. */
  readonly out: string;
}

const TOKEN_LIFETIME_MS = 86_400_000;
const TOKENS_AT_A_TIME = 500;
const CLEANUP_DEADLINE_MS = 20_000;
