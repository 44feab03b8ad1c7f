/** Servers in front of a Nearby Friends server. What they are asked, they ask it, with the caller's token. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { buildHTTPExecutor } from '@graphql-tools/executor-http';
import { stitchSchemas } from '@graphql-tools/stitch';
import { RenameTypes, schemaFromExecutor } from '@graphql-tools/wrap';
import { createYoga } from 'graphql-yoga';

export { buildGraphQLWSExecutor } from '@graphql-tools/executor-graphql-ws';

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

export async function openHiveGateway(url: string): Promise<Front> {
  const gateway = createGatewayRuntime({
    logging: false,
    proxy: { endpoint: `${url}/graphql` },
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => {
        const authorization = request.headers.get('authorization');
        return authorization === null ? {} : { authorization };
      },
    },
  });
  return listen(gateway, async () => void (await gateway[Symbol.asyncDispose]()));
}

/** With a User of another name, as where two servers have a type User. */
export async function openStitching(url: string): Promise<Front> {
  const executor = buildHTTPExecutor({
    endpoint: `${url}/graphql`,
    headers: (request): Record<string, string> => {
      const authorization = (request?.context as { request?: Request } | undefined)?.request?.headers.get(
        'authorization',
      );
      return authorization == null ? {} : { authorization };
    },
  });
  const schema = stitchSchemas({
    subschemas: [
      {
        schema: await schemaFromExecutor(executor),
        executor,
        transforms: [new RenameTypes((name) => (name === 'User' ? 'NearbyUser' : name))],
      },
    ],
  });
  return listen(createYoga({ schema, logging: false, maskedErrors: false }), async () => undefined);
}

async function listen(handler: RequestListener, closed: () => Promise<void>): Promise<Front> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closed();
    },
  };
}
