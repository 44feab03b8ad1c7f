/** GraphQL over HTTP, with GraphiQL in a browser; its parse, validate, execute and subscribe serve the WebSocket too. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Viewer } from '../domain/user.js';
import type { GraphQLContext, Services } from '../graphql/context.js';
import { DomainError } from '../domain/errors.js';
import { toClientError, withCode } from '../graphql/errors.js';
import type { Log } from '../log.js';
import { type AllowedOrigins, isAllowedOrigin } from './allowed-origins.js';
import { bearerToken } from './bearer-token.js';
import { GRAPHIQL_OPTIONS, renderGraphiQLPage } from './graphiql.js';

/** Far above what an app's operations need, and cheap enough to be refused before anything is executed. */
const MAX_TOKENS = 2_000;
const MAX_DEPTH = 15;
const MAX_ALIASES = 200;
const MAX_DIRECTIVES = 200;
const MAX_BODY_BYTES = 1024 * 1024;

/** What an HTTP request brings. */
export interface RequestContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** A socket's operations bring their viewer along; a request's token is looked at when the context is made. */
export interface SocketContext {
  readonly socketViewer: Viewer | null;
}

export type Yoga = YogaServerInstance<RequestContext | SocketContext, GraphQLContext>;

interface YogaOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly allowedOrigins: AllowedOrigins;
  readonly log: Log;
}

export function createGraphQLServer({ schema, services, allowedOrigins, log }: YogaOptions): Yoga {
  const reportDefect = (error: unknown): void => {
    log.error({ err: error }, 'an operation failed');
  };

  let graphiqlPage: Promise<string> | null = null;

  return createYoga<RequestContext | SocketContext, GraphQLContext>({
    schema,
    context: async (initial) => ({
      services,
      viewer:
        'socketViewer' in initial
          ? initial.socketViewer
          : await viewerOf(initial.request.headers.get('authorization'), services),
    }),
    plugins: [
      maxTokensPlugin({ n: MAX_TOKENS }),
      maxDepthPlugin({ n: MAX_DEPTH, ignoreIntrospection: true }),
      maxAliasesPlugin({ n: MAX_ALIASES }),
      maxDirectivesPlugin({ n: MAX_DIRECTIVES }),
      useErrorCodes(),
      useNoForms(),
    ] as Plugin[],
    maskedErrors: { maskError: (error) => toClientError(error, reportDefect) },
    cors: (request) => {
      const origin = request.headers.get('origin');
      return origin !== null && isAllowedOrigin(origin, allowedOrigins) && { origin, credentials: false };
    },
    maxRequestBodySize: MAX_BODY_BYTES,
    multipart: false,
    landingPage: false,
    graphiql: GRAPHIQL_OPTIONS,
    renderGraphiQL: (options) => (graphiqlPage ??= renderGraphiQLPage(options)),
    logging: {
      debug: () => undefined,
      info: () => undefined,
      warn: log.warn.bind(log),
      error: () => undefined,
    },
  });
}

/**
 * The viewer of a bearer token; null without a token or with one that does not hold, so that signing in or refreshing
 * works with a stale token still in the header.
 */
async function viewerOf(authorization: string | null, services: Services): Promise<Viewer | null> {
  const token = bearerToken(authorization);
  if (token === null) return null;
  try {
    return await services.accounts.authenticate(token);
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'unauthenticated') return null;
    throw error;
  }
}

/** Gives the errors of parsing and validating their codes, on whichever way an operation came. */
function useErrorCodes(): Plugin {
  return {
    onParse:
      () =>
      ({ result, replaceParseResult }) => {
        if (result instanceof GraphQLError) replaceParseResult(withCode(result, 'GRAPHQL_PARSE_FAILED'));
      },
    onValidate:
      () =>
      ({ valid, result, setResult }) => {
        if (!valid)
          setResult(
            (result as readonly GraphQLError[]).map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')),
          );
      },
  };
}

/** A page of any origin can post a form without asking the browser for leave. */
function useNoForms(): Plugin {
  return {
    onRequestParse({ request }) {
      if (!/^application\/x-www-form-urlencoded/i.test(request.headers.get('content-type') ?? '')) return;
      throw new GraphQLError('Send operations as application/json.', {
        extensions: { code: 'BAD_USER_INPUT', http: { status: 415 } },
      });
    },
  };
}
