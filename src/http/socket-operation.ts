/**
 * Operations that came over a socket: prepared as over HTTP, then run. nearbyFriends, which every app
 * subscribes to, is written to the socket directly; everything else is executed.
 */
import {
  type ExecutionArgs,
  type ExecutionResult,
  getArgumentValues,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import type { OperationResult, SubscribePayload } from 'graphql-ws';
import { DomainError } from '../domain/errors.js';
import type { CompiledDocument } from '../graphql/compiled-document.js';
import { type GraphQLContext, requireViewer, type Services } from '../graphql/context.js';
import type { LogIds } from '../log.js';
import type { Lookups } from '../services/location-dispatcher.js';
import { CLOSE } from './close-codes.js';
import { createDocumentCache } from './document-cache.js';
import { FrameStream } from './frame-stream.js';
import { onSourceEnd } from './on-source-end.js';
import type { SocketSession } from './socket-session.js';
import type { SocketWriter } from './socket-writer.js';
import type { Yoga } from './yoga.js';

export function createSocketOperations(options: SocketOperationsOptions) {
  const { yoga, schema, services, meter, clientError } = options;
  const documentOf = createDocumentCache({ yoga, schema, clientError, lookups: meter.documents });
  const nearbyFriendsField = schema.getSubscriptionType()?.getFields()['nearbyFriends'];

  /**
   * A stream ends by itself only with its session. Then the socket is closed: "complete" would tell the
   * client that there is nothing to come back for.
   */
  async function subscribeStream(operation: Operation): Promise<Awaited<OperationResult>> {
    const { session, logIds } = operation.connection;
    const { subscribe } = yoga.getEnveloped({ socketViewer: session.viewer, logIds });
    const result = (await subscribe(operation)) as Awaited<OperationResult>;
    if (!(Symbol.asyncIterator in result)) return result;
    return onSourceEnd(result, () => {
      session.end(CLOSE.sessionEnded);
    });
  }

  /** Null for what graphql-js has to execute. */
  function subscribeFrames({
    id,
    connection,
    compiled,
    operationName,
    ...args
  }: Operation): FrameStream | null {
    const operation = compiled.operation(operationName);
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION || nearbyFriendsField === undefined)
      return null;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], {
      ...args.variableValues,
    });
    const frames = coerced === undefined ? null : compiled.frameWriter(operation, coerced);
    if (frames === null) return null;
    const { radiusMeters } = getArgumentValues(nearbyFriendsField, frames.field, coerced) as Radius;
    const viewer = requireViewer(args.contextValue as GraphQLContext);
    return new FrameStream(connection.writer, id, frames.write, meter.written).start((sink) =>
      services.nearbyFriends.subscribeSink(viewer, radiusMeters, sink),
    );
  }

  return {
    /** The operation to run, or the errors that answer instead. */
    prepare(
      connection: OperationConnection,
      id: string,
      payload: SubscribePayload,
    ): Operation | readonly GraphQLError[] {
      const { query, operationName, variables } = payload;
      const { logIds } = connection;
      const compiled = documentOf(query, logIds);
      if (!('document' in compiled)) return compiled;
      if (compiled.operation(operationName) === null) {
        return [
          clientError(new DomainError('invalid', 'The operation to run is not in the document.'), logIds),
        ];
      }
      // graphql-ws keeps the message for as long as the operation lives, and most of it is this text.
      Object.assign(payload, { query: '' });
      const { document } = compiled;
      const contextValue: GraphQLContext = { services, viewer: connection.session.viewer, logIds };
      return {
        id,
        connection,
        compiled,
        schema,
        document,
        operationName,
        variableValues: variables,
        contextValue,
      };
    },

    /** The answer is sent in the same turn of the event loop in which the operation ends. */
    async execute(operation: Operation): Promise<ExecutionResult> {
      const { connection, compiled } = operation;
      connection.running += 1;
      try {
        const result = await compiled.run(operation);
        const errors = result.errors?.map((error) => clientError(error, connection.logIds));
        return errors === undefined ? result : { ...result, errors };
      } finally {
        connection.running -= 1;
      }
    },

    subscribe(operation: Operation): OperationResult {
      try {
        return subscribeFrames(operation) ?? subscribeStream(operation);
      } catch (error) {
        return { errors: [clientError(error, operation.connection.logIds)] };
      }
    },
  };
}

/** An operation of a document, and the connection it came on. */
export interface Operation extends ExecutionArgs {
  readonly id: string;
  readonly connection: OperationConnection;
  readonly compiled: CompiledDocument;
}

/** A connection, as its operations know it. */
export interface OperationConnection {
  readonly writer: SocketWriter;
  readonly logIds: LogIds;
  readonly session: SocketSession;
  /** Queries and mutations that are not answered yet. */
  running: number;
}

/** Counts what goes over sockets. */
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
  /** Makes the error that a client sees, and reports a defect. */
  clientError(error: unknown, logIds: LogIds): GraphQLError;
}

interface Radius {
  readonly radiusMeters?: number | null;
}
