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
  let stop = (): unknown => undefined;

  async function run<Data>(
    query: string,
    variables = {},
  ): Promise<AsyncIterableIterator<ExecutionResult<Data>>> {
    const documentAST = parse(query);
    const [definition] = documentAST.definitions;
    const operationName = definition && 'name' in definition ? (definition.name?.value ?? null) : null;
    const headers = await session.credentials();
    const results = await fetcher({ query, variables, operationName }, { headers, documentAST });
    return results as AsyncIterableIterator<ExecutionResult<Data>>;
  }
  async function once<Data>(query: string, variables: object): Promise<Data> {
    const { value } = await (await run<Data>(query, variables)).next();
    if (value?.data == null) throw new Error(JSON.stringify(value));
    return value.data;
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
      const results = await run<Nearby>(NEARBY);
      stop = () => results.return?.();
      try {
        for await (const { data, errors } of results) {
          if (data == null) ended(errors);
          else next(data.nearbyFriends);
        }
        ended();
      } catch (error) {
        ended(error);
      }
    },
    leave: () => stop(),
  };
}
