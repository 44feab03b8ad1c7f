/** gql.tada, over graphql-ws. */
import { initGraphQLTada, type ResultOf, type TadaDocumentNode } from 'gql.tada';
import { print } from 'graphql';
import { newUser, post } from '../http.js';
import { known, type SignUp } from '../person.js';
import { openSession } from '../session.js';
import { once, openSocket } from '../socket.js';
import type { introspection } from './generated/graphql-env';

const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Latitude: number; Longitude: number; DateTime: string };
}>();

const SIGN_UP = graphql(`
  mutation ($input: SignUpInput!) {
    signUp(input: $input) {
      user {
        id
      }
      accessToken
      refreshToken
    }
  }
`);
const BEFRIEND = graphql(`
  mutation ($userId: ID!) {
    sendFriendRequest(userId: $userId) {
      status
    }
  }
`);
const SHARE = graphql(`
  mutation ($input: UpdateLocationInput!) {
    updateLocation(input: $input) {
      recorded
    }
  }
`);
const NEARBY = graphql(`
  subscription {
    nearbyFriends {
      snapshot
      nearby {
        friend {
          id
          handle
        }
        distanceMeters
        location {
          latitude
          longitude
        }
        updatedAt
      }
      left {
        friendId
        reason
      }
    }
  }
`);

export const signUp: SignUp = async (url, handle) => {
  const input = newUser(handle);
  const data = await post<ResultOf<typeof SIGN_UP>>(url, print(SIGN_UP), { input });
  const { user, ...tokens } = data.signUp;
  const session = openSession(url);
  session.signIn(tokens);
  const socket = openSocket(url, session);
  const execute = <Result, Variables extends Record<string, unknown>>(
    document: TadaDocumentNode<Result, Variables>,
    variables: Variables,
  ) => once<Result>(socket, print(document), variables);
  return {
    id: user.id,
    befriend: (userId) => execute(BEFRIEND, { userId }),
    share: (input) => execute(SHARE, { input }),
    follow(next, ended) {
      socket.subscribe<ResultOf<typeof NEARBY>>(
        { query: print(NEARBY) },
        {
          next: ({ data, errors }) => (data == null ? ended(errors) : next(known(data.nearbyFriends))),
          error: ended,
          complete: ended,
        },
      );
    },
    leave: () => socket.dispose(),
  };
};
