/**
 * Operations over HTTP, for those that need no socket: signing up, signing in, refreshing tokens, signing
 * out.
 */
import { answeredError, NearbyFriendsError, unreachable } from './errors.js';
import type { TypedDocumentString } from './generated/operations.js';

/**
 * Sends one operation and resolves to its data.
 * @param accessToken null sends the operation without one.
 * @throws NearbyFriendsError 'UNREACHABLE' when there is no answer within 10 s; the server's code otherwise.
 */
export async function post<Result, Variables>(
  url: string,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  accessToken: string | null,
): Promise<Result> {
  const headers: Record<string, string> = {
    accept: 'application/graphql-response+json, application/json',
    'content-type': 'application/json',
  };
  if (accessToken !== null) headers['authorization'] = `Bearer ${accessToken}`;
  let answer: Answer;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = (await response.json()) as Answer;
  } catch (error) {
    throw unreachable(error);
  }
  if (answer.errors !== undefined && answer.errors.length > 0) throw answeredError(answer.errors);
  if (answer.data == null)
    throw new NearbyFriendsError('INTERNAL_SERVER_ERROR', 'The server answered without data.');
  return answer.data as Result;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: { readonly message: string; readonly extensions?: { readonly code?: unknown } }[];
}

const TIMEOUT_MS = 10_000;
