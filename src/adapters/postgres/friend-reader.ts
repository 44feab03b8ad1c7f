import type pg from 'pg';
import type { Friend } from '../../domain/friendship.js';

/**
 * Reads friendships for live lists, for many viewers at a time. A friend of several viewers is one object: two
 * thousand viewers with four hundred friends each hold as many references, not as many cards.
 */
export function createFriendReader(pool: pg.Pool) {
  return {
    /** Every viewer's friends in no order; a viewer without any, or without an account, has an empty list. */
    async loadFriends(viewerIds: readonly string[]): Promise<Map<string, Friend[]>> {
      const [friendships, users] = await Promise.all([
        pool.query<FriendIdsRow>(FRIEND_IDS, [viewerIds]),
        pool.query<FriendRow>(FRIENDS, [viewerIds]),
      ]);
      const friends = new Map(users.rows.map((row) => [row.id, friendOf(row)]));
      const lists = new Map<string, Friend[]>(viewerIds.map((viewerId) => [viewerId, []]));
      for (const { user_id, friend_ids } of friendships.rows) {
        const list = lists.get(user_id);
        for (let at = 0; at < friend_ids.length; at += UUID_LENGTH) {
          const friend = friends.get(friend_ids.slice(at, at + UUID_LENGTH));
          // Missing when the friendship began or ended between the two reads; a notice tells of that.
          if (friend !== undefined) list?.push(friend);
        }
      }
      return lists;
    },

    /** In the order of the pairs; null where the two are not friends now. */
    async loadRelations(pairs: readonly FriendPair[]): Promise<(Friend | null)[]> {
      const { rows } = await pool.query<FriendRow & { readonly place: string }>(RELATIONS, [
        pairs.map(({ viewerId }) => viewerId),
        pairs.map(({ friendId }) => friendId),
      ]);
      const relations = new Array<Friend | null>(pairs.length).fill(null);
      for (const row of rows) relations[Number(row.place) - 1] = friendOf(row);
      return relations;
    },
  };
}

export type FriendReader = ReturnType<typeof createFriendReader>;

export interface FriendPair {
  readonly viewerId: string;
  readonly friendId: string;
}

/** A viewer's friends as one text of ids end to end: a tenth of what a row for each friendship costs to read. */
const FRIEND_IDS = `
  SELECT user_id, string_agg(friend_id::text, '') AS friend_ids
    FROM friendships WHERE user_id = ANY ($1::uuid[]) GROUP BY user_id`;

const UUID_LENGTH = 36;

const COLUMNS = `
  users.id, handle, display_name, sharing_enabled,
  (extract(epoch FROM sharing_until) * 1000)::float8 AS sharing_until_ms`;

const FRIENDS = `
  SELECT ${COLUMNS} FROM users
   WHERE id IN (SELECT friend_id FROM friendships WHERE user_id = ANY ($1::uuid[]))`;

const RELATIONS = `
  SELECT ${COLUMNS}, place
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS pair (viewer, friend, place)
    JOIN friendships ON user_id = viewer AND friend_id = friend
    JOIN users ON users.id = friend`;

interface FriendIdsRow {
  readonly user_id: string;
  readonly friend_ids: string;
}

interface FriendRow {
  readonly id: string;
  readonly handle: string;
  readonly display_name: string;
  readonly sharing_enabled: boolean;
  readonly sharing_until_ms: number | null;
}

function friendOf(row: FriendRow): Friend {
  return {
    card: { id: row.id, handle: row.handle, displayName: row.display_name },
    sharing: { enabled: row.sharing_enabled, untilMs: row.sharing_until_ms },
  };
}
