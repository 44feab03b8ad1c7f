/** GraphQL Yoga with graphql-ws by the recipe of its documentation, and graphql-redis-subscriptions. */
import { createServer } from 'node:http';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { listen } from './common/listen.js';
import { createRedisPubSubSchema, type ViewerContext } from './common/redis-pubsub-schema.js';
import type { Viewer } from './common/update-location.js';

interface SocketContext {
  readonly extra: { readonly viewer: Viewer };
}

const { schema, signIn } = createRedisPubSubSchema();
const yoga = createYoga<SocketContext, ViewerContext>({
  schema,
  context: ({ extra }) => ({ viewer: extra.viewer }),
  graphiql: { subscriptionsProtocol: 'WS' },
});
const server = createServer((request, response) => void yoga(request, response, { extra: nobody() }));
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });

type Executor = Pick<ReturnType<typeof yoga.getEnveloped>, 'execute' | 'subscribe'>;

useServer<Record<string, unknown>, { viewer?: Viewer }>(
  {
    onConnect: async ({ connectionParams, extra }) => {
      const viewer = await signIn(connectionParams);
      if (viewer === null) return false;
      extra.viewer = viewer;
      return true;
    },
    execute: (args) => (args.rootValue as Executor).execute(args),
    subscribe: (args) => (args.rootValue as Executor).subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      });
      const args: ExecutionArgs = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document) as readonly GraphQLError[];
      return errors.length > 0 ? errors : args;
    },
  },
  sockets,
);
listen(server);

/** Operations over HTTP have no viewer here. */
function nobody(): never {
  throw new GraphQLError('The benchmark speaks over WebSockets only.');
}
