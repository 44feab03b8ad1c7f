/** graphql-codegen's client preset, over graphql-ws. */
import { newUser, post } from '../http.js';
import { known, type SignUp } from '../person.js';
import { openSession } from '../session.js';
import { once, openSocket } from '../socket.js';
import { graphql } from './generated';
import type { TypedDocumentString } from './generated/graphql';

const SIGN_UP = graphql(`
  mutation signUp($input: SignUpInput!) {
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
  mutation befriend($userId: ID!) {
    sendFriendRequest(userId: $userId) {
      status
    }
  }
`);
const SHARE = graphql(`
  mutation share($input: UpdateLocationInput!) {
    updateLocation(input: $input) {
      recorded
    }
  }
`);
const NEARBY = graphql(`
  subscription nearby {
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
  const data = await post<ResultOf<typeof SIGN_UP>>(url, SIGN_UP.toString(), { input });
  const { user, ...tokens } = data.signUp;
  const session = openSession(url);
  session.signIn(tokens);
  const socket = openSocket(url, session);
  const execute = <Result, Variables extends Record<string, unknown>>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ) => once<Result>(socket, document.toString(), variables);
  return {
    id: user.id,
    befriend: (userId) => execute(BEFRIEND, { userId }),
    share: (input) => execute(SHARE, { input }),
    follow(next, ended) {
      socket.subscribe<ResultOf<typeof NEARBY>>(
        { query: NEARBY.toString() },
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

type ResultOf<Document> = Document extends TypedDocumentString<infer Result, infer _> ? Result : never;
