/** Mercurius on Fastify with its Redis emitter, as its documentation shows. */
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import mercurius from 'mercurius';
import mqemitterRedis from 'mqemitter-redis';
import { createHistory } from './common/history.js';
import {
  eventOf,
  isNear,
  type LocationEvent,
  nearbyFriendOf,
  topicOf,
  typeDefs,
} from './common/nearby-schema.js';
import { createPeople } from './common/people.js';
import type { PlaceInput } from './common/place.js';
import { createPool } from './common/pool.js';
import { setting } from './common/setting.js';
import { createUpdateLocation, type Viewer } from './common/update-location.js';

interface Context {
  readonly viewer: Viewer;
  readonly pubsub: mercurius.PubSub;
}

const pool = createPool();
const people = createPeople(pool);
const redis = new Redis(setting.redisUrl, { enableAutoPipelining: true });
const app = fastify();
const updateLocation = createUpdateLocation(
  redis,
  createHistory(pool),
  (viewer, place) =>
    new Promise((resolve) => {
      app.graphql.pubsub.publish(
        { topic: topicOf(viewer.person.id), payload: eventOf(viewer, place) },
        resolve,
      );
    }),
);

await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Query: { me: (_root: unknown, _args: unknown, context: unknown) => (context as Context).viewer.person },
    Mutation: {
      updateLocation: (_root: unknown, { input }: { input: PlaceInput }, context: unknown) =>
        updateLocation((context as Context).viewer, input),
    },
    Subscription: {
      nearbyFriends: {
        subscribe: mercurius.withFilter<LocationEvent>(
          async (_root: unknown, _args: unknown, context: unknown) => {
            const { viewer, pubsub } = context as Context;
            const friends = await people.friendsOf(viewer.person.id);
            return pubsub.subscribe(friends.map(({ id }) => topicOf(id)));
          },
          (event: LocationEvent, _args: unknown, context: unknown) =>
            isNear(event, (context as Context).viewer),
        ),
        resolve: (event: LocationEvent, _args: unknown, context: unknown) =>
          nearbyFriendOf(event, (context as Context).viewer),
      },
    },
  },
  subscription: {
    emitter: mqemitterRedis({ connectionString: setting.redisUrl }),
    fullWsTransport: true,
    onConnect: async ({ payload }) => {
      const person = await people.find(String(payload?.user));
      const viewer: Viewer | null = person === null ? null : { person, place: null };
      return viewer === null ? false : { viewer };
    },
  },
});

console.log(`ready: ${await app.listen({ port: 0, host: '127.0.0.1' })}`);
