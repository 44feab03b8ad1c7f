/**
 * Writes the text of frames without executing GraphQL for each event (docs/decisions/010). A selection is
 * compiled once for all sockets, and the text of a location is written once for all its subscribers.
 * graphql-js's own collectFields finds the selected fields, so merging, aliases, fragments and directives are
 * right; a selection that is not known here compiles to null and is left to graphql-js.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { LocationUpdate } from '../domain/location-update.js';
import type { DepartedFriend, NearbyFrame, NearbyFriend } from '../domain/proximity-gate.js';
import type { UserCard } from '../domain/user.js';
import { asciiJson } from './ascii-json.js';

/**
 * Compiles an operation; null where graphql-js has to execute.
 * @param variables coerced values of the operation's variables; only @skip and @include depend on them.
 */
export function compileFrameWriter(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): FrameWriter | null {
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  const values = { ...variables };
  const instant = createInstantWriter();

  function fieldsOf(typeName: string, selections: readonly FieldNode[]): Map<string, readonly FieldNode[]> {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`${typeName} is an object type of the schema`);
    return collectSubfields(schema, fragments, values, type, selections);
  }

  function object<T>(typeName: string, selections: readonly FieldNode[], known: Fields<T>): Write<T> | null {
    const heads: string[] = [];
    const writes: Write<T>[] = [];
    for (const [key, nodes] of fieldsOf(typeName, selections)) {
      const name = nodes[0]?.name.value ?? '';
      const write = name === '__typename' ? () => JSON.stringify(typeName) : known[name]?.(nodes);
      if (write == null) return null;
      heads.push(`${heads.length === 0 ? '{' : ','}${JSON.stringify(key)}:`);
      writes.push(write);
    }
    if (writes.length === 0) return () => '{}';
    return (value) => {
      let text = '';
      for (let index = 0; index < writes.length; index++)
        text += (heads[index] ?? '') + (writes[index]?.(value) ?? '');
      return text + '}';
    };
  }

  const user = (selections: readonly FieldNode[]): Write<UserCard> | null =>
    object<UserCard>('User', selections, {
      id: () => (card) => asciiJson(card.id),
      handle: () => (card) => asciiJson(card.handle),
      displayName: () => (card) => asciiJson(card.displayName),
    });

  const location = (selections: readonly FieldNode[]): Write<LocationUpdate> | null =>
    object<LocationUpdate>('Location', selections, {
      latitude: () => (update) => JSON.stringify(update.latitude),
      longitude: () => (update) => JSON.stringify(update.longitude),
      accuracyMeters: () => (update) => JSON.stringify(update.accuracyMeters),
      speedMetersPerSecond: () => (update) => JSON.stringify(update.speedMetersPerSecond ?? null),
      headingDegrees: () => (update) => JSON.stringify(update.headingDegrees ?? null),
      recordedAt: () => (update) => instant(update.recordedAtMs),
    });

  const nearby = (selections: readonly FieldNode[]): Write<NearbyFriend> | null => {
    const write = object<NearbyFriend>('NearbyFriend', selections, {
      friend: (nodes) => map(user(nodes), (entry) => entry.friend),
      distanceMeters: () => () => DISTANCE,
      location: (nodes) => map(location(nodes), (entry) => entry.location),
      precision: () => (entry) => (entry.location.isApproximate === true ? '"APPROXIMATE"' : '"EXACT"'),
      updatedAt: () => (entry) => instant(entry.location.receivedAtMs),
    });
    return write === null ? null : aroundDistance(write);
  };

  const left = (selections: readonly FieldNode[]): Write<DepartedFriend> | null =>
    object<DepartedFriend>('DepartedFriend', selections, {
      friendId: () => (departed) => asciiJson(departed.friendId),
      reason: () => (departed) => JSON.stringify(departed.reason),
    });

  const frame = (selections: readonly FieldNode[]): Write<NearbyFrame> | null =>
    object<NearbyFrame>('NearbyFriendsUpdate', selections, {
      snapshot: () => (value) => String(value.snapshot),
      nearby: (nodes) => map(list(nearby(nodes)), (value) => value.nearby),
      left: (nodes) => map(list(left(nodes)), (value) => value.left),
      origin: (nodes) => map(nullable(location(nodes)), (value) => value.origin),
    });

  const root = schema.getSubscriptionType();
  if (root == null) return null;
  const roots = [...collectFields(schema, fragments, values, root, operation.selectionSet)];
  const [key, selections] = roots[0] ?? [];
  const field = selections?.[0];
  if (roots.length !== 1 || key === undefined || field?.name.value !== 'nearbyFriends') return null;
  const head = `{"data":{${JSON.stringify(key)}:`;
  const write = frame(selections ?? []);
  return write === null ? null : { field, write: (value) => `${head}${write(value)}}}` };
}

/** A compiled operation that selects nearbyFriends. */
export interface FrameWriter {
  /** The selected field, with its arguments. */
  readonly field: FieldNode;
  /** Writes an execution result, `{"data":{…}}`, as JSON in ASCII. */
  readonly write: (frame: NearbyFrame) => string;
}

type Write<T> = (value: T) => string;

/** Makes the writer of each field of a type from its selections; null for a selection that is not known. */
type Fields<T> = Readonly<
  Record<string, ((selections: readonly FieldNode[]) => Write<T> | null) | undefined>
>;

/** Stands in the place of the distance; it can't occur in JSON text. */
const DISTANCE = '\u0000';

/** More than a server receives in a few seconds. */
const RECENT_LOCATIONS = 4_000;
/** A text that was written so often is likely to be written again: several lists have it, or one whose viewer alone moves. */
const SHARED_USES = 4;

/**
 * Writes everything of an entry but its distance once for each location, since it is the same for all
 * subscribers, until the friend has another name. One that is sent often, as one that several lists share, is kept as long as the location, as it is
 * sent again whenever one of their viewers moves. The others are sent within a second or so: to keep them longer would
 * take more memory than the location.
 */
function aroundDistance(write: Write<NearbyFriend>): Write<NearbyFriend> {
  const shared = new WeakMap<LocationUpdate, WrittenEntry>();
  let recent = new WeakMap<LocationUpdate, WrittenEntry>();
  let locations = 0;

  function piecesOf(entry: NearbyFriend): readonly string[] {
    const { friend, location } = entry;
    const known = shared.get(location) ?? recent.get(location);
    if (known?.displayName === friend.displayName) {
      known.uses += 1;
      if (known.uses === SHARED_USES) shared.set(location, known);
      return known.pieces;
    }
    const pieces = write(entry).split(DISTANCE);
    if (locations === RECENT_LOCATIONS) {
      recent = new WeakMap();
      locations = 0;
    }
    shared.delete(location);
    recent.set(location, { displayName: friend.displayName, pieces, uses: 1 });
    locations += 1;
    return pieces;
  }

  return (entry) => {
    const pieces = piecesOf(entry);
    // Unlike String(), JSON.stringify keeps no text of the number in V8's cache (docs/decisions/035).
    const distance = JSON.stringify(entry.distanceMeters);
    // Mostly the distance is selected once; with aliases it may come more often, or not at all.
    return pieces.length === 2 ? `${pieces[0]}${distance}${pieces[1]}` : pieces.join(distance);
  };
}

interface WrittenEntry {
  readonly displayName: string;
  readonly pieces: readonly string[];
  /** How many entries it was written into. */
  uses: number;
}

/**
 * Writes instants and keeps the last one: an update is mostly received as it is recorded
 * (docs/decisions/036).
 */
function createInstantWriter(): Write<number> {
  let lastMs = NaN;
  let text = '';
  return (ms) => {
    if (ms !== lastMs) {
      lastMs = ms;
      text = `"${new Date(ms).toISOString()}"`;
    }
    return text;
  };
}

function map<T, V>(write: Write<V> | null, read: (value: T) => V): Write<T> | null {
  return write === null ? null : (value) => write(read(value));
}

function nullable<T>(write: Write<T> | null): Write<T | null> | null {
  return write === null ? null : (value) => (value === null ? 'null' : write(value));
}

function list<T>(write: Write<T> | null): Write<readonly T[]> | null {
  if (write === null) return null;
  return (values) => {
    let text = '[';
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (value !== undefined) text += index === 0 ? write(value) : `,${write(value)}`;
    }
    return text + ']';
  };
}
