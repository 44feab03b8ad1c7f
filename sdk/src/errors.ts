/** The one kind of error with which an operation fails, whatever the cause. */

export class NearbyFriendsError extends Error {
  override readonly name = 'NearbyFriendsError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions & {
      readonly indexes?: readonly number[];
      readonly retryAfterSeconds?: number | undefined;
    },
  ) {
    super(message, options);
    this.indexes = options?.indexes ?? [];
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
  }

  /** The places of the items that the server refused in a list of inputs, from 0; empty where there is no list. */
  readonly indexes: readonly number[];
  /** After how many seconds the same call may succeed, with 'RATE_LIMITED'; null when the server did not say. */
  readonly retryAfterSeconds: number | null;

  /** The first of `indexes`; null where there is none. */
  get index(): number | null {
    return this.indexes[0] ?? null;
  }

  /** True when the same call may succeed later. */
  get isTransient(): boolean {
    return TRANSIENT.includes(this.code);
  }
}

/** Converts the errors of a GraphQL answer. The first one decides. */
export function answeredError([first]: readonly AnsweredError[]): NearbyFriendsError {
  const { code, index, indexes = [index], retryAfterSeconds } = first?.extensions ?? {};
  return new NearbyFriendsError(
    typeof code === 'string' ? (code as ErrorCode) : 'INTERNAL_SERVER_ERROR',
    first?.message ?? 'The server gave no reason.',
    {
      indexes: Array.isArray(indexes) ? indexes.filter(isNumber) : [],
      retryAfterSeconds: isNumber(retryAfterSeconds) ? retryAfterSeconds : undefined,
    },
  );
}

export function unreachable(cause: unknown): NearbyFriendsError {
  return new NearbyFriendsError('UNREACHABLE', 'The server could not be reached.', { cause });
}

/**
 * Converts what neither the server nor the network caused: the platform lacks a function, an argument cannot
 * be sent, or the client has a fault. A NearbyFriendsError stays as it is.
 */
export function clientError(cause: unknown): NearbyFriendsError {
  if (cause instanceof NearbyFriendsError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NearbyFriendsError('CLIENT_ERROR', `The client failed: ${reason}`, { cause });
}

export function signedOut(cause?: unknown): NearbyFriendsError {
  return new NearbyFriendsError('SIGNED_OUT', 'The session has ended. Sign in again.', { cause });
}

/**
 * The codes of the API (docs/protocol.md) and three of the client's own: `UNREACHABLE` when there was no
 * answer, `SIGNED_OUT` when the session has ended and the user has to sign in again, and `CLIENT_ERROR` when
 * the client itself failed, as on a platform that lacks a function. The cause is in `cause`.
 */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR'
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'UNREACHABLE'
  | 'SIGNED_OUT'
  | 'CLIENT_ERROR';

/** An error as it stands in a GraphQL answer. */
interface AnsweredError {
  readonly message: string;
  readonly extensions?: Readonly<Partial<Record<string, unknown>>> | undefined;
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** The codes after which the same call may succeed later. */
const TRANSIENT: readonly ErrorCode[] = [
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'UNREACHABLE',
];
