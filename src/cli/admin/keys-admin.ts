/** What operators do with the keys that sign access tokens, over the database, whether servers run or not. */
import type pg from 'pg';
import { generateSigningKey } from '../../adapters/jwt/signing-key.js';
import { createSigningKeyStore } from '../../adapters/postgres/signing-keys.js';
import { systemClock } from '../../time/clock.js';
import { CommandError } from '../command-error.js';

/**
 * Makes a new key, which signs from now on.
 * @param revokesOld whether the others are deleted at once.
 * @throws CommandError where there are none.
 */
export async function rotateKeys(pool: pg.Pool, revokesOld: boolean): Promise<RotatedKeys> {
  const key = await generateSigningKey();
  const oldKeys = await createSigningKeyStore(pool, systemClock).rotate(key, revokesOld);
  if (oldKeys.length === 0) throw new CommandError(NO_KEYS);
  return { newKey: key.id, oldKeys, oldKeysRevoked: revokesOld };
}

const NO_KEYS =
  'The database has no key to replace: no server has used it yet, or all servers have theirs from JWT_PRIVATE_KEY. ' +
  'Then put another one there, on all servers, and restart them.';

/** By the ids (kid) of the keys. */
export interface RotatedKeys {
  readonly newKey: string;
  readonly oldKeys: readonly string[];
  readonly oldKeysRevoked: boolean;
}
