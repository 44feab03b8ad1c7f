/** Users and friendships, read from the project's own tables. */
import type pg from 'pg';

export interface Person {
  readonly id: string;
  readonly handle: string;
  readonly displayName: string;
}

export type People = ReturnType<typeof createPeople>;

export function createPeople(pool: pg.Pool) {
  return {
    async find(userId: string): Promise<Person | null> {
      const { rows } = await pool.query<Person>(
        'SELECT id, handle, display_name AS "displayName" FROM users WHERE id = $1',
        [userId],
      );
      return rows[0] ?? null;
    },

    async friendsOf(userId: string): Promise<Person[]> {
      const { rows } = await pool.query<Person>(
        `SELECT users.id, handle, display_name AS "displayName"
           FROM friendships JOIN users ON users.id = friend_id
          WHERE user_id = $1`,
        [userId],
      );
      return rows;
    },
  };
}
