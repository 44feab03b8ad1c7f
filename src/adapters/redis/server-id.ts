import { randomBytes } from 'node:crypto';

/** Names one start of a server in what it tries on Redis. */
export const newServerId = (): string => randomBytes(6).toString('base64url');
