/**
 * The structured log: one JSON object per line, to standard output unless a destination is given. Credentials
 * and coordinates are redacted in the first three levels of a logged object. Of an error only the type, the
 * message, the stack and the code are logged, and no message that may repeat what somebody sent.
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
export function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const type = error.constructor.name || error.name;
  const code = codeOf(error) ?? codeOf(error.cause);
  const cause = error.cause instanceof Error ? serializeError(error.cause) : undefined;
  if (repeatsValues(error)) return { type, stack: framesOf(error), code, cause };
  return { type, message: error.message, stack: error.stack, code, cause };
}

/**
 * Whether the message may repeat a value that the code was given: of parsers, "Unexpected token 'l', "l55.12"… is not
 * valid JSON"; of V8 itself, "Iterator value 55.12 is not an entry object"; of Node and PostgreSQL, arguments and
 * values that they can't take; of Redis, arguments of a command that it does not know.
 */
function repeatsValues(error: Error): boolean {
  if (V8_ERRORS.some((type) => error instanceof type) || PARSER_ERRORS.includes(error.name)) return true;
  const code = codeOf(error);
  if (typeof code === 'string' && (code.startsWith('ERR_') || /^22...$/.test(code))) return true;
  return error.name === 'ReplyError' && error.message.includes('with args');
}

const V8_ERRORS = [SyntaxError, TypeError, RangeError, ReferenceError, URIError, EvalError];
const PARSER_ERRORS = ['GraphQLError', 'ZodError', '$ZodError', 'PrismaClientValidationError'];

/** The stack without the message before it, which may have several lines. */
function framesOf({ message, stack = '' }: Error): string {
  const end = message === '' ? 0 : stack.indexOf(message);
  const frames = end < 0 ? '' : stack.slice(end + message.length);
  return frames.slice(frames.indexOf('\n') + 1);
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
  'speedMetersPerSecond',
  'headingDegrees',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
