/** A user as an app is one: a live list on a socket that comes back, and operations over that socket. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type GraphQLAnswer, requestOverSocket } from '../support/api.js';
import { applyFrame, type Frame, NEARBY_FRIENDS, type NearbyEntry } from '../support/nearby-list.js';

export function openClient({ url, token, onFrame }: ClientOptions): AppClient {
  const entries = new Map<string, NearbyEntry>();
  let isOver = false;
  let isOpen = false;
  let onFailure: (error: unknown) => void = () => undefined;
  const failed = new Promise<unknown>((resolve) => (onFailure = resolve));
  const client = createClient({
    url: () => `${url().replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Infinity,
    shouldRetry: () => !isOver,
    retryWait: () => sleep(200 + Math.random() * 300),
    on: { connected: () => (isOpen = true), closed: () => (isOpen = false) },
  });
  client.subscribe<{ nearbyFriends: Frame }>(
    { query: NEARBY_FRIENDS },
    {
      next({ data, errors }) {
        if (data == null) return onFailure(errors);
        onFrame?.(data.nearbyFriends, entries);
        applyFrame(entries, data.nearbyFriends);
      },
      error: (error) => onFailure(error),
      complete: () => undefined,
    },
  );
  return {
    entries,
    failed,
    isOpen: () => isOpen,
    request: (query, variables) => requestOverSocket(client, query, variables),
    cut() {
      // One that is just being opened would throw.
      if (isOpen) client.terminate();
    },
    stay() {
      isOver = true;
    },
    async close() {
      isOver = true;
      // One that is just being opened fails by that.
      await Promise.resolve(client.dispose()).catch(() => undefined);
    },
  };
}

export interface ClientOptions {
  readonly token: string;
  /** The server to connect to, asked at every attempt. */
  readonly url: () => string;
  /** Called with a frame and the list before it. */
  readonly onFrame?: (frame: Frame, before: ReadonlyMap<string, NearbyEntry>) => void;
}

export interface AppClient {
  /** The list, by friend's id; as it was while the socket is away. */
  readonly entries: ReadonlyMap<string, NearbyEntry>;
  /** Resolves when the list ends for good, which no fault should make it; with the reason. */
  readonly failed: Promise<unknown>;
  isOpen(): boolean;
  /** Over the socket; again after it broke. Rejects when the client is closed. */
  request<T>(query: string, variables?: Record<string, unknown>): Promise<GraphQLAnswer<T>>;
  /** Breaks the socket, which comes back. */
  cut(): void;
  /** Does not come back from now on: the session ends. */
  stay(): void;
  close(): Promise<void>;
}
