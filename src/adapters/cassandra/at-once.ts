import pLimit from 'p-limit';

/**
 * Does the same for many items, for `most` at once. After a failure nothing is begun any more, and when it rejects
 * nothing is under way: what held others back meanwhile can be let go.
 */
export function atOnce(most: number): Each {
  const limit = pLimit(most);
  return async (items, work) => {
    const failures: unknown[] = [];
    const all = items.map((item) =>
      limit(async () => {
        if (failures.length > 0) return undefined;
        return work(item).catch((error: unknown) => void failures.push(error));
      }),
    );
    const results = await Promise.all(all);
    if (failures.length > 0) throw failures[0];
    return results as Awaited<ReturnType<typeof work>>[];
  };
}

export type Each = <T, R>(items: readonly T[], work: (item: T) => Promise<R>) => Promise<R[]>;
