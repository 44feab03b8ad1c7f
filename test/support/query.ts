/** Looks behind the API, or changes what only time would. */
import pg from 'pg';

export async function query<Row extends pg.QueryResultRow>(
  { url }: { readonly url: string },
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Lets time pass for refresh tokens that were used. */
export async function ageUsedTokens(database: { readonly url: string }, seconds: number): Promise<void> {
  await query(database, 'UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $1)', [seconds]);
}
