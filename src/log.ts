/**
 * The structured log: one JSON object per line, to standard output unless a destination is given. Credentials
 * and coordinates are redacted in the first three levels of a logged object. Of an error only the message,
 * the stack and the code are logged.
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
  // Without a `minLength` a flush does not wait. Every line is longer than one character, so none is held
  // back.
  return pino(options, destination ?? pino.destination({ sync: false, minLength: 1 }));
}

/**
 * Resolves when all lines are written, or when they cannot be because the reader is gone. To be called before
 * the process exits: pino writes the remaining lines at exit, and sonic-boom 4 tries that for ever on a pipe
 * that nobody reads.
 */
export function flushLog(log: Log): Promise<void> {
  return new Promise((resolve) => {
    log.flush(() => {
      resolve();
    });
  });
}

export type Log = Logger;

/** Identifies the lines about one HTTP request, or about one WebSocket among the lines of one process. */
export type LogIds = { readonly requestId: string } | { readonly connectionId: number };

/** Logs an operation that failed through no fault of the client. */
export type ReportFailure = (error: unknown, ids: LogIds | null) => void;

/**
 * Drops other properties: errors of PostgreSQL carry whole rows (`detail`, `where`), those of clients carry
 * requests.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, code: codeOf(error) ?? codeOf(error.cause) };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
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
