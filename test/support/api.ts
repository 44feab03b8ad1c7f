/** The API as an app uses it: plain HTTP and the graphql-ws client over real sockets. */
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphQLAnswer<T = Record<string, unknown>> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

export interface TestUser {
  readonly id: string;
  readonly handle: string;
  readonly token: string;
  readonly refreshToken: string;
}

export async function request<T = Record<string, never>>(
  url: string,
  token: string | null,
  query: string,
  variables?: Record<string, unknown>,
): Promise<GraphQLAnswer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as GraphQLAnswer<T>;
}

/** The data of an operation that has to succeed. */
export async function ask<T>(
  url: string,
  token: string | null,
  query: string,
  variables?: Record<string, unknown>,
): Promise<T> {
  const { data, errors } = await request<T>(url, token, query, variables);
  if (errors !== undefined || data == null) throw new Error(`not answered: ${JSON.stringify(errors)}`);
  return data;
}

/** The documented codes of an operation's errors. */
export async function codesOf(
  url: string,
  token: string | null,
  query: string,
  variables?: Record<string, unknown>,
): Promise<(string | undefined)[]> {
  const { errors } = await request(url, token, query, variables);
  return (errors ?? []).map(({ extensions }) => extensions?.code);
}

let handleNumber = 0;

export async function signUp(
  url: string,
  handle = `user_${process.pid}_${++handleNumber}`,
): Promise<TestUser> {
  const { signUp: payload } = await ask<{
    signUp: { user: { id: string }; accessToken: string; refreshToken: string };
  }>(
    url,
    null,
    `mutation ($handle: String!) {
      signUp(input: { handle: $handle, displayName: "Somebody", password: "correct horse battery" }) {
        user { id } accessToken refreshToken
      }
    }`,
    { handle },
  );
  return { id: payload.user.id, handle, token: payload.accessToken, refreshToken: payload.refreshToken };
}

export async function befriend(url: string, a: TestUser, b: TestUser): Promise<void> {
  const send = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { id } }';
  await ask(url, a.token, send, { userId: b.id });
  await ask(url, b.token, send, { userId: a.id });
}

export interface PlaceInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters?: number;
  readonly recordedAt?: string;
  readonly id?: string;
}

export interface UpdateAnswer {
  readonly updateLocation: {
    readonly recorded: boolean;
    readonly location: { readonly latitude: number; readonly longitude: number; readonly recordedAt: string };
  };
}

export const UPDATE_LOCATION = `mutation ($input: UpdateLocationInput!) {
  updateLocation(input: $input) { recorded location { latitude longitude recordedAt } }
}`;

export async function move(
  url: string,
  user: TestUser,
  input: PlaceInput,
): Promise<UpdateAnswer['updateLocation']> {
  return (await ask<UpdateAnswer>(url, user.token, UPDATE_LOCATION, { input })).updateLocation;
}

/** A graphql-ws client as an app would make it. */
export function connect(url: string, token: string | null, options: { retryAttempts?: number } = {}): Client {
  return createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: true,
    retryAttempts: options.retryAttempts ?? 0,
    ...(token === null ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
  });
}
