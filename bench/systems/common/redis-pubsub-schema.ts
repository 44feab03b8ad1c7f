/** The executable schema over graphql-redis-subscriptions, as its README shows; for Yoga and for graphql-ws alone. */
import type { GraphQLSchema } from 'graphql';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { withFilter } from 'graphql-subscriptions';
import { createSchema } from 'graphql-yoga';
import { Redis } from 'ioredis';
import { createHistory } from './history.js';
import { eventOf, isNear, type LocationEvent, nearbyFriendOf, topicOf, typeDefs } from './nearby-schema.js';
import { createPeople } from './people.js';
import { createPool } from './pool.js';
import type { PlaceInput } from './place.js';
import { setting } from './setting.js';
import { createUpdateLocation, type Viewer } from './update-location.js';

export interface ViewerContext {
  readonly viewer: Viewer;
}

export function createRedisPubSubSchema() {
  const pool = createPool();
  const people = createPeople(pool);
  const redis = new Redis(setting.redisUrl, { enableAutoPipelining: true });
  const pubsub = new RedisPubSub({ publisher: redis, subscriber: new Redis(setting.redisUrl) });
  const updateLocation = createUpdateLocation(redis, createHistory(pool), (viewer, place) =>
    pubsub.publish(topicOf(viewer.person.id), eventOf(viewer, place)),
  );

  const schema: GraphQLSchema = createSchema<ViewerContext>({
    typeDefs,
    resolvers: {
      Query: { me: (_root, _args, { viewer }) => viewer.person },
      Mutation: {
        updateLocation: (_root, { input }: { input: PlaceInput }, { viewer }) =>
          updateLocation(viewer, input),
      },
      Subscription: {
        nearbyFriends: {
          subscribe: async (root, args, context, info) => {
            const friends = await people.friendsOf(context.viewer.person.id);
            const topics = friends.map(({ id }) => topicOf(id));
            const filtered = withFilter<LocationEvent, unknown, ViewerContext>(
              () => pubsub.asyncIterableIterator(topics),
              (event, _args, current) =>
                event !== undefined && current !== undefined && isNear(event, current.viewer),
            );
            return filtered(root as LocationEvent, args, context, info);
          },
          resolve: (event: LocationEvent, _args: unknown, { viewer }: ViewerContext) =>
            nearbyFriendOf(event, viewer),
        },
      },
    },
  });

  return {
    schema,
    /** The viewer of a new socket, whose token is the user's id. Null for nobody. */
    async signIn(connectionParams: Record<string, unknown> | undefined): Promise<Viewer | null> {
      const person = await people.find(String(connectionParams?.['user']));
      return person === null ? null : { person, place: null };
    },
  };
}
