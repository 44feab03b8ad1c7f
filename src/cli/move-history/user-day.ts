import { type Day, textOf } from '../../adapters/cassandra/days.js';

/** Names a user's day for the operator. */
export const userDay = (userId: string, day: Day): string => `user ${userId} on ${textOf(day)}`;
