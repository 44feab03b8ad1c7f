/** Prisma's client on the server's one pool. It leaves closing the pool to the pool's owner. */
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { Prisma, PrismaClient } from './generated/client.js';

export type { PrismaClient };

/** @param schema of the tables. Default: public. */
export function createPrisma(pool: pg.Pool, schema = 'public'): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg(pool, { schema, disposeExternalPool: false }),
    // Many callers may change the same two users at once. They wait for a connection and then for the row
    // lock.
    transactionOptions: { maxWait: 10_000, timeout: 10_000 },
  });
}

/** Returns true when a write failed because a unique value is taken. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}

/** The columns of a UserCard. */
export const CARD = { id: true, handle: true, displayName: true } as const;

export type Transaction = Prisma.TransactionClient;
