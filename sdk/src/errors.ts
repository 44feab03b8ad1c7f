/** One kind of error for whatever an operation can fail with. */

export class NearbyFriendsError extends Error {
  override readonly name = 'NearbyFriendsError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same call may succeed later. */
  get isTransient(): boolean {
    return TRANSIENT.includes(this.code);
  }
}

/** The first of a GraphQL answer's errors. */
export function answeredError([first]: readonly AnsweredError[]): NearbyFriendsError {
  const code = first?.extensions?.code;
  return new NearbyFriendsError(
    typeof code === 'string' ? (code as ErrorCode) : 'INTERNAL_SERVER_ERROR',
    first?.message ?? 'The server answered without saying what is wrong.',
  );
}

export function unreachable(cause: unknown): NearbyFriendsError {
  return new NearbyFriendsError('UNREACHABLE', 'The server could not be reached.', { cause });
}

export function signedOut(cause?: unknown): NearbyFriendsError {
  return new NearbyFriendsError('SIGNED_OUT', 'The session has ended. Sign in again.', { cause });
}

/**
 * The codes of the API (docs/protocol.md); `UNREACHABLE` when there was no answer, `SIGNED_OUT` when the session ended
 * and somebody has to sign in.
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
  | 'SIGNED_OUT';

/** What a GraphQL answer says of an error. */
interface AnsweredError {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown } | undefined;
}

/** Codes after which the same call may succeed later. */
const TRANSIENT: readonly ErrorCode[] = [
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'UNREACHABLE',
];
