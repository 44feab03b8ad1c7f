/**
 * Judges what Cassandra and its driver throw. What the cluster says becomes a DomainError 'unavailable': also that it
 * knows no such table, as on a node that has not heard of it yet. A value that the driver does not take is a defect.
 */
import { DomainError } from '../../domain/errors.js';

/** Makes the methods of a store reject with a DomainError, or with a defect. */
export function clusterStore<Store extends Methods<Store>>(store: Store): Store {
  const methods = Object.entries<(...args: never[]) => Promise<unknown>>(store).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      try {
        return await method(...args);
      } catch (error) {
        throw isDefect(error) ? error : unavailable(error);
      }
    },
  ]);
  return Object.fromEntries(methods) as Store;
}

/** Whether it is a value that will never be taken. */
export const isRefused = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError;

type Methods<Store> = Record<keyof Store, (...args: never[]) => Promise<unknown>>;

function isDefect(error: unknown): boolean {
  return isRefused(error) || error instanceof DomainError || error instanceof ReferenceError;
}

function unavailable(cause: unknown): DomainError {
  return new DomainError('unavailable', 'The server cannot do this now. Try again later.', { cause });
}
