/** Rows with the columns that their statement selects, which the driver's types do not know. */
import type { types } from 'cassandra-driver';
import { roundMotion } from '../../domain/rounding.js';

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

/** What a device said of where it was, as Cassandra keeps it. */
export interface Contents {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy_meters: number | null;
  readonly speed_meters_per_second: number | null;
  readonly heading_degrees: number | null;
}

/** The number of which a float has been made. */
export const motionOf = (value: number | null): number | undefined =>
  value === null ? undefined : roundMotion(value);
