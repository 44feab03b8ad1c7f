/**
 * Reads friendships for live lists, for many viewers at a time. A friend of several viewers is one object,
 * even across reads: ten thousand viewers with four hundred friends each hold references to shared cards, not
 * copies.
 */
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { Friend } from '../../domain/friendship.js';
import { named } from './prepared.js';

export function createFriendReader(pool: pg.Pool, nameStatement = named) {
  const cache = new LRUCache<string, Friend>({ max: MAX_KNOWN_FRIENDS });

  /** @param id the row's, as a text that is kept in any case. */
  function friendOf(row: FriendRow, id = row.id): Friend {
    const known = cache.get(id);
    if (known !== undefined && isSame(known, row)) return known;
    const friend: Friend = {
      card: { id, handle: row.handle, displayName: row.display_name },
      sharing: {
        enabled: row.sharing_enabled,
        untilMs: row.sharing_until_ms,
        maxRadiusMeters: row.sharing_max_radius_meters,
      },
    };
    cache.set(id, friend);
    return friend;
  }

  return {
    /**
     * Resolves to each viewer's friends in no order. A viewer without friends or without an account has none.
     */
    async loadFriends(viewerIds: readonly string[]): Promise<Map<string, Friend[]>> {
      const { rows } = await pool.query<FriendRow | FriendIdsRow>({
        name: nameStatement('load-friends'),
        text: FRIENDS,
        values: [viewerIds],
      });
      const friends = new Map<string, Friend>();
      for (const row of rows) if (row.friend_ids === null) friends.set(row.id, friendOf(row));
      const lists = new Map<string, Friend[]>(viewerIds.map((viewerId) => [viewerId, []]));
      for (const { id, friend_ids: friendIds } of rows) {
        const list = friendIds === null ? undefined : lists.get(id);
        for (let at = 0; at < (friendIds?.length ?? 0); at += UUID_LENGTH) {
          const friend = friends.get(friendIds?.slice(at, at + UUID_LENGTH) ?? '');
          if (friend !== undefined) list?.push(friend);
        }
      }
      return lists;
    },

    /** Resolves to the ids of each viewer's friends, in no order. */
    async loadFriendIds(viewerIds: readonly string[]): Promise<string[][]> {
      const { rows } = await pool.query<{ readonly id: string; readonly friend_ids: string[] }>({
        name: nameStatement('load-friend-ids'),
        text: FRIEND_IDS,
        values: [viewerIds],
      });
      const lists = new Map(rows.map(({ id, friend_ids: friendIds }) => [id, friendIds]));
      return viewerIds.map((viewerId) => lists.get(viewerId) ?? []);
    },

    /** Resolves to the friend of each pair, in the order of the pairs; null where the two are not friends. */
    async loadRelations(pairs: readonly FriendPair[]): Promise<(Friend | null)[]> {
      const { rows } = await pool.query<FriendRow & { readonly place: string }>(RELATIONS, [
        pairs.map(({ viewerId }) => viewerId),
        pairs.map(({ friendId }) => friendId),
      ]);
      const relations = new Array<Friend | null>(pairs.length).fill(null);
      for (const row of rows) {
        const place = Number(row.place) - 1;
        relations[place] = friendOf(row, pairs[place]?.friendId);
      }
      return relations;
    },
  };
}

export type FriendReader = ReturnType<typeof createFriendReader>;

export interface FriendPair {
  readonly viewerId: string;
  readonly friendId: string;
}

interface FriendIdsRow {
  readonly id: string;
  readonly friend_ids: string;
}

interface FriendRow {
  readonly id: string;
  readonly handle: string;
  readonly display_name: string;
  readonly sharing_enabled: boolean;
  readonly sharing_until_ms: number | null;
  readonly sharing_max_radius_meters: number | null;
  readonly friend_ids: null;
}

const MAX_KNOWN_FRIENDS = 200_000;
const UUID_LENGTH = 36;

const COLUMNS = `
  users.id, handle, display_name, sharing_enabled,
  (extract(epoch FROM sharing_until) * 1000)::float8 AS sharing_until_ms, sharing_max_radius_meters`;

/**
 * Selects a row for each user who is a friend of some viewer, and a row for each viewer with all friends' ids
 * joined in one text. Reading that text costs a tenth of reading a row for each friendship.
 */
const FRIENDS = `
  WITH pairs AS (SELECT user_id, friend_id FROM friendships WHERE user_id = ANY ($1::uuid[]))
  SELECT ${COLUMNS}, NULL AS friend_ids FROM users WHERE id IN (SELECT friend_id FROM pairs)
  UNION ALL
  SELECT user_id, NULL, NULL, NULL, NULL, NULL, string_agg(friend_id::text, '') FROM pairs GROUP BY user_id`;

/** As JSON: an id that is cut out of a text keeps the whole text in memory. */
const FRIEND_IDS = `
  SELECT user_id AS id, json_agg(friend_id) AS friend_ids
    FROM friendships WHERE user_id = ANY ($1::uuid[]) GROUP BY user_id`;

const RELATIONS = `
  SELECT ${COLUMNS}, NULL AS friend_ids, place
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS pair (viewer, friend, place)
    JOIN friendships ON user_id = viewer AND friend_id = friend
    JOIN users ON users.id = friend`;

function isSame({ card, sharing }: Friend, row: FriendRow): boolean {
  return (
    card.handle === row.handle &&
    card.displayName === row.display_name &&
    sharing.enabled === row.sharing_enabled &&
    sharing.untilMs === row.sharing_until_ms &&
    sharing.maxRadiusMeters === row.sharing_max_radius_meters
  );
}
