/**
 * An operation that came over a socket, made ready to run: parsed, validated and limited as over HTTP. nearbyFriends,
 * of which a server runs one for every subscriber, is written to the socket directly; all else is executed.
 */
import {
  type ExecutionArgs,
  type ExecutionResult,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import type { OperationResult, SubscribePayload } from 'graphql-ws';
import { DomainError } from '../domain/errors.js';
import type { Viewer } from '../domain/user.js';
import { type GraphQLContext, requireViewer, type Services } from '../graphql/context.js';
import { createFrameWriters } from '../graphql/frame-writers.js';
import { createOperationRunner } from '../graphql/operation-runner.js';
import type { LogIds } from '../log.js';
import type { Lookups } from '../services/location-feed.js';
import { createDocuments } from './documents.js';
import { FrameStream } from './frame-stream.js';
import { onOwnEnd } from './own-end.js';
import type { TextSocket } from './text-socket.js';
import type { Yoga } from './yoga.js';

/** What to run, and for whom. */
export interface Operation extends ExecutionArgs {
  readonly id: string;
  readonly connection: OperationOwner;
}

/** The socket on which operations come. */
export interface OperationOwner {
  readonly target: TextSocket;
  readonly logIds: LogIds;
  readonly owner: { readonly viewer: Viewer | null; dismiss(reason: string): void };
  /** Queries and mutations that are not answered yet. */
  running: number;
}

/** Told of what goes over sockets. */
export interface SocketMeter {
  readonly documents: Lookups;
  /** A message of nearbyFriends was written. */
  written(bytes: number): void;
}

interface SocketOperationsOptions {
  readonly yoga: Yoga;
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly meter: SocketMeter;
  clientError(error: unknown, logIds: LogIds): GraphQLError;
}

export function createSocketOperations(options: SocketOperationsOptions) {
  const { yoga, schema, services, meter, clientError } = options;
  const documentOf = createDocuments(yoga, clientError, meter.documents);
  const writerOf = createFrameWriters(schema);
  const run = createOperationRunner(schema);
  const nearbyFriendsField = schema.getSubscriptionType()?.getFields()['nearbyFriends'];

  /**
   * A stream ends by itself only with its session. Then the socket closes: "complete" would tell the client that there
   * is nothing to come back for.
   */
  async function stream(operation: Operation): Promise<Awaited<OperationResult>> {
    const { owner, logIds } = operation.connection;
    const { subscribe } = yoga.getEnveloped({ socketViewer: owner.viewer, logIds });
    const result = (await subscribe(operation)) as Awaited<OperationResult>;
    if (!(Symbol.asyncIterator in result)) return result;
    return onOwnEnd(result, () => {
      owner.dismiss('Session ended');
    });
  }

  /** Null for what graphql-js has to execute. */
  function frames({ id, connection, document, operationName, ...args }: Operation): FrameStream | null {
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION || nearbyFriendsField === undefined)
      return null;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], {
      ...args.variableValues,
    });
    const writer = coerced === undefined ? null : writerOf(document, operation, coerced);
    if (writer === null) return null;
    const { radiusMeters } = getArgumentValues(nearbyFriendsField, writer.field, coerced) as Radius;
    const viewer = requireViewer(args.contextValue as GraphQLContext);
    return new FrameStream(connection.target, id, writer.write, meter.written).start((sink) =>
      services.nearbyFriends.push(viewer, radiusMeters, sink),
    );
  }

  return {
    /** What to run, or the errors that answer instead. */
    prepare(
      connection: OperationOwner,
      id: string,
      payload: SubscribePayload,
    ): Operation | readonly GraphQLError[] {
      const { query, operationName, variables } = payload;
      const { logIds } = connection;
      const document = documentOf(query, logIds);
      if (!('kind' in document)) return document;
      if (getOperationAST(document, operationName) == null) {
        return [
          clientError(new DomainError('invalid', 'The operation to run is not in the document.'), logIds),
        ];
      }
      // graphql-ws keeps the message for as long as the operation lives, and most of it is this text.
      Object.assign(payload, { query: '' });
      const contextValue: GraphQLContext = { services, viewer: connection.owner.viewer, logIds };
      return { id, connection, schema, document, operationName, variableValues: variables, contextValue };
    },

    /** The answer is sent in the same turn of the event loop in which the operation ends. */
    async execute(operation: Operation): Promise<ExecutionResult> {
      const { connection } = operation;
      connection.running += 1;
      try {
        const result = await run(operation);
        const errors = result.errors?.map((error) => clientError(error, connection.logIds));
        return errors === undefined ? result : { ...result, errors };
      } finally {
        connection.running -= 1;
      }
    },

    subscribe(operation: Operation): OperationResult {
      try {
        return frames(operation) ?? stream(operation);
      } catch (error) {
        return { errors: [clientError(error, operation.connection.logIds)] };
      }
    },
  };
}

interface Radius {
  readonly radiusMeters?: number | null;
}
