/**
 * Completes lists a slice at a time. graphql-js completes an array in one go, which for some thousand friends takes
 * a tenth of a second, and an item that is a promise when it resolves.
 */
import {
  defaultFieldResolver,
  getNullableType,
  type GraphQLSchema,
  isIntrospectionType,
  isListType,
  isObjectType,
} from 'graphql';
import type { Clock } from '../time/clock.js';
import { createTimeSlices } from '../time/time-slices.js';

/** Divides all lists of a schema but those of mutations: graphql-jit knows arrays only, and theirs are short. */
export function sliceLists(schema: GraphQLSchema, clock: Clock): void {
  const mayGoOn = createTimeSlices(SLICE_MS, clock);

  async function inTurn(item: unknown, before: Promise<unknown> | null): Promise<unknown> {
    if (before !== null) await before;
    const turn = mayGoOn();
    if (turn !== null) await turn;
    return item;
  }

  function divided(value: unknown): unknown {
    if (!Array.isArray(value) || value.length < 2) return value;
    let before: Promise<unknown> | null = null;
    return value.map((item: unknown) => (before = inTurn(item, before)));
  }

  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type) || type === schema.getMutationType()) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isListType(getNullableType(field.type))) continue;
      const { resolve = defaultFieldResolver } = field;
      field.resolve = (...args) => {
        const value: unknown = resolve(...args);
        return value instanceof Promise ? value.then(divided) : divided(value);
      };
    }
  }
}

/** A tenth of what an operation may keep the event loop for. */
const SLICE_MS = 5;
