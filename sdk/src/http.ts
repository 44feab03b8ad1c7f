/**
 * Operations over HTTP, for those that need no socket: signing up, signing in, refreshing tokens, signing
 * out.
 */
import { answeredError, clientError, NearbyFriendsError, unreachable } from './errors.js';
import type { TypedDocumentString } from './generated/operations.js';

/**
 * Sends one operation and resolves to its data.
 * @param accessToken null sends the operation without one.
 * @throws NearbyFriendsError 'UNREACHABLE' when the server gives no answer within 10 s; 'CLIENT_ERROR' when
 *   the request could not even be made; the server's code otherwise.
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
  const body = { query: document.toString(), variables };
  const { response, abort } = startRequest(url, { method: 'POST', headers }, body);
  let timer: ReturnType<typeof setTimeout> | undefined;
  // An abort alone is not enough: on Node 24.21 one was seen not to end a request whose answer is held back.
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      abort();
      reject(new Error('There was no answer within 10 s.'));
    }, TIMEOUT_MS);
  });
  let answer: Answer | null;
  try {
    answer = (await Promise.race([response.then((answered) => answered.json()), late])) as Answer | null;
  } catch (error) {
    throw unreachable(error);
  } finally {
    clearTimeout(timer);
  }
  if (answer?.errors !== undefined && answer.errors.length > 0) throw answeredError(answer.errors);
  if (answer?.data == null)
    throw new NearbyFriendsError('INTERNAL_SERVER_ERROR', 'The server answered without data.');
  return answer.data as Result;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: { readonly message: string; readonly extensions?: { readonly code?: unknown } }[];
}

const TIMEOUT_MS = 10_000;

/**
 * Sends a request. fetch() rejects with a TypeError for a network that fails and for an argument that is
 * wrong; Request() and JSON.stringify() throw for the latter alone.
 * @throws NearbyFriendsError 'CLIENT_ERROR'.
 */
function startRequest(url: string, init: RequestInit, body: object): RequestUnderWay {
  try {
    const controller = new AbortController();
    const request = new Request(url, { ...init, body: JSON.stringify(body), signal: controller.signal });
    return {
      response: fetch(request),
      abort: () => {
        controller.abort();
      },
    };
  } catch (error) {
    throw clientError(error);
  }
}

interface RequestUnderWay {
  /** Rejects only when the network failed or `abort` was called. */
  readonly response: Promise<Response>;
  abort(): void;
}
