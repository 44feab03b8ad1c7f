/** urql: queries and mutations over HTTP, subscriptions over graphql-ws, with and without graphcache. */
import { Client, type Exchange, fetchExchange, type OperationResult, subscriptionExchange } from '@urql/core';
import { authExchange } from '@urql/exchange-auth';
import { cacheExchange, type KeyingConfig } from '@urql/exchange-graphcache';
import { newUser } from '../http.js';
import { BEFRIEND, NEARBY, type Nearby, SHARE, SIGN_UP, type SignedUp } from '../operations.js';
import type { Message, Person, SignUp } from '../person.js';
import { openSession, type Session } from '../session.js';
import { openSocket } from '../socket.js';

const LOOK = `{
  nearby: nearbyFriends { friend { id handle } distanceMeters location { latitude longitude } updatedAt }
}`;

export const signUp: SignUp = (url, handle) => join(url, handle, []);

export interface Looker extends Person {
  /** Reads the list once. */
  look(): Promise<Message['nearby']>;
}

/** @param warn is called with what graphcache has to say. */
export async function signUpWithCache(
  url: string,
  handle: string,
  keys: KeyingConfig,
  warn: (message: string) => void,
): Promise<Looker> {
  return join(url, handle, [
    cacheExchange({ keys, logger: (severity, message) => void (severity === 'warn' && warn(message)) }),
  ]);
}

async function join(url: string, handle: string, exchanges: Exchange[]): Promise<Looker> {
  const session = openSession(url);
  const socket = openSocket(url, session);
  const client = new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    exchanges: [
      ...exchanges,
      credentialsExchange(session),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  const data = dataOf(await client.mutation<SignedUp>(SIGN_UP, { input: newUser(handle) }));
  session.signIn(data.signUp);
  return {
    id: data.signUp.user.id,
    befriend: async (userId) => dataOf(await client.mutation<object>(BEFRIEND, { userId })),
    share: async (input) => dataOf(await client.mutation<object>(SHARE, { input })),
    follow(next, ended) {
      client.subscription<Nearby>(NEARBY, {}).subscribe(({ data, error }) => {
        if (data === undefined) ended(error);
        else next(data.nearbyFriends);
      });
    },
    look: async () => dataOf(await client.query<Pick<Message, 'nearby'>>(LOOK, {})).nearby,
    leave: () => socket.dispose(),
  };
}

function credentialsExchange(session: Session): Exchange {
  return authExchange(async ({ appendHeaders }) => {
    let headers = await session.credentials();
    return {
      addAuthToOperation: (operation) => appendHeaders(operation, headers),
      willAuthError: () => !('authorization' in headers),
      didAuthError: ({ graphQLErrors }) => graphQLErrors[0]?.extensions['code'] === 'UNAUTHENTICATED',
      async refreshAuth() {
        if ('authorization' in headers) session.refused();
        headers = await session.credentials();
      },
    };
  });
}

function dataOf<Data>({ data, error }: OperationResult<Data>): Data {
  if (data === undefined) throw error ?? new Error('not answered');
  return data;
}
