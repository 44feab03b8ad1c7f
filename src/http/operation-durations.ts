/**
 * How long operations take, by their kind and their root field. Where an operation counts is found once for each
 * document that is kept, so that a location update takes two looks at the clock and one into a WeakMap.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { rootFieldOf } from '../graphql/root-field.js';
import type { Clock } from '../time/clock.js';
import type { RequestContext } from './yoga.js';

/** @param durations the histogram of a kind of operations and a root field. */
export function createOperationDurations(
  durations: (type: string, field: string) => Durations,
): OperationDurations {
  const known = new WeakMap<OperationDefinitionNode, Durations>();
  return (document, operation) => {
    let found = known.get(operation);
    if (found === undefined) {
      found = durations(operation.operation, rootFieldOf(document, operation));
      known.set(operation, found);
    }
    return found;
  };
}

/** Times operations over HTTP: until their result is there, of a subscription until its stream is. */
export function useDurations(durationsOf: OperationDurations, clock: Clock): Plugin {
  function time({ document, operationName, contextValue }: ExecutionArgs): () => void {
    const operation = getOperationAST(document, operationName);
    // Those of sockets time themselves.
    if (operation == null || (contextValue as Partial<RequestContext>).res === undefined)
      return () => undefined;
    const startedAtMs = clock.monotonic();
    return () => {
      durationsOf(document, operation).record((clock.monotonic() - startedAtMs) / 1_000);
    };
  }
  return {
    onExecute: ({ args }) => ({ onExecuteDone: time(args) }),
    onSubscribe: ({ args }) => ({ onSubscribeResult: time(args) }),
  };
}

export type OperationDurations = (document: DocumentNode, operation: OperationDefinitionNode) => Durations;

export interface Durations {
  record(seconds: number): void;
}
