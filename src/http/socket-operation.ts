/**
 * An operation that came over a socket, made ready to run: parsed, validated and limited as over HTTP. nearbyFriends,
 * of which a server runs one for every subscriber, is written to the socket directly; all else graphql-js executes.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import type { OperationResult, SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { DomainError } from '../domain/errors.js';
import type { Viewer } from '../domain/user.js';
import { type GraphQLContext, requireViewer } from '../graphql/context.js';
import { createFrameWriters } from '../graphql/frame-writers.js';
import type { NearbyFriends } from '../services/nearby-friends.js';
import { FrameStream } from './frame-stream.js';
import { onOwnEnd } from './own-end.js';
import type { Yoga } from './yoga.js';

/** The functions that run an operation travel with it. */
export interface Operation extends ExecutionArgs {
  execute(args: ExecutionArgs): OperationResult;
  subscribe(args: ExecutionArgs): OperationResult;
}

/** The socket on which operations come. */
export interface OperationOwner {
  readonly socket: WebSocket;
  readonly owner: { readonly viewer: Viewer | null; dismiss(reason: string): void };
  /** Queries and mutations that are not answered yet. */
  running: number;
}

interface SocketOperationsOptions {
  readonly yoga: Yoga;
  readonly schema: GraphQLSchema;
  readonly nearbyFriends: NearbyFriends;
  clientError(error: unknown): GraphQLError;
}

export function createSocketOperations({
  yoga,
  schema,
  nearbyFriends,
  clientError,
}: SocketOperationsOptions) {
  const writerOf = createFrameWriters(schema);
  const nearbyFriendsField = schema.getSubscriptionType()?.getFields()['nearbyFriends'];

  /** What to run, or the errors that answer instead. */
  return async function prepare(
    connection: OperationOwner,
    id: string,
    payload: SubscribePayload,
  ): Promise<Operation | readonly GraphQLError[]> {
    try {
      const enveloped = yoga.getEnveloped({ socketViewer: connection.owner.viewer, params: payload });
      const document = enveloped.parse(payload.query) as DocumentNode;
      const errors = enveloped.validate(enveloped.schema, document) as readonly GraphQLError[];
      if (errors.length > 0) return errors;
      const operation = getOperationAST(document, payload.operationName);
      if (operation == null) throw new DomainError('invalid', 'The operation to run is not in the document.');
      const args: Operation = {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: await enveloped.contextFactory(),
        execute: (execution) => counted(connection, () => enveloped.execute(execution) as OperationResult),
        subscribe: (execution) => ending(connection, enveloped.subscribe(execution) as OperationResult),
      };
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION || nearbyFriendsField === undefined)
        return args;
      const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], {
        ...payload.variables,
      });
      const writer = coerced === undefined ? null : writerOf(document, operation, coerced);
      if (writer === null) return args;
      return {
        ...args,
        subscribe: () => {
          try {
            const { radiusMeters } = getArgumentValues(nearbyFriendsField, writer.field, coerced) as Radius;
            const asking = requireViewer(args.contextValue as GraphQLContext);
            const stream = new FrameStream(connection.socket, id, writer.write);
            return stream.start((sink) => nearbyFriends.push(asking, radiusMeters, sink));
          } catch (error) {
            return { errors: [clientError(error)] };
          }
        },
      };
    } catch (error) {
      return [clientError(error)];
    }
  };
}

/** The answer is sent in the same turn of the event loop in which the operation ends. */
async function counted(connection: OperationOwner, run: () => OperationResult) {
  connection.running += 1;
  try {
    return await run();
  } finally {
    connection.running -= 1;
  }
}

/**
 * A stream ends by itself only with its session. Then the socket closes: "complete" would tell the client that there is
 * nothing to come back for.
 */
async function ending({ owner }: OperationOwner, result: OperationResult) {
  const stream = await result;
  if (!(Symbol.asyncIterator in stream)) return stream;
  return onOwnEnd(stream, () => {
    owner.dismiss('Session ended');
  });
}

interface Radius {
  readonly radiusMeters?: number | null;
}
