/**
 * Reads friends for many viewers in one query. A crowd that reconnects would otherwise ask once for each
 * viewer, and a block or a deletion once for each friend.
 */
import DataLoader from 'dataloader';
import type { Pool } from 'pg';
import type { Friend } from '../../domain/friendship.js';
import type { FriendReader } from '../../services/friend-relations.js';
import type { Clock } from '../../time/clock.js';
import { databaseStore } from './failures.js';
import { createFriendReader } from './friend-reader.js';
import { named } from './prepared.js';

export function createBatchedFriendReader(pool: Pool, clock: Clock, nameStatement = named): FriendReader {
  const reader = createFriendReader(pool, nameStatement);
  const ofViewers = {
    cache: false,
    maxBatchSize: VIEWERS_PER_QUERY,
    batchScheduleFn: (load: () => void) => void clock.after(BATCH_WAIT_MS, load),
  };
  const ids = new DataLoader(reader.loadFriendIds, ofViewers);
  const lists = new DataLoader(async (viewerIds: readonly string[]) => {
    const found = await reader.loadFriends(viewerIds);
    return viewerIds.map((viewerId) => found.get(viewerId) ?? []);
  }, ofViewers);
  const relations = new DataLoader(async (wanted: readonly Relations[]) => {
    const pairs = wanted.flatMap(({ viewerId, friendIds }) =>
      friendIds.map((friendId) => ({ viewerId, friendId })),
    );
    const queries: Promise<(Friend | null)[]>[] = [];
    for (let start = 0; start < pairs.length; start += RELATIONS_PER_QUERY)
      queries.push(reader.loadRelations(pairs.slice(start, start + RELATIONS_PER_QUERY)));
    const found = (await Promise.all(queries)).flat();
    let from = 0;
    return wanted.map(({ friendIds }) => found.slice(from, (from += friendIds.length)));
  }, ofViewers);
  const batched: FriendReader = {
    idsOf: (viewerId) => ids.load(viewerId),
    friendsOf: (viewerId) => lists.load(viewerId),
    relations: (viewerId, friendIds) => relations.load({ viewerId, friendIds }),
  };
  return databaseStore(batched, clock);
}

/** What one viewer asks for. */
interface Relations {
  readonly viewerId: string;
  readonly friendIds: readonly string[];
}

/** How long the first of several viewers waits for the others. */
const BATCH_WAIT_MS = 2;
const VIEWERS_PER_QUERY = 50;
/** Of more, the answer takes too long to be read in one turn of the event loop. */
const RELATIONS_PER_QUERY = 1_000;
