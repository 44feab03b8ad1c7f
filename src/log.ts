/**
 * The structured logger: one JSON object a line, to standard output unless a destination is given. Credentials and
 * coordinates are blotted out down to the third level of what is logged; of an error there is its text, its stack and
 * its code, nothing else that it carries.
 */
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './config.js';

export function createLogger(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: serializeError },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
  };
  // Without a `minLength` a flush would not wait for anything; every line is longer than one character.
  return pino(options, destination ?? pino.destination({ sync: false, minLength: 1 }));
}

/**
 * Resolves when what was logged has left, or when it can't because whoever read it is gone. For the end of a process:
 * at its exit pino writes what is left, and sonic-boom 4 would try that for ever on a pipe that nobody reads.
 */
export function flushLog(log: Log): Promise<void> {
  return new Promise((resolve) => {
    log.flush(() => {
      resolve();
    });
  });
}

export type Log = Logger;

/** By what the lines about one HTTP request or one WebSocket are found, the latter among those of one process. */
export type LogIds = { readonly requestId: string } | { readonly connectionId: number };

/** Logs that an operation failed by no fault of the client. */
export type ReportFailure = (error: unknown, ids: LogIds | null) => void;

/** PostgreSQL's errors carry whole rows (`detail`, `where`), those of clients what they were to send. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, code: 'code' in error ? error.code : undefined };
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
