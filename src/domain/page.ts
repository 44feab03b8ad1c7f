import { DomainError } from './errors.js';

/** The most rows of one page; a larger `first` is refused, not cut. */
export const MAX_PAGE_SIZE = 1_000;

/** One page of a list, in the order of the list; each item with the cursor that continues after it. */
export interface Page<T> {
  readonly items: readonly { readonly cursor: string; readonly node: T }[];
  readonly hasNextPage: boolean;
  /** Whether rows may lie before the page: it was asked for with a cursor (Relay cursor connections). */
  readonly hasPreviousPage: boolean;
}

/** @throws DomainError 'invalid' unless `first` is a whole number from 0 to MAX_PAGE_SIZE. */
export function checkPageSize(first: number): number {
  if (!Number.isInteger(first) || first < 0 || first > MAX_PAGE_SIZE) {
    throw new DomainError('invalid', `first must be from 0 to ${MAX_PAGE_SIZE}.`);
  }
  return first;
}

/** Cuts `rows`, read with a limit of `first + 1`, to a page. */
export function toPage<R, T>(
  rows: readonly R[],
  first: number,
  after: string | null | undefined,
  cursorOf: (row: R) => string,
  nodeOf: (row: R) => T,
): Page<T> {
  return {
    items: rows.slice(0, first).map((row) => ({ cursor: cursorOf(row), node: nodeOf(row) })),
    hasNextPage: rows.length > first,
    hasPreviousPage: after != null,
  };
}
