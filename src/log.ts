import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './config.js';

export type Log = Logger;

/**
 * The structured logger: one JSON object a line, to standard output unless a destination is given. Credentials and
 * coordinates are blotted out down to the third level of what is logged.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const REDACTED_PATHS = [
  'authorization',
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'latitude',
  'longitude',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
