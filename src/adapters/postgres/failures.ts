/**
 * Judges what PostgreSQL, pg and Prisma throw, by kind and in this one place. What the database may recover
 * from, and whatever is not known, becomes a DomainError 'unavailable'. A statement or a value of ours that
 * PostgreSQL refuses stays as it is: a defect.
 */
import pg from 'pg';
import { DomainError } from '../../domain/errors.js';
import type { Clock } from '../../time/clock.js';
import { within } from '../../time/within.js';
import { Prisma } from './generated/client.js';

/**
 * Makes the methods of a store reject with a DomainError, or with a defect.
 * @param clock limits each call to ten seconds; what it asked for may still be done. Default: no limit.
 */
export function databaseStore<Store extends Methods<Store>>(store: Store, clock?: Clock): Store {
  const methods = Object.entries<(...args: never[]) => Promise<unknown>>(store).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      try {
        const work = method(...args);
        return clock === undefined ? await work : await inTime(clock, work);
      } catch (error) {
        throw isDefect(error) ? error : unavailable(error);
      }
    },
  ]);
  return Object.fromEntries(methods) as Store;
}

const ANSWER_TIMEOUT_MS = 10_000;
const LATE = Symbol('late');

type Methods<Store> = Record<keyof Store, (...args: never[]) => Promise<unknown>>;

/**
 * The classes of SQLSTATE (PostgreSQL's documentation, appendix A) in which a statement or its values are at
 * fault: case not found, cardinality violation, data exception, integrity constraint violation, syntax error or
 * access rule violation, WITH CHECK OPTION violation, PL/pgSQL error. All others speak of the connection, the
 * server, its state, or other transactions.
 */
const OUR_FAULT = /^(20|21|22|23|42|44|P0)/;
/**
 * Somebody took a right away and can give it back, or a name is not there that was there at the start: a table, a
 * column, a function, another object, as in the wrong database behind a failover, or while a newer version
 * migrates. Or a statement's name is taken on the connection that a pooler gave us.
 */
const NOT_OURS = ['42501', '42P01', '42703', '42883', '42704', '42P05'];

/** Prisma's own answer where no row is, without PostgreSQL's. */
const NOT_FOUND = 'P2025';

async function inTime(clock: Clock, work: Promise<unknown>): Promise<unknown> {
  const result = await within(clock, ANSWER_TIMEOUT_MS, work, LATE);
  if (result === LATE) throw new Error('PostgreSQL has not answered within 10 s');
  return result;
}

function isDefect(error: unknown): boolean {
  if (error instanceof DomainError) return true;
  const sqlState = sqlStateOf(error);
  if (sqlState !== null) return OUR_FAULT.test(sqlState) && !NOT_OURS.includes(sqlState);
  if (error instanceof Prisma.PrismaClientKnownRequestError) return error.code === NOT_FOUND;
  if (error instanceof Prisma.PrismaClientValidationError) return true;
  // The drivers throw plain errors, or classes of their own, for what they meet outside.
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
}

/** Finds PostgreSQL's code in an error of pg, or in what Prisma and its adapter made of one. */
function sqlStateOf(error: unknown): string | null {
  if (error instanceof pg.DatabaseError) return error.code ?? null;
  if (!(error instanceof Error)) return null;
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    return sqlStateOf(error.meta?.['driverAdapterError']);
  }
  // The cause of a DriverAdapterError is no Error.
  const { cause } = error;
  if (typeof cause !== 'object' || cause === null) return null;
  if (!('originalCode' in cause)) return sqlStateOf(cause);
  return typeof cause.originalCode === 'string' ? cause.originalCode : null;
}

function unavailable(cause: unknown): DomainError {
  return new DomainError('unavailable', 'The server cannot do this now. Try again later.', { cause });
}
