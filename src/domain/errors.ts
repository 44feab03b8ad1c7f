/**
 * The one class of errors that clients see with their text, which holds no coordinates, tokens or SQL. Any
 * other error that is thrown is a defect and reaches clients as INTERNAL_SERVER_ERROR.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly kind: DomainErrorKind,
    message: string,
    options?: DomainErrorOptions,
  ) {
    super(message, options);
    this.indexes = options?.indexes ?? [];
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
  }

  /** The places of the items that are wrong in a list of inputs, from 0; empty when the input is no list. */
  readonly indexes: readonly number[];
  /** After how many seconds the same may succeed, 1 or more; null when nobody knows. */
  readonly retryAfterSeconds: number | null;
}

interface DomainErrorOptions extends ErrorOptions {
  readonly indexes?: readonly number[];
  readonly retryAfterSeconds?: number;
}

export type DomainErrorKind =
  'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'rate-limited' | 'unavailable';
