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
    this.index = options?.index ?? null;
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
  }

  /** The place of the item that is wrong in a list of inputs, from 0; null when the input is no list. */
  readonly index: number | null;
  /** After how many seconds the same may succeed, 1 or more; null when nobody knows. */
  readonly retryAfterSeconds: number | null;
}

interface DomainErrorOptions extends ErrorOptions {
  readonly index?: number;
  readonly retryAfterSeconds?: number;
}

export type DomainErrorKind =
  'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'rate-limited' | 'unavailable';
