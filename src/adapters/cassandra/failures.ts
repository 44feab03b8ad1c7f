/**
 * Judges what Cassandra and its driver throw. What the cluster says becomes a DomainError 'unavailable': also that it
 * knows no such table, as on a node that has not heard of it yet. A value that the driver does not take is a defect.
 */
import { errors } from 'cassandra-driver';
import { DomainError } from '../../domain/errors.js';

/** Makes the methods of a store reject with a DomainError, or with a defect. */
export function clusterStore<Store extends Methods<Store>>(store: Store): Store {
  const methods = Object.entries<(...args: never[]) => Promise<unknown>>(store).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      try {
        return await method(...args);
      } catch (error) {
        throw judged(error);
      }
    },
  ]);
  return Object.fromEntries(methods) as Store;
}

/** A DomainError 'unavailable' for what the cluster said; a defect as it is. */
export const judged = (error: unknown): unknown => (isDefect(error) ? error : unavailable(error));

/** Whether it is a value that will never be taken. */
export const isRefused = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError;

/** What each node said, where the driver has tried several. */
export function causesOf(error: unknown): readonly unknown[] {
  const ofNodes: unknown = error instanceof errors.NoHostAvailableError ? error.innerErrors : null;
  return typeof ofNodes === 'object' && ofNodes !== null ? Object.values<unknown>({ ...ofNodes }) : [error];
}

/** The same in one line, without a full stop. */
export function wordsOf(error: unknown): string {
  const words = causesOf(error).map((cause) => (cause instanceof Error ? cause.message : String(cause)));
  return words.join('; ').replace(/\.$/, '');
}

type Methods<Store> = Record<keyof Store, (...args: never[]) => Promise<unknown>>;

function isDefect(error: unknown): boolean {
  return isRefused(error) || error instanceof DomainError || error instanceof ReferenceError;
}

function unavailable(cause: unknown): DomainError {
  return new DomainError('unavailable', 'The server cannot do this now. Try again later.', { cause });
}
