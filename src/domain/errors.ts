/**
 * The one class of failures that a caller is told about. Whatever else is thrown is a defect and reaches
 * clients as INTERNAL_SERVER_ERROR without its text. Messages hold no coordinates, tokens or SQL.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly kind: DomainErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type DomainErrorKind =
  'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'rate-limited' | 'unavailable';
