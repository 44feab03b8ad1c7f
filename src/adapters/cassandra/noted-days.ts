/** Lists all users' days that may have locations, for a command that looks at the whole history. */
import type { Client, types } from 'cassandra-driver';
import { type Day, dayFrom } from './days.js';
import { judged } from './failures.js';

/**
 * In no order of users; those of one user come together.
 * @throws DomainError 'unavailable' when Cassandra does not answer.
 */
export async function* notedDays(client: Client): AsyncGenerator<{ userId: string; day: Day }> {
  try {
    const result = await client.execute('SELECT user_id, day FROM location_days');
    for await (const row of result as AsyncIterable<unknown>) {
      const { user_id: userId, day } = row as { user_id: types.Uuid; day: types.LocalDate };
      yield { userId: userId.toString(), day: dayFrom(day) };
    }
  } catch (error) {
    throw judged(error);
  }
}
