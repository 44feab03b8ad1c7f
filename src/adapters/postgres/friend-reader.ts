/**
 * Reads friendships for live lists, for many viewers at a time. A friend of several viewers is one object,
 * even across reads: ten thousand viewers with four hundred friends each hold references to shared cards, not
 * copies.
 */
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { Friend } from '../../domain/friendship.js';
import type { LocationPrecision, Sharing, SharingException } from '../../domain/sharing.js';
import type { FriendIds } from '../../services/friend-relations.js';
import { named } from './prepared.js';

export function createFriendReader(pool: pg.Pool, nameStatement = named) {
  const cache = new LRUCache<string, Friend>({ max: MAX_KNOWN_FRIENDS });

  /** @param id the row's, as a text that is kept in any case. */
  function friendOf(row: FriendRow, id = row.id): Friend {
    const known = cache.get(id);
    if (known !== undefined && isSame(known, row)) return known;
    const friend: Friend = {
      card: { id, handle: row.handle, displayName: row.display_name },
      sharing: isSameSharing(AS_AT_FIRST, row) ? AS_AT_FIRST : sharingOf(row),
      exception: null,
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
      for (const row of rows) {
        if (row.friend_ids === null) continue;
        const list = lists.get(row.id);
        const exceptions = new Map(
          row.exceptions?.map(({ friendId, ...exception }) => [friendId, exception]),
        );
        for (let at = 0; at < row.friend_ids.length; at += UUID_LENGTH) {
          const friend = friends.get(row.friend_ids.slice(at, at + UUID_LENGTH));
          if (friend !== undefined) list?.push(withException(friend, exceptions.get(friend.card.id)));
        }
      }
      return lists;
    },

    /** Resolves to the ids of each viewer's friends, in no order. */
    async loadFriendIds(viewerIds: readonly string[]): Promise<FriendIds[]> {
      const { rows } = await pool.query<FriendIds & { readonly id: string }>({
        name: nameStatement('load-friend-ids'),
        text: FRIEND_IDS,
        values: [viewerIds],
      });
      const lists = new Map(
        rows.map(({ id, all, approximate }) => [id, { all, approximate: approximate ?? [] }]),
      );
      return viewerIds.map((viewerId) => lists.get(viewerId) ?? { all: [], approximate: [] });
    },

    /** Resolves to the friend of each pair, in the order of the pairs; null where the two are not friends. */
    async loadRelations(pairs: readonly FriendPair[]): Promise<(Friend | null)[]> {
      const { rows } = await pool.query<RelationRow>(RELATIONS, [
        pairs.map(({ viewerId }) => viewerId),
        pairs.map(({ friendId }) => friendId),
      ]);
      const relations = new Array<Friend | null>(pairs.length).fill(null);
      for (const row of rows) {
        const place = Number(row.place) - 1;
        relations[place] = withException(friendOf(row, pairs[place]?.friendId), row.exception);
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
  readonly exceptions: readonly (SharingException & { readonly friendId: string })[] | null;
}

interface RelationRow extends FriendRow {
  readonly place: string;
  readonly exception: SharingException | null;
}

interface FriendRow {
  readonly id: string;
  readonly handle: string;
  readonly display_name: string;
  readonly sharing_enabled: boolean;
  readonly sharing_until_ms: number | null;
  readonly sharing_max_radius_meters: number | null;
  readonly sharing_precision: LocationPrecision;
  readonly friend_ids: null;
}

const MAX_KNOWN_FRIENDS = 200_000;
const UUID_LENGTH = 36;

const COLUMNS = `
  users.id, handle, display_name, sharing_enabled,
  (extract(epoch FROM sharing_until) * 1000)::float8 AS sharing_until_ms,
  sharing_max_radius_meters, sharing_precision`;

const EXCEPTION = `'enabled', exception_enabled, 'precision', exception_precision,
  'untilMs', (extract(epoch FROM exception_until) * 1000)::float8`;

/**
 * Selects a row for each user who is a friend of some viewer, and a row for each viewer with all friends' ids
 * joined in one text. Reading that text costs a tenth of reading a row for each friendship.
 */
const FRIENDS = `
  WITH pairs AS (SELECT * FROM friendships WHERE user_id = ANY ($1::uuid[]))
  SELECT ${COLUMNS}, NULL AS friend_ids, NULL::json AS exceptions
    FROM users WHERE id IN (SELECT friend_id FROM pairs)
  UNION ALL
  SELECT user_id, NULL, NULL, NULL, NULL, NULL, NULL, string_agg(friend_id::text, ''),
         json_agg(json_build_object('friendId', friend_id, ${EXCEPTION})) FILTER (WHERE exception_enabled IS NOT NULL)
    FROM pairs GROUP BY user_id`;

/** As JSON: an id that is cut out of a text keeps the whole text in memory. */
const FRIEND_IDS = `
  SELECT user_id AS id, json_agg(friend_id) AS "all",
         json_agg(friend_id) FILTER (WHERE exception_precision = 'APPROXIMATE' OR users.id IS NOT NULL) AS approximate
    FROM friendships LEFT JOIN users ON users.id = friend_id AND sharing_precision = 'APPROXIMATE'
   WHERE user_id = ANY ($1::uuid[]) GROUP BY user_id`;

const RELATIONS = `
  SELECT ${COLUMNS}, NULL AS friend_ids, place,
         CASE WHEN exception_enabled IS NOT NULL THEN json_build_object(${EXCEPTION}) END AS exception
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS pair (viewer, friend, place)
    JOIN friendships ON user_id = viewer AND friend_id = friend
    JOIN users ON users.id = friend`;

function isSame({ card, sharing }: Friend, row: FriendRow): boolean {
  return card.handle === row.handle && card.displayName === row.display_name && isSameSharing(sharing, row);
}

const isSameSharing = (sharing: Sharing, row: FriendRow): boolean =>
  sharing.enabled === row.sharing_enabled &&
  sharing.untilMs === row.sharing_until_ms &&
  sharing.maxRadiusMeters === row.sharing_max_radius_meters &&
  sharing.precision === row.sharing_precision;

const sharingOf = (row: FriendRow): Sharing => ({
  enabled: row.sharing_enabled,
  untilMs: row.sharing_until_ms,
  maxRadiusMeters: row.sharing_max_radius_meters,
  precision: row.sharing_precision,
});

/** Most users share so: they share one object. */
const AS_AT_FIRST: Sharing = { enabled: true, untilMs: null, maxRadiusMeters: null, precision: 'EXACT' };

/** Exceptions are rare: only who has one is another object for this viewer. */
const withException = (friend: Friend, exception: SharingException | null | undefined): Friend =>
  exception == null ? friend : { ...friend, exception };
