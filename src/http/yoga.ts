/** GraphQL over HTTP, with GraphiQL in a browser. The WebSocket uses its parse, validate and subscribe. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import {
  execute,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  subscribe,
  type validate,
  type ValidationRule,
} from 'graphql';
import {
  createYoga,
  handleStreamOrSingleExecutionResult,
  isAsyncIterable,
  type Plugin,
  type YogaServerInstance,
} from 'graphql-yoga';
import type { Viewer } from '../domain/user.js';
import type { GraphQLContext, Services } from '../graphql/context.js';
import { DomainError } from '../domain/errors.js';
import { toClientError, withCode } from '../graphql/errors.js';
import { operationCostRule } from '../graphql/operation-cost.js';
import { subscriptionRootRule } from '../graphql/subscription-root-rule.js';
import type { Log, LogIds, ReportFailure } from '../log.js';
import type { Client } from '../services/nearby-friends.js';
import type { Clock } from '../time/clock.js';
import { useAccept } from './accept.js';
import { type AllowedOrigins, isAllowedOrigin } from './allowed-origins.js';
import { useBadJson } from './bad-json.js';
import { bearerToken } from './bearer-token.js';
import { type DocumentCache, useDocuments } from './document-cache.js';
import type { EventStreams } from './event-streams.js';
import { GRAPHIQL_OPTIONS, renderGraphiQLPage } from './graphiql.js';
import { type OperationDurations, useDurations } from './operation-durations.js';
import { DOCUMENT_ID, type TrustedDocuments, useTrustedDocuments } from './trusted-documents.js';
import { withoutEnd } from './without-end.js';

export function createGraphQLServer(options: YogaOptions): Yoga {
  const { schema, services, documents, trustedDocuments, eventStreams, allowedOrigins } = options;
  const { clock, log, reportFailure } = options;
  const maskFor =
    (logIds: LogIds | null) =>
    (error: unknown): GraphQLError =>
      toClientError(error, (defect) => {
        reportFailure(defect, logIds);
      });

  let graphiqlPage: Promise<string> | null = null;

  return createYoga<RequestContext | SocketContext, GraphQLContext>({
    schema,
    async context(initial) {
      const { address, logIds } = initial;
      if ('socketViewer' in initial) {
        const { socketViewer, client } = initial;
        return { services, viewer: socketViewer, formerViewer: null, address, client, socket: null, logIds };
      }
      const client = clientOf(initial.res);
      try {
        const caller = await callerOf(initial.request.headers.get('authorization'), services);
        return { services, ...caller, address, client, socket: null, logIds };
      } catch (error) {
        throw maskFor(logIds)(error);
      }
    },
    plugins: [
      useTrustedDocuments(trustedDocuments),
      useDocuments(schema, documents),
      useDurations(options.durationsOf, clock),
      useGraphQLJs(),
      maxTokensPlugin({ n: MAX_TOKENS }),
      maxDepthPlugin({ n: MAX_DEPTH, ignoreIntrospection: true }),
      maxAliasesPlugin({ n: MAX_ALIASES }),
      maxDirectivesPlugin({ n: MAX_DIRECTIVES }),
      useRules(
        subscriptionRootRule,
        operationCostRule(schema),
        ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
      ),
      useErrorCodes(options.introspection),
      useClientErrors(maskFor),
      useAccept(clock),
      useNoForms(),
      useBadJson(),
      useStreamsWithoutEnd(eventStreams),
    ] as Plugin[],
    // Errors outside an operation, such as a body that breaks off.
    maskedErrors: { maskError: maskFor(null) },
    cors: (request) => {
      const origin = request.headers.get('origin');
      if (origin === null || !isAllowedOrigin(origin, allowedOrigins)) return false;
      return { origin, credentials: false, exposedHeaders: ['x-request-id'] };
    },
    // It would keep a thousand documents, whoever sends them and whatever their size.
    parserAndValidationCache: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    extraParamNames: [DOCUMENT_ID],
    multipart: false,
    landingPage: false,
    graphiql: options.graphiql && GRAPHIQL_OPTIONS,
    renderGraphiQL: (options) => (graphiqlPage ??= renderGraphiQLPage(options)),
    logging: {
      debug: () => undefined,
      info: () => undefined,
      warn: log.warn.bind(log),
      error: () => undefined,
    },
  });
}

/** The context that an HTTP request starts with. */
export interface RequestContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Whose request it is, as far as limits go: see client-address.ts. */
  readonly address: string;
  readonly logIds: LogIds;
}

/**
 * The context that an operation of a socket starts with: its viewer is known, while a request has a token.
 */
export interface SocketContext {
  readonly socketViewer: Viewer | null;
  readonly address: string;
  readonly client: Client;
  readonly logIds: LogIds;
}

export type Yoga = YogaServerInstance<RequestContext | SocketContext, GraphQLContext>;

interface YogaOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly documents: DocumentCache;
  readonly durationsOf: OperationDurations;
  readonly trustedDocuments: TrustedDocuments;
  readonly eventStreams: EventStreams;
  /** A browser page of any other origin gets no CORS headers. */
  readonly allowedOrigins: AllowedOrigins;
  /** Whether browsers get GraphiQL. */
  readonly graphiql: boolean;
  /** Whether clients may read the schema; where not, errors suggest no names of it either. */
  readonly introspection: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with an error of an operation that is no fault of the client. */
  readonly reportFailure: ReportFailure;
}

/**
 * Far above the needs of an app's operations, and checked before anything is executed. Validation compares all fields
 * of one name, so twice the tokens take four times as long.
 */
const MAX_TOKENS = 1_000;
const MAX_DEPTH = 15;
const MAX_ALIASES = 200;
const MAX_DIRECTIVES = 200;
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Returns who sends a bearer token: nobody without a token or with an invalid one, so that signing in and
 * refreshing work with a stale token in the header.
 */
async function callerOf(authorization: string | null, { accounts }: Services): Promise<Caller> {
  const token = bearerToken(authorization);
  if (token === null) return { viewer: null, formerViewer: null };
  try {
    return { viewer: await accounts.authenticate(token), formerViewer: null };
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'unauthenticated') throw error;
    return { viewer: null, formerViewer: await accounts.formerViewer(token) };
  }
}

type Caller = Pick<GraphQLContext, 'viewer' | 'formerViewer'>;

function clientOf(response: ServerResponse): Client {
  return {
    get isOpen() {
      return !response.closed;
    },
  };
}

/**
 * Executes by graphql-js, as over sockets. Yoga's own executor takes the data of an answer for a promise when a field
 * in it is named "then" by an alias.
 */
function useGraphQLJs(): Plugin {
  return {
    onExecute: ({ setExecuteFn }) => {
      setExecuteFn(execute);
    },
    onSubscribe: ({ setSubscribeFn }) => {
      setSubscribeFn(subscribe);
    },
  };
}

function useRules(...rules: readonly ValidationRule[]): Plugin {
  return {
    onValidate({ addValidationRule }) {
      for (const rule of rules) addValidationRule(rule);
    },
  };
}

/** Gives errors of parsing and validating their codes, over HTTP and the WebSocket alike. */
function useErrorCodes(suggests: boolean): Plugin {
  return {
    onParse:
      () =>
      ({ result, replaceParseResult }) => {
        if (result instanceof GraphQLError) replaceParseResult(withCode(result, 'GRAPHQL_PARSE_FAILED'));
        // The parser calls itself for each level of a literal, before anybody counts them.
        if (result instanceof RangeError) {
          const error = new GraphQLError('Syntax Error: The document is nested too deeply.');
          replaceParseResult(withCode(error, 'GRAPHQL_PARSE_FAILED'));
        }
      },
    onValidate({ validateFn, setValidationFn }) {
      // Some rules throw what they find.
      setValidationFn((...[schema, document, rules, options, typeInfo]: Parameters<typeof validate>) => {
        try {
          const hiding = { ...options, hideSuggestions: !suggests };
          return validateFn(schema, document, rules, hiding, typeInfo) as readonly GraphQLError[];
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      });
      return ({ valid, result, setResult }) => {
        if (!valid)
          setResult(
            (result as readonly GraphQLError[]).map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')),
          );
      };
    },
  };
}

/** Gives clients the part of an error that they may see, and the log the rest, with the id of the request. */
function useClientErrors(maskFor: (logIds: LogIds) => (error: unknown) => GraphQLError): Plugin {
  const maskOf =
    (context: unknown) =>
    ({ result, setResult }: Masked): void => {
      if (result.errors === undefined) return;
      setResult({ ...result, errors: result.errors.map(maskFor((context as GraphQLContext).logIds)) });
    };
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: (payload) => handleStreamOrSingleExecutionResult(payload, maskOf(args.contextValue)),
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: (payload) => handleStreamOrSingleExecutionResult(payload, maskOf(args.contextValue)),
    }),
  };
}

interface Masked {
  readonly result: ExecutionResult;
  setResult(result: ExecutionResult): void;
}

/**
 * Cuts the connection of an event stream that ends by itself, which it does with its token or session: after a
 * proper end, clients would think that nothing more will come.
 */
function useStreamsWithoutEnd(eventStreams: EventStreams): Plugin {
  return {
    onSubscribe: ({ args }) => ({
      onSubscribeResult({ result, setResult }) {
        const { res } = args.contextValue as Partial<RequestContext>;
        if (res === undefined || !isAsyncIterable(result)) return;
        const events = withoutEnd(result, () => res.destroy());
        eventStreams.add(events, res);
        setResult(events);
      },
    }),
  };
}

/** Refuses forms: a page of any origin may post one without a preflight request. */
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
