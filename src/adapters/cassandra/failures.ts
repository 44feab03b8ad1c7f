/**
 * Judges what Cassandra and its driver throw. What the cluster may recover from becomes a DomainError 'unavailable'; a
 * statement or a value of ours that Cassandra refuses stays as it is: a defect.
 */
import { errors, types } from 'cassandra-driver';
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

/** Whether Cassandra will never take the value or the statement. */
export function isRefused(error: unknown): boolean {
  const cause = error instanceof DomainError ? error.cause : error;
  if (cause instanceof TypeError || cause instanceof RangeError) return true;
  return cause instanceof errors.ResponseError && REFUSED.includes(cause.code);
}

type Methods<Store> = Record<keyof Store, (...args: never[]) => Promise<unknown>>;

const REFUSED: readonly number[] = [types.responseErrorCodes.syntaxError, types.responseErrorCodes.invalid];

function isDefect(error: unknown): boolean {
  return error instanceof DomainError || error instanceof ReferenceError || isRefused(error);
}

function unavailable(cause: unknown): DomainError {
  return new DomainError('unavailable', 'The server cannot do this now. Try again later.', { cause });
}
