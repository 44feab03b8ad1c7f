/** The fetcher of GraphiQL 5, called as GraphiQL calls it: the headers editor is what carries the token. */
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { type ExecutionResult, parse } from 'graphql';
import { WebSocket } from 'ws';
import { newUser } from '../http.js';
import { BEFRIEND, NEARBY, type Nearby, SHARE, SIGN_UP, type SignedUp } from '../operations.js';
import type { Person, SignUp } from '../person.js';
import { openSession, type Session } from '../session.js';
import { openSocket } from '../socket.js';

// Of browsers.
Object.assign(globalThis, { WebSocket, CloseEvent: class extends Event {} });

export const signUp: SignUp = (url, handle) => {
  const fetcher = createGraphiQLFetcher({
    url: `${url}/graphql`,
    subscriptionUrl: `${url.replace('http', 'ws')}/graphql`,
    fetch,
  });
  return join(fetcher, handle, openSession(url));
};

/** With a graphql-ws client of one's own, which takes the token from the session instead. */
export const signUpWithClient: SignUp = async (url, handle) => {
  const session = openSession(url);
  const wsClient = openSocket(url, session);
  const person = await join(
    createGraphiQLFetcher({ url: `${url}/graphql`, wsClient, fetch }),
    handle,
    session,
  );
  return { ...person, leave: () => wsClient.dispose() };
};

async function join(fetcher: Fetcher, handle: string, session: Session): Promise<Person> {
  async function* run<Data>(query: string, variables = {}): AsyncGenerator<Data> {
    const documentAST = parse(query);
    const [definition] = documentAST.definitions;
    const operationName = definition && 'name' in definition ? (definition.name?.value ?? null) : null;
    const headers = await session.credentials();
    const results = await fetcher({ query, variables, operationName }, { headers, documentAST });
    for await (const { data, errors } of results as AsyncIterable<ExecutionResult>) {
      if (data == null) throw new Error(JSON.stringify(errors));
      yield data as Data;
    }
  }
  async function once<Data>(query: string, variables: object): Promise<Data> {
    for await (const data of run<Data>(query, variables)) return data;
    throw new Error('not answered');
  }
  /** As somebody does who pastes a new token into the headers. */
  const insist = (query: string, variables: object) =>
    once(query, variables).catch(() => {
      session.refused();
      return once(query, variables);
    });
  const { signUp } = await once<SignedUp>(SIGN_UP, { input: newUser(handle) });
  session.signIn(signUp);
  return {
    id: signUp.user.id,
    befriend: (userId) => insist(BEFRIEND, { userId }),
    share: (input) => insist(SHARE, { input }),
    async follow(next, ended) {
      try {
        for await (const { nearbyFriends } of run<Nearby>(NEARBY)) next(nearbyFriends);
        ended();
      } catch (error) {
        ended(error);
      }
    },
    leave: () => undefined,
  };
}
