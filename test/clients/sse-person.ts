/** Somebody whose app uses graphql-sse's client in its distinct mode: everything by server-sent events. */
import { createClient } from 'graphql-sse';
import { newUser } from './apps/http.js';
import { BEFRIEND, NEARBY, type Nearby, SHARE, SIGN_UP, type SignedUp } from './apps/operations.js';
import type { Person } from './apps/person.js';
import { openSession } from './apps/session.js';

export async function signUpByEvents(url: string, handle: string): Promise<Person> {
  const session = openSession(url);
  const client = createClient({
    url: `${url}/graphql`,
    headers: () => session.credentials(),
    retryAttempts: Infinity,
    retry: () => new Promise((resolve) => setTimeout(resolve, 200)),
    // What the server cuts, it may have cut since the token ended.
    on: { connecting: (again) => void (again && session.refused()) },
  });
  async function once<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    for await (const { data, errors } of client.iterate<Data>({ query, variables })) {
      if (data != null) return data;
      if (errors?.[0]?.extensions['code'] !== 'UNAUTHENTICATED') throw new Error(JSON.stringify(errors));
    }
    session.refused();
    return once(query, variables);
  }
  const { signUp } = await once<SignedUp>(SIGN_UP, { input: newUser(handle) });
  session.signIn(signUp);
  return {
    id: signUp.user.id,
    befriend: (userId) => once(BEFRIEND, { userId }),
    share: (input) => once(SHARE, { input }),
    follow(next, ended) {
      client.subscribe<Nearby>(
        { query: NEARBY },
        {
          next: ({ data, errors }) => {
            if (data == null) ended(errors);
            else next(data.nearbyFriends);
          },
          error: ended,
          complete: ended,
        },
      );
    },
    leave: () => client.dispose(),
  };
}
