/** Reads the friendships that `npm run seed` makes. */
import { badRow, readCsv } from '../read-csv.js';

/**
 * Reads a file `user_a,user_b` with a header line.
 * @throws CommandError with the line of a row that is not a pair of two different whole numbers.
 */
export async function readGraph(path: string): Promise<Graph> {
  const numbers = new Set<number>();
  const pairs = new Map<string, readonly [number, number]>();
  for (const { line, cells } of await readCsv(path, ['user_a', 'user_b'])) {
    const [a = NaN, b = NaN] = cells.map((cell) => (/^\d{1,15}$/.test(cell) ? Number(cell) : NaN));
    if (Number.isNaN(a) || Number.isNaN(b))
      throw badRow(path, line, 'not two whole numbers of 15 digits at most');
    if (a === b) throw badRow(path, line, `user ${a} is paired with itself`);
    numbers.add(a).add(b);
    const [low, high] = a < b ? [a, b] : [b, a];
    pairs.set(`${low},${high}`, [low, high]);
  }
  return { numbers: [...numbers].sort((a, b) => a - b), pairs: [...pairs.values()] };
}

/** Users by number and their friendships: each pair once, with the smaller number first. */
export interface Graph {
  /** In ascending order. */
  readonly numbers: readonly number[];
  readonly pairs: readonly (readonly [number, number])[];
}
