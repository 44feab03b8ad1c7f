/**
 * Counts the history rows that a server holds, so that it refuses rows when it holds too many, and rows of one user
 * when that user has taken their share. Otherwise one user could fill it while the database is away.
 */
import { DomainError } from '../domain/errors.js';

export function createHeldRows({ maxRows, maxRowsPerUser, meter }: HeldRowsOptions) {
  const ofUser = new Map<string, number>();
  let size = 0;

  return {
    /** @throws DomainError 'unavailable', and counts none, when there is no room for so many rows of the user. */
    add(userId: string, rows: number): void {
      const held = ofUser.get(userId) ?? 0;
      if (size + rows > maxRows) meter.full();
      else if (held + rows > maxRowsPerUser) meter.fullForUser();
      else {
        ofUser.set(userId, held + rows);
        size += rows;
        return;
      }
      throw new DomainError('unavailable', 'The location history is not available now. Try again later.');
    },

    removeOne(userId: string): void {
      const left = (ofUser.get(userId) ?? 0) - 1;
      if (left > 0) ofUser.set(userId, left);
      else ofUser.delete(userId);
      size -= 1;
    },

    get size() {
      return size;
    },
  };
}

export interface HeldRowsMeter {
  /** Rows were refused, since the server holds too many. */
  full(): void;
  /** Rows were refused, since their user has as many waiting as one user may. */
  fullForUser(): void;
}

interface HeldRowsOptions {
  readonly maxRows: number;
  readonly maxRowsPerUser: number;
  readonly meter: HeldRowsMeter;
}
