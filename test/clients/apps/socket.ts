/** A graphql-ws client as docs/clients.md tells apps to make it. */
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Session } from './session.js';

export function openSocket(url: string, session: Session): Client {
  return createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: () => session.credentials(),
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 200)),
    on: { closed: (event) => void ((event as CloseEvent).code === 4403 && session.refused()) },
  });
}

/** The data of one operation. */
export async function once<Data>(
  socket: Client,
  query: string,
  variables: Record<string, unknown>,
): Promise<Data> {
  for await (const { data, errors } of socket.iterate<Data>({ query, variables })) {
    if (data != null) return data;
    throw new Error(JSON.stringify(errors));
  }
  throw new Error('not answered');
}
