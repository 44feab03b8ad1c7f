import { badRow, readCsv } from '../read-csv.js';

/** @throws CommandError naming the line, for whatever is not a pair of two different whole numbers. */
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

/** Users by number, and who is whose friend: each pair once, the smaller number first. */
export interface Graph {
  /** Ascending. */
  readonly numbers: readonly number[];
  readonly pairs: readonly (readonly [number, number])[];
}
