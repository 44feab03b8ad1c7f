/** graphql-zeus, generated for graphql-ws, and its server-sent events. */
import { WebSocket } from 'ws';
import { newUser } from '../http.js';
import { known, type Place, type SignUp } from '../person.js';
import { openSession } from '../session.js';
import { Chain, Selector, Subscription, SubscriptionSSE, ZeusScalars } from './generated/zeus';

// What Zeus makes takes the WebSocket of the platform, and Node 20 has none.
Object.assign(globalThis, { WebSocket });

const scalars = ZeusScalars({
  ID: { decode: (value: unknown) => value as string },
  Latitude: { decode: (value: unknown) => value as number },
  Longitude: { decode: (value: unknown) => value as number },
  DateTime: { decode: (value: unknown) => value as string },
});

const NEARBY = Selector('Subscription')({
  nearbyFriends: [
    { leaveMarginMeters: 0 }, // What is not null has to be given, also where it has a default.
    {
      snapshot: true,
      nearby: {
        friend: { id: true, handle: true },
        distanceMeters: true,
        location: { latitude: true, longitude: true },
        updatedAt: true,
      },
      left: { friendId: true, reason: true },
    },
  ],
});

/** Over a WebSocket. */
export const signUp: SignUp = async (url, handle) => {
  const { person, session } = await open(url, handle);
  let leave = (): void => undefined;
  return {
    ...person,
    async follow(next, ended) {
      const socketUrl = `${url.replace('http', 'ws')}/graphql`;
      const subscribe = Subscription(socketUrl, { headers: await session.credentials() });
      const updates = subscribe('subscription', { scalars })(NEARBY);
      leave = () => updates.ws.close();
      updates.on(({ nearbyFriends }) => next(known(nearbyFriends)));
      updates.error(ended);
      updates.off(ended);
    },
    leave: () => leave(),
  };
};

/** By server-sent events. */
export const signUpForEvents: SignUp = async (url, handle) => {
  const { person, session } = await open(url, handle);
  let leave = (): void => undefined;
  return {
    ...person,
    async follow(next, ended) {
      const subscribe = SubscriptionSSE(`${url}/graphql`, {
        headers: {
          ...(await session.credentials()),
          // Headers of the app take the place of those that Zeus would send.
          accept: 'text/event-stream',
          'content-type': 'application/json',
        },
      });
      const updates = subscribe('subscription', { scalars })(NEARBY);
      leave = () => updates.close();
      updates.on(({ nearbyFriends }) => next(known(nearbyFriends)));
      updates.error(ended);
      updates.off(ended);
      updates.open();
    },
    leave: () => leave(),
  };
};

async function open(url: string, handle: string) {
  const address = `${url}/graphql`;
  const {
    signUp: { user, ...tokens },
  } = await Chain(address)('mutation', { scalars })({
    signUp: [
      { input: { ...newUser(handle), sharingEnabled: true } },
      { user: { id: true }, accessToken: true, refreshToken: true },
    ],
  });
  const session = openSession(url);
  session.signIn(tokens);
  const mutate = async () =>
    Chain(address, {
      headers: { ...(await session.credentials()), 'content-type': 'application/json' },
    })('mutation', { scalars });
  const person = {
    id: user.id,
    befriend: async (userId: string) =>
      (await mutate())({ sendFriendRequest: [{ userId }, { status: true }] }),
    share: async (input: Place) => (await mutate())({ updateLocation: [{ input }, { recorded: true }] }),
  };
  return { person, session };
}
