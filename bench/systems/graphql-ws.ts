/** graphql-ws with graphql-js, as its documentation shows, and graphql-redis-subscriptions; no Yoga. */
import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { listen } from './common/listen.js';
import { createRedisPubSubSchema, type ViewerContext } from './common/redis-pubsub-schema.js';
import type { Viewer } from './common/update-location.js';

const { schema, signIn } = createRedisPubSubSchema();
const server = createServer((_request, response) => response.writeHead(404).end());
const sockets = new WebSocketServer({ server, path: '/graphql' });

useServer<Record<string, unknown>, { viewer?: Viewer }>(
  {
    schema,
    context: ({ extra }): ViewerContext | undefined => extra.viewer && { viewer: extra.viewer },
    onConnect: async ({ connectionParams, extra }) => {
      const viewer = await signIn(connectionParams);
      if (viewer === null) return false;
      extra.viewer = viewer;
      return true;
    },
  },
  sockets,
);
listen(server);
