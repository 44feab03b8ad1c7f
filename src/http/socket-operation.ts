/**
 * Operations that came over a socket: prepared as over HTTP, then run. nearbyFriends, which every app
 * subscribes to, is written to the socket directly; everything else is executed.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getArgumentValues,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { OperationResult, SubscribePayload } from 'graphql-ws';
import { DomainError } from '../domain/errors.js';
import { CompiledDocument } from '../graphql/compiled-document.js';
import { type GraphQLContext, requireViewer, type Services } from '../graphql/context.js';
import type { LogIds } from '../log.js';
import type { Lookups } from '../services/location-dispatcher.js';
import type { ListRadius } from '../services/nearby-friends.js';
import type { Clock } from '../time/clock.js';
import { CLOSE } from './close-codes.js';
import type { DocumentCache } from './document-cache.js';
import { FrameStream } from './frame-stream.js';
import type { Durations, OperationDurations } from './operation-durations.js';
import type { RunningOperations } from './running-operations.js';
import type { SocketSession } from './socket-session.js';
import type { SocketWriter } from './socket-writer.js';
import type { TrustedDocuments } from './trusted-documents.js';
import { withoutEnd } from './without-end.js';
import type { Yoga } from './yoga.js';

export function createSocketOperations(options: SocketOperationsOptions) {
  const { yoga, schema, documents, durationsOf, trustedDocuments, services, clock, meter, clientError } =
    options;
  const nearbyFriendsField = schema.getSubscriptionType()?.getFields()['nearbyFriends'];

  /** Looks a document up by its id or text, or makes it, by Yoga's plugins as over HTTP; gives the errors if it can't be run. */
  function documentOf(
    payload: SubscribePayload,
    connection: OperationConnection,
  ): CompiledDocument | readonly GraphQLError[] {
    const { session, writer, logIds } = connection;
    let text: string;
    try {
      text = trustedDocuments.textOf(payload) ?? payload.query;
    } catch (error) {
      return [clientError(error, logIds)];
    }
    const known = documents.get(text);
    if (known !== undefined) {
      meter.documents.hits += 1;
      return known;
    }
    meter.documents.misses += 1;
    const enveloped = yoga.getEnveloped({
      socketViewer: null,
      client: writer,
      logIds,
      params: { query: text },
    });
    try {
      const document = enveloped.parse(text) as DocumentNode;
      const errors = enveloped.validate(enveloped.schema, document) as readonly GraphQLError[];
      if (errors.length > 0) return errors;
      const compiled = new CompiledDocument(schema, document);
      if (session.viewer !== null) documents.set(text, compiled);
      return compiled;
    } catch (error) {
      return [clientError(error, logIds)];
    }
  }

  /**
   * A stream ends by itself only with its session. Then the socket is closed, without "complete", which would
   * tell the client that there is nothing to come back for.
   */
  async function subscribeStream(operation: Operation): Promise<Awaited<OperationResult>> {
    const { session, writer, running, address, logIds } = operation.connection;
    const socketContext = { socketViewer: session.viewer, address, client: writer, logIds };
    const { subscribe } = yoga.getEnveloped(socketContext);
    const result = (await subscribe(operation)) as Awaited<OperationResult>;
    if (!(Symbol.asyncIterator in result)) return result;
    const end = (): void => {
      session.end(CLOSE.sessionEnded);
    };
    const stream = withoutEnd(result, end, () => writer.isSilent);
    running.own(operation.id, stream);
    return stream;
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
    // Before anything is compiled, which strangers are not to cause.
    const viewer = requireViewer(args.contextValue as GraphQLContext);
    const frames = coerced === undefined ? null : compiled.frameWriter(operation, coerced);
    if (frames === null) return null;
    const radius = getArgumentValues(nearbyFriendsField, frames.field, coerced) as ListRadius;
    const stream = new FrameStream(connection.writer, id, frames.write, meter.written).start((sink) =>
      services.nearbyFriends.subscribeSink(viewer, radius, sink, connection.writer),
    );
    connection.running.own(id, stream);
    return stream;
  }

  return {
    /** Returns the operation to run, or the errors that answer instead. */
    prepare(
      connection: OperationConnection,
      id: string,
      payload: SubscribePayload,
    ): Operation | readonly GraphQLError[] | Promise<never> {
      const { operationName, variables } = payload;
      const { logIds, address, session } = connection;
      const compiled = documentOf(payload, connection);
      if (!('document' in compiled)) return compiled;
      const definition = compiled.operation(operationName);
      if (definition === null) {
        return [
          clientError(new DomainError('invalid', 'The operation to run is not in the document.'), logIds),
        ];
      }
      if (session.formerViewer !== null && !endsSession(definition)) {
        // It stays without an answer until the socket closes, which makes clients come back with a fresh token.
        session.endSoon();
        return new Promise(() => undefined);
      }
      // graphql-ws keeps the message for as long as the operation lives, and most of it is this text.
      Object.assign(payload, { query: '' });
      const { document } = compiled;
      const { viewer, formerViewer } = session;
      const contextValue: GraphQLContext = {
        services,
        viewer,
        formerViewer,
        address,
        client: connection.writer,
        socket: session,
        logIds,
      };
      return {
        id,
        connection,
        compiled,
        durations: durationsOf(document, definition),
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
      const startedAtMs = clock.monotonic();
      connection.session.running += 1;
      try {
        const result = await compiled.run(operation);
        const errors = result.errors?.map((error) => clientError(error, connection.logIds));
        return errors === undefined ? result : { ...result, errors };
      } catch (error) {
        return { errors: [clientError(error, connection.logIds)] };
      } finally {
        connection.session.operationEnded();
        operation.durations.record((clock.monotonic() - startedAtMs) / 1_000);
      }
    },

    async subscribe(operation: Operation): Promise<Awaited<OperationResult>> {
      const startedAtMs = clock.monotonic();
      try {
        return subscribeFrames(operation) ?? (await subscribeStream(operation));
      } catch (error) {
        return { errors: [clientError(error, operation.connection.logIds)] };
      } finally {
        operation.durations.record((clock.monotonic() - startedAtMs) / 1_000);
      }
    },
  };
}

/** An operation of a document, and the connection it came on. */
export interface Operation extends ExecutionArgs {
  readonly id: string;
  readonly connection: OperationConnection;
  readonly compiled: CompiledDocument;
  /** Where its duration counts. */
  readonly durations: Durations;
}

/** A connection, as its operations know it. */
export interface OperationConnection {
  readonly writer: SocketWriter;
  readonly logIds: LogIds;
  /** Whose it is, as far as limits go: see client-address.ts. */
  readonly address: string;
  readonly session: SocketSession;
  readonly running: RunningOperations;
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
  readonly documents: DocumentCache;
  readonly durationsOf: OperationDurations;
  readonly trustedDocuments: TrustedDocuments;
  readonly services: Services;
  readonly clock: Clock;
  readonly meter: SocketMeter;
  /** Makes the error that a client sees, and reports a defect. */
  clientError(error: unknown, logIds: LogIds): GraphQLError;
}

/** Whether an operation does nothing but end the session of who asks. */
function endsSession({ operation, selectionSet }: OperationDefinitionNode): boolean {
  return (
    operation === OperationTypeNode.MUTATION &&
    selectionSet.selections.every(
      (selection) => selection.kind === Kind.FIELD && ENDING_FIELDS.includes(selection.name.value),
    )
  );
}

const ENDING_FIELDS: readonly string[] = ['signOut', 'deleteAccount'];
