/** The API over HTTP, for the requests before and after the simulation. */
import { CommandError } from '../command-error.js';

/** @param url the server's URL without the path. */
export function createApiClient(url: string) {
  return {
    url,
    socketUrl: `${url.replace(/^http/, 'ws')}/graphql`,

    /** Resolves to whether a server of this API answers. */
    async answers(): Promise<boolean> {
      const answer = await post<{ __typename: string }>(url, null, '{ __typename }', {}).catch(() => null);
      return answer?.data?.__typename === 'Query';
    },

    /**
     * Runs one query or mutation and resolves to its data.
     * @param token null sends the operation without a token.
     * @throws CommandError when there is no answer within 30 s, or one with errors.
     */
    async ask<T>(token: string | null, query: string, variables: object = {}): Promise<T> {
      const { data, errors } = await post<T>(url, token, query, variables).catch((error: unknown) => {
        throw new CommandError(`${url} did not answer: ${reasonOf(error)}.`);
      });
      const [failure] = errors ?? [];
      if (failure !== undefined || data == null) {
        throw new CommandError(`${url} refused: ${failure?.message} (${failure?.extensions?.code})`);
      }
      return data;
    },
  };
}

export type ApiClient = ReturnType<typeof createApiClient>;

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

const TIMEOUT_MS = 30_000;

async function post<T>(
  url: string,
  token: string | null,
  query: string,
  variables: object,
): Promise<Answer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return (await response.json()) as Answer<T>;
}

/** Returns the cause, as the message of fetch() is just "fetch failed". */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
