/**
 * Stock GraphQL Yoga with graphql-ws by the recipe of its documentation, and graphql-redis-subscriptions as its README
 * shows: one event for each friend's move, published on the friend's topic with everything that a friend may see,
 * filtered and measured for each viewer in the resolvers.
 */
import { createServer } from 'node:http';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { withFilter } from 'graphql-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga } from 'graphql-yoga';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { distanceMeters } from '../../src/domain/distance.js';
import { roundMeters } from '../../src/domain/rounding.js';
import {
  findPerson,
  friendsOf,
  listen,
  LOCATION_TTL_SECONDS,
  type Person,
  type PlaceInput,
  RADIUS_METERS,
  redisUrl,
} from './common.js';
import { record } from './history.js';

interface Place extends PlaceInput {
  /** RFC 3339. */
  readonly recordedAt: string;
}

/** A connected user, with the last reported place. */
interface Viewer {
  readonly person: Person;
  place: Place | null;
}

interface Context {
  readonly viewer: Viewer;
}

/** What is published on a user's topic. */
interface LocationEvent {
  readonly nearbyFriends: { readonly friend: Person; readonly location: Place; readonly updatedAt: string };
}

const redis = new Redis(redisUrl, { enableAutoPipelining: true });
const pubsub = new RedisPubSub({ publisher: redis, subscriber: new Redis(redisUrl) });

const topicOf = (userId: string): string => `location.${userId}`;

const distanceTo = ({ nearbyFriends }: LocationEvent, { place }: Viewer): number =>
  place === null ? Infinity : distanceMeters(place, nearbyFriends.location);

/** Does the job of an update as every compared system does: keeps the place with a TTL, publishes it, records it. */
async function updateLocation(viewer: Viewer, input: PlaceInput): Promise<true> {
  const now = new Date();
  const updatedAt = now.toISOString();
  const place: Place = { ...input, recordedAt: updatedAt };
  const { person } = viewer;
  viewer.place = place;
  const event: LocationEvent = { nearbyFriends: { friend: person, location: place, updatedAt } };
  await Promise.all([
    redis.set(`position:${person.id}`, JSON.stringify(place), 'EX', LOCATION_TTL_SECONDS),
    pubsub.publish(topicOf(person.id), event),
    record(person.id, input, now),
  ]);
  return true;
}

const schema: GraphQLSchema = createSchema<Context>({
  typeDefs: /* GraphQL */ `
    type Query {
      me: User!
    }
    type Mutation {
      updateLocation(input: UpdateLocationInput!): Boolean!
    }
    type Subscription {
      nearbyFriends: NearbyFriend!
    }
    input UpdateLocationInput {
      latitude: Float!
      longitude: Float!
      accuracyMeters: Float
    }
    type NearbyFriend {
      friend: User!
      distanceMeters: Float!
      location: Location!
      updatedAt: String!
    }
    type User {
      id: ID!
      handle: String!
      displayName: String!
    }
    type Location {
      latitude: Float!
      longitude: Float!
      accuracyMeters: Float
      recordedAt: String!
    }
  `,
  resolvers: {
    Query: { me: (_root, _args, { viewer }) => viewer.person },
    Mutation: {
      updateLocation: (_root, { input }: { input: PlaceInput }, { viewer }) => updateLocation(viewer, input),
    },
    Subscription: {
      nearbyFriends: {
        subscribe: async (root, args, context, info) => {
          const topics = (await friendsOf(context.viewer.person.id)).map(({ id }) => topicOf(id));
          const filtered = withFilter<LocationEvent, unknown, Context>(
            () => pubsub.asyncIterableIterator(topics),
            (event, _args, current) =>
              event !== undefined &&
              current !== undefined &&
              distanceTo(event, current.viewer) <= RADIUS_METERS,
          );
          return filtered(root as LocationEvent, args, context, info);
        },
        resolve: (event: LocationEvent, _args: unknown, { viewer }: Context) => ({
          ...event.nearbyFriends,
          distanceMeters: roundMeters(distanceTo(event, viewer)),
        }),
      },
    },
  },
});

const yoga = createYoga<{ readonly extra: Context }, Context>({
  schema,
  context: ({ extra }) => ({ viewer: extra.viewer }),
  graphiql: { subscriptionsProtocol: 'WS' },
});
const server = createServer((request, response) => void yoga(request, response, { extra: nobody() }));
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });

type Executor = Pick<ReturnType<typeof yoga.getEnveloped>, 'execute' | 'subscribe'>;

useServer<Record<string, unknown>, { viewer?: Viewer }>(
  {
    /** Takes the user's id as the token. */
    onConnect: async ({ connectionParams, extra }) => {
      const person = await findPerson(String(connectionParams?.['user']));
      if (person === null) return false;
      extra.viewer = { person, place: null };
      return true;
    },
    execute: (args) => (args.rootValue as Executor).execute(args),
    subscribe: (args) => (args.rootValue as Executor).subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      });
      const args: ExecutionArgs = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document) as readonly GraphQLError[];
      return errors.length > 0 ? errors : args;
    },
  },
  sockets,
);
listen(server);

/** Refuses operations over HTTP, which have no viewer here. */
function nobody(): never {
  throw new GraphQLError('The benchmark speaks over WebSockets only.');
}
