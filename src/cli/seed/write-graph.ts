/**
 * Makes the missing users and friendships of a graph, and a session for each user, in one transaction of a
 * few statements. It keeps the rules: users who blocked each other do not become friends, and nobody gets too
 * many friends.
 */
import type pg from 'pg';
import { MAX_FRIENDS } from '../../domain/friendship.js';
import { CommandError } from '../command-error.js';
import type { Graph } from './read-graph.js';

/**
 * @param nowMs when the sessions begin.
 * @param beforeCommit receives all users of the graph by ascending number; when it rejects, nothing is made.
 * @throws CommandError when somebody would have too many friends.
 */
export async function writeGraph(
  pool: pg.Pool,
  graph: Graph,
  { newId, nowMs }: { readonly newId: () => string; readonly nowMs: number },
  beforeCommit: (users: readonly SeededUser[]) => Promise<void>,
): Promise<Added> {
  const handles = graph.numbers.map(handleOf);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const created = await client.query<{ id: string }>(CREATE_USERS, [
      handles.map(() => newId()),
      handles,
      graph.numbers.map((number) => `User ${number}`),
    ]);
    const { rows } = await client.query<{ id: string; handle: string }>(LOCK_USERS, [handles]);
    const idOfHandle = new Map(rows.map(({ id, handle }) => [handle, id]));
    const idOf = (number: number): string => idOfHandle.get(handleOf(number)) ?? missing(number);

    const newIds = new Set(created.rows.map(({ id }) => id));
    const befriended = await client.query<{ count: number }>(BEFRIEND, [
      graph.pairs.map(([low]) => idOf(low)),
      graph.pairs.map(([, high]) => idOf(high)),
      rows.map(({ id }) => id).filter((id) => !newIds.has(id)),
    ]);
    await checkFriendLimit(client, [...idOfHandle.values()]);

    const users = graph.numbers.map((number) => ({ number, userId: idOf(number), sessionId: newId() }));
    await client.query(CREATE_SESSIONS, [
      users.map(({ sessionId }) => sessionId),
      users.map(({ userId }) => userId),
      new Date(nowMs),
    ]);
    await beforeCommit(users);
    await client.query('COMMIT');
    return { users: newIds.size, friendships: (befriended.rows[0]?.count ?? 0) / 2 };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

export interface SeededUser {
  readonly number: number;
  readonly userId: string;
  readonly sessionId: string;
}

export interface Added {
  readonly users: number;
  readonly friendships: number;
}

/** Returns the handle of a user, with at least three digits: u007. */
function handleOf(number: number): string {
  return `u${String(number).padStart(3, '0')}`;
}

const CREATE_USERS = `
  INSERT INTO users (id, handle, display_name)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
  ON CONFLICT (handle) DO NOTHING RETURNING id`;

/**
 * Locks in the order in which every change of a pair locks its users, so that this never deadlocks with a
 * server.
 */
const LOCK_USERS = 'SELECT id, handle FROM users WHERE handle = ANY ($1) ORDER BY id FOR NO KEY UPDATE';

/**
 * Notifies the users who existed before ($3), as they may be connected, and accepts requests between new
 * friends.
 */
const BEFRIEND = `
  WITH pair AS (
    SELECT a, b FROM unnest($1::uuid[], $2::uuid[]) AS pair (a, b)
     WHERE NOT EXISTS (SELECT FROM blocks WHERE (blocker_id, blocked_id) IN ((a, b), (b, a)))
  ), made AS (
    INSERT INTO friendships (user_id, friend_id)
    SELECT a, b FROM pair UNION ALL SELECT b, a FROM pair
    ON CONFLICT DO NOTHING RETURNING user_id, friend_id
  ), accepted AS (
    UPDATE friend_requests SET status = 'ACCEPTED'
      FROM made WHERE status = 'PENDING' AND from_id = user_id AND to_id = friend_id
  ), notified AS (
    INSERT INTO outbox_notices (user_id, notice)
    SELECT user_id, jsonb_build_object('kind', 'relation', 'friendId', friend_id)
      FROM made WHERE user_id = ANY ($3::uuid[])
  )
  SELECT count(*)::int AS count FROM made`;

const CREATE_SESSIONS = `
  INSERT INTO auth_sessions (id, user_id, created_at)
  SELECT id, user_id, $3 FROM unnest($1::uuid[], $2::uuid[]) AS session (id, user_id)`;

async function checkFriendLimit(client: pg.PoolClient, userIds: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ handle: string }>(
    `SELECT handle FROM users WHERE id = ANY ($1)
        AND (SELECT count(*) FROM friendships WHERE user_id = users.id) > $2 LIMIT 1`,
    [userIds, MAX_FRIENDS],
  );
  const [crowded] = rows;
  if (crowded !== undefined) {
    throw new CommandError(`${crowded.handle} would have more than ${MAX_FRIENDS} friends.`);
  }
}

function missing(number: number): never {
  throw new Error(`User ${number} was neither made nor found`);
}
