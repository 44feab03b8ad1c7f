/** genql: its client over HTTP, and what it generates for subscriptions over graphql-ws. */
import { newUser } from '../http.js';
import { known, type SignUp } from '../person.js';
import { openSession } from '../session.js';
import { once, openSocket } from '../socket.js';
import {
  createClient,
  everything,
  generateMutationOp,
  generateSubscriptionOp,
  type MutationGenqlSelection,
  type MutationResult,
  type SubscriptionResult,
} from './generated';

const NEARBY = {
  nearbyFriends: {
    __args: {}, // genql 6.3.4 demands it where the description of an argument has a colon.
    snapshot: true,
    nearby: {
      friend: { id: true, handle: true },
      distanceMeters: true,
      location: everything,
      updatedAt: true,
    },
    left: { friendId: true, reason: true },
  },
};

export const signUp: SignUp = async (url, handle) => {
  const client = createClient({ url: `${url}/graphql` });
  const {
    signUp: { user, ...tokens },
  } = await client.mutation({
    signUp: {
      __args: { input: newUser(handle) },
      user: { id: true },
      accessToken: true,
      refreshToken: true,
    },
  });
  const session = openSession(url);
  session.signIn(tokens);
  const socket = openSocket(url, session);
  const mutate = <Selection extends MutationGenqlSelection>(selection: Selection) => {
    const { query, variables = {} } = generateMutationOp(selection);
    return once<MutationResult<Selection>>(socket, query, variables);
  };
  return {
    id: user.id,
    befriend: (userId) => mutate({ sendFriendRequest: { __args: { userId }, status: true } }),
    share: (input) => mutate({ updateLocation: { __args: { input }, recorded: true } }),
    follow(next, ended) {
      socket.subscribe<SubscriptionResult<typeof NEARBY>>(generateSubscriptionOp(NEARBY), {
        next: ({ data, errors }) => (data == null ? ended(errors) : next(known(data.nearbyFriends))),
        error: ended,
        complete: ended,
      });
    },
    leave: () => socket.dispose(),
  };
};
