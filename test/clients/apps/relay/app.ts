/** Relay's runtime, everything over graphql-ws. */
import {
  commitMutation,
  Environment,
  graphql,
  type GraphQLResponse,
  type GraphQLTaggedNode,
  type MutationParameters,
  Network,
  Observable,
  type PayloadData,
  RecordSource,
  type RequestParameters,
  requestSubscription,
  Store,
  type Variables,
} from 'relay-runtime';
import { newUser, post } from '../http.js';
import { known, type Person } from '../person.js';
import { openSession, type Session } from '../session.js';
import { openSocket } from '../socket.js';
import type { appBefriendMutation } from './__generated__/appBefriendMutation.graphql';
import type { appNearbySubscription } from './__generated__/appNearbySubscription.graphql';
import type { appShareMutation } from './__generated__/appShareMutation.graphql';
import type { appSignUpMutation } from './__generated__/appSignUpMutation.graphql';

const SIGN_UP = graphql`
  mutation appSignUpMutation($input: SignUpInput!) {
    signUp(input: $input) {
      user {
        id
      }
      accessToken
      refreshToken
    }
  }
`;
const BEFRIEND = graphql`
  mutation appBefriendMutation($userId: ID!) {
    sendFriendRequest(userId: $userId) {
      status
    }
  }
`;
const SHARE = graphql`
  mutation appShareMutation($input: UpdateLocationInput!) {
    updateLocation(input: $input) {
      recorded
    }
  }
`;
const NEARBY = graphql`
  subscription appNearbySubscription {
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
`;

export interface RelayPerson extends Person {
  readonly store: Store;
}

export async function signUp(url: string, handle: string): Promise<RelayPerson> {
  const strangers = new Environment({
    network: Network.create(async ({ text }, variables) => ({
      data: await post<PayloadData>(url, text ?? '', variables),
    })),
    store: new Store(new RecordSource()),
  });
  const data = await mutate<appSignUpMutation>(strangers, SIGN_UP, { input: newUser(handle) });
  const { user, ...tokens } = data.signUp;
  const session = openSession(url);
  session.signIn(tokens);
  const { environment, leave } = signedIn(url, session);
  return {
    id: user.id,
    store: environment.getStore() as Store,
    befriend: (userId) => mutate<appBefriendMutation>(environment, BEFRIEND, { userId }),
    share: (input) => mutate<appShareMutation>(environment, SHARE, { input }),
    follow(next, ended) {
      requestSubscription<appNearbySubscription>(environment, {
        subscription: NEARBY,
        variables: {},
        onNext: (response) => response && next(known(response.nearbyFriends)),
        onError: ended,
        onCompleted: ended,
      });
    },
    leave,
  };
}

function signedIn(url: string, session: Session) {
  const socket = openSocket(url, session);
  const execute = ({ name, text }: RequestParameters, variables: Variables) =>
    Observable.create<GraphQLResponse>(({ next, error, complete }) =>
      socket.subscribe(
        { operationName: name, query: text ?? '', variables },
        {
          next: (result) => next(result as GraphQLResponse),
          error: (reason) => error(reason as Error),
          complete,
        },
      ),
    );
  const network = Network.create(execute, execute);
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  return { environment, leave: () => socket.dispose() };
}

function mutate<Mutation extends MutationParameters>(
  environment: Environment,
  mutation: GraphQLTaggedNode,
  variables: Mutation['variables'],
): Promise<Mutation['response']> {
  return new Promise((resolve, reject) => {
    commitMutation<Mutation>(environment, { mutation, variables, onCompleted: resolve, onError: reject });
  });
}
