/** The API as an app uses it: plain HTTP and the graphql-ws client over real sockets. */
import { type Client, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
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

type Someone = Pick<TestUser, 'id' | 'token'>;

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
  displayName = 'Somebody',
): Promise<TestUser> {
  const { signUp: payload } = await ask<{
    signUp: { user: { id: string }; accessToken: string; refreshToken: string };
  }>(
    url,
    null,
    `mutation ($handle: String!, $displayName: String!) {
      signUp(input: { handle: $handle, displayName: $displayName, password: "correct horse battery" }) {
        user { id } accessToken refreshToken
      }
    }`,
    { handle, displayName },
  );
  return { id: payload.user.id, handle, token: payload.accessToken, refreshToken: payload.refreshToken };
}

export async function befriend(url: string, a: Someone, b: Someone): Promise<void> {
  const send = 'mutation ($userId: ID!) { sendFriendRequest(userId: $userId) { id } }';
  await ask(url, a.token, send, { userId: b.id });
  await ask(url, b.token, send, { userId: a.id });
}

/** Two users who are friends. */
export async function signUpFriends(url: string): Promise<[TestUser, TestUser]> {
  const pair = await Promise.all([signUp(url), signUp(url)]);
  await befriend(url, ...pair);
  return pair;
}

/** The value of one mutation that has to succeed, written inline: `removeFriend(userId: "…")`. */
export async function act<T>(url: string, user: TestUser, field: string): Promise<T> {
  const [value] = Object.values(await ask<Record<string, T>>(url, user.token, `mutation { ${field} }`));
  return value as T;
}

export interface PlaceInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters?: number;
  readonly speedMetersPerSecond?: number;
  readonly headingDegrees?: number;
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
export function connect(
  url: string,
  token: string | null,
  options: { retryAttempts?: number; lazyCloseTimeout?: number } = {},
): Client {
  return createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: true,
    retryAttempts: options.retryAttempts ?? 0,
    lazyCloseTimeout: options.lazyCloseTimeout ?? 0,
    ...(token === null ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
  });
}

/** The same, open until the test has finished. */
export function connectForTest(url: string, token: string | null): Client {
  const client = connect(url, token, { lazyCloseTimeout: 600_000 });
  onTestFinished(async () => {
    await client.dispose();
  });
  return client;
}

/** One operation over a WebSocket, answered as over HTTP; refused operations answer with their errors. */
export function requestOverSocket<T = Record<string, unknown>>(
  client: Client,
  query: string,
  variables?: Record<string, unknown>,
  operationName?: string,
): Promise<GraphQLAnswer<T>> {
  return new Promise((resolve, reject) => {
    let answer: GraphQLAnswer<T> | null = null;
    const stop = client.subscribe<T>(
      { query, ...(variables && { variables }), ...(operationName && { operationName }) },
      {
        next(result) {
          answer ??= result as GraphQLAnswer<T>;
          // Called here, with the "complete" in the same packet, it would have graphql-ws 6.4.2 close the socket under
          // the client's other operations.
          queueMicrotask(stop);
        },
        error(error) {
          if (Array.isArray(error)) resolve({ errors: error as NonNullable<GraphQLAnswer['errors']> });
          else reject(error instanceof Error ? error : new Error(`the socket closed: ${String(error)}`));
        },
        complete() {
          resolve(answer ?? {});
        },
      },
    );
  });
}

/** The value of one of the server's metrics. @param name with its labels, or alone for the first with that name. */
export async function metric(url: string, name: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  const line = lines.find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
  if (line === undefined) throw new Error(`no metric ${name}`);
  return Number(line.slice(line.lastIndexOf(' ')));
}
