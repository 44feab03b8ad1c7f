/**
 * The one table from errors to the documented codes. An error that is not listed here is a defect: clients
 * get INTERNAL_SERVER_ERROR without its text, and the log gets the rest. Adapters say 'unavailable' of what
 * their database, Redis or provider may recover from (see adapters/postgres/failures.ts).
 */
import { GraphQLError } from 'graphql';
import { DomainError, type DomainErrorKind } from '../domain/errors.js';

export type ErrorCode = (typeof ERROR_CODES)[number];

const CODE_OF_KIND: Readonly<Record<DomainErrorKind, ErrorCode>> = {
  invalid: 'BAD_USER_INPUT',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  conflict: 'CONFLICT',
  'rate-limited': 'RATE_LIMITED',
  unavailable: 'UNAVAILABLE',
};

/**
 * Makes the error that a client gets of one that parsing, validating, coercing or resolving has thrown.
 * @param reportDefect called with an error that should not have happened.
 */
export function toClientError(error: unknown, reportDefect: (error: unknown) => void): GraphQLError {
  if (!(error instanceof GraphQLError)) return describe(error, undefined, reportDefect);
  const { originalError } = error;
  if (isCoercionError(error)) return describeCoercion(error);
  if (originalError != null && !(originalError instanceof GraphQLError)) {
    return describe(originalError, error, reportDefect);
  }
  if (error.extensions['code'] !== undefined)
    return isDocumented(error) ? error : withCode(error, 'BAD_USER_INPUT');
  // Yoga itself refuses an ill-formed request, with an HTTP status.
  if (error.extensions['http'] !== undefined) return withCode(error, 'BAD_USER_INPUT');
  // The error is graphql-js's own: an argument or a variable that its type can't take; or, with a path, a
  // result that it could not complete, which is a defect of this server.
  const ofInput = error.path === undefined || error.message.startsWith('Argument "');
  return ofInput ? withCode(error, 'BAD_USER_INPUT') : describe(error, error, reportDefect);
}

/**
 * graphql-js repeats the value: "…cannot represent … value: 12.5", "…found Float "12.5"", "…invalid value
 * 1e400".
 */
function withoutValue(message: string): string {
  return message
    .replace(/ value:? [^]*$/, ' value.')
    .replace(/ (Int|Float|String|BlockString) "[^]*$/, ' $1.');
}

/** Returns the error with a code and its HTTP status, but without a value that graphql-js repeats. */
export function withCode(error: GraphQLError, code: ErrorCode): GraphQLError {
  const { http } = error.extensions;
  return located(error, withoutValue(error.message), code, http === undefined ? {} : { http });
}

function isDocumented({ extensions }: GraphQLError): boolean {
  return ERROR_CODES.some((code) => code === extensions['code']);
}

/** The message of graphql-js for a variable that its type can't take, with the value. */
const INVALID_VALUE = /^Variable "\$(\w+)" got invalid value [^]*?(?: at "([\w.[\]]+)")?; ([^]*)$/;

function isCoercionError(error: GraphQLError): boolean {
  return error.path === undefined && INVALID_VALUE.test(error.message);
}

/** Names the value by its place: it may be a coordinate, a token or a password. */
function describeCoercion(error: GraphQLError): GraphQLError {
  const [, variable, place] = INVALID_VALUE.exec(error.message) ?? [];
  const reason =
    error.originalError instanceof GraphQLError ? ` ${withoutValue(error.originalError.message)}` : '';
  const where = place === undefined ? `"$${variable}"` : `"$${place}"`;
  return located(
    error,
    `Variable ${where} has a value that its type does not allow.${reason}`,
    'BAD_USER_INPUT',
  );
}

function describe(
  error: unknown,
  wrapper: GraphQLError | undefined,
  reportDefect: (error: unknown) => void,
): GraphQLError {
  if (error instanceof DomainError) {
    if (error.cause !== undefined) reportDefect(error.cause);
    const { indexes, retryAfterSeconds } = error;
    const extensions = {
      ...(indexes.length > 0 && { index: indexes[0], indexes }),
      ...(retryAfterSeconds !== null && { retryAfterSeconds }),
    };
    return located(wrapper, error.message, CODE_OF_KIND[error.kind], extensions);
  }
  reportDefect(error);
  return located(wrapper, 'Something went wrong on the server.', 'INTERNAL_SERVER_ERROR');
}

const ERROR_CODES = [
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
] as const;

function located(
  wrapper: GraphQLError | undefined,
  message: string,
  code: ErrorCode,
  extensions: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message, {
    nodes: wrapper?.nodes ?? null,
    source: wrapper?.source ?? null,
    positions: wrapper?.positions ?? null,
    path: wrapper?.path ?? null,
    extensions: { ...extensions, code },
  });
}
