/** Rows with the columns that their statement selects, which the driver's types do not know. */
import type { types } from 'cassandra-driver';

/** Those of the first page, which is the only one unless there are thousands. */
export function rowsOf<Row>(result: types.ResultSet): readonly Row[] {
  const rows: unknown = result.rows;
  return rows as readonly Row[];
}

/** Reads the pages that follow, too. */
export async function allRowsOf<Row>(result: types.ResultSet): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of result as AsyncIterable<unknown>) all.push(row as Row);
  return all;
}
