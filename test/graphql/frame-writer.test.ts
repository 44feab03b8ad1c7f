import fc from 'fast-check';
import { execute, type OperationDefinitionNode, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import type { LocationUpdate } from '../../src/domain/location-update.js';
import type { NearbyFrame } from '../../src/domain/proximity-gate.js';
import { compileFrameWriter } from '../../src/graphql/frame-writer.js';
import { buildSchema } from '../../src/graphql/schema.js';

const schema = buildSchema();

/** Fields of each type; those of an object type with its name. */
const TYPES: Record<string, Record<string, string | null>> = {
  NearbyFriendsUpdate: { snapshot: null, nearby: 'NearbyFriend', left: 'DepartedFriend', origin: 'Location' },
  NearbyFriend: {
    friend: 'User',
    distanceMeters: null,
    location: 'Location',
    updatedAt: null,
    precision: null,
  },
  DepartedFriend: { friendId: null, reason: null },
  Location: {
    latitude: null,
    longitude: null,
    accuracyMeters: null,
    speedMetersPerSecond: null,
    headingDegrees: null,
    recordedAt: null,
  },
  User: { id: null, handle: null, displayName: null },
};

const directive = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('@skip(if: $yes)', '@include(if: $no)', '@skip(if: false) @include(if: $yes)'),
  },
);

/** A selection of one to five items. Aliases differ by the field and its type, so that whatever merges may merge. */
function selectionOf(typeName: string, depth: number): fc.Arbitrary<string> {
  const fields = Object.entries(TYPES[typeName] ?? {});
  const field = fc
    .tuple(fc.constantFrom(...fields, ['__typename', null] as const), fc.boolean(), directive)
    .chain(([[name, type], aliased, condition]) => {
      const head = `${aliased ? `${name}_again: ` : ''}${name} ${condition}`;
      return type === null ? fc.constant(head) : selectionOf(type, depth).map((inner) => `${head} ${inner}`);
    });
  const item =
    depth === 0
      ? field
      : fc.oneof(
          { weight: 5, arbitrary: field },
          {
            weight: 1,
            arbitrary: fc
              .tuple(fc.boolean(), directive, selectionOf(typeName, depth - 1))
              .map(
                ([typed, condition, inner]) => `... ${typed ? `on ${typeName}` : ''} ${condition} ${inner}`,
              ),
          },
          { weight: 1, arbitrary: fc.constant(`...${typeName}Parts`) },
        );
  return fc.array(item, { minLength: 1, maxLength: 5 }).map((items) => `{ ${items.join(' ')} }`);
}

const operation = fc
  .tuple(
    selectionOf('NearbyFriendsUpdate', 2),
    fc.constantFrom('', 'list: '),
    ...Object.keys(TYPES).map((name) => selectionOf(name, 0)),
  )
  .map(([selection, alias, ...parts]) => {
    const fragments = Object.keys(TYPES).map(
      (name, index) => `fragment ${name}Parts on ${name} ${parts[index]}`,
    );
    // Fragments and variables that the operation does not use are not valid; they don't matter here.
    return `subscription ($yes: Boolean = true, $no: Boolean = false) { ${alias}nearbyFriends ${selection} } ${fragments.join('\n')}`;
  });

const located: fc.Arbitrary<LocationUpdate> = fc.record({
  speedMetersPerSecond: fc.option(fc.double({ min: 0, max: 1e4, noNaN: true }), { nil: undefined }),
  headingDegrees: fc.option(fc.double({ min: 0, max: 360, noNaN: true }), { nil: undefined }),
  id: fc.uuid(),
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  accuracyMeters: fc.option(fc.double({ min: 0, max: 1e22, noNaN: true })),
  recordedAtMs: fc.integer({ min: 0, max: 4e12 }),
  receivedAtMs: fc.integer({ min: 0, max: 4e12 }),
});

const update = fc
  .tuple(located, fc.boolean())
  .map(([at, isApproximate]): LocationUpdate => (isApproximate ? { ...at, isApproximate } : at));

const frame: fc.Arbitrary<NearbyFrame> = fc.record({
  snapshot: fc.boolean(),
  nearby: fc.array(
    fc.record({
      friend: fc.record({
        id: fc.uuid(),
        handle: fc.stringMatching(/^[a-z0-9_.]{3,30}$/),
        displayName: fc.string({ unit: 'binary', maxLength: 20 }),
      }),
      distanceMeters: fc.double({ min: 0, max: 2.1e7, noNaN: true }),
      location: update,
    }),
    { maxLength: 3 },
  ),
  left: fc.array(
    fc.record({
      friendId: fc.uuid(),
      reason: fc.constantFrom('OUT_OF_RANGE' as const, 'UNAVAILABLE' as const),
    }),
    { maxLength: 3 },
  ),
  origin: fc.option(update),
});

const variables = fc.record({ yes: fc.boolean(), no: fc.boolean() });

const PLACE: LocationUpdate = {
  id: 'id',
  latitude: 0,
  longitude: 0,
  accuracyMeters: null,
  recordedAtMs: 0,
  receivedAtMs: 0,
};

const ASCII = /^[ -~]*$/;

test('writes what graphql-js gives, in ASCII, for whatever selection', () => {
  fc.assert(
    fc.property(
      operation,
      fc.array(frame, { minLength: 1, maxLength: 3 }),
      variables,
      (text, frames, values) => {
        const document = parse(text);
        const definition = document.definitions[0] as OperationDefinitionNode;
        const write = compileFrameWriter(schema, document, definition, values)?.write;
        expect(write).toBeDefined();
        for (const value of frames) {
          const executed = execute({
            schema,
            document,
            rootValue: value,
            contextValue: {},
            variableValues: values,
          });
          // Twice: the second time what is kept with a location is used.
          for (const written of [write?.(value), write?.(value)]) {
            expect(written).toMatch(ASCII);
            expect(JSON.stringify(JSON.parse(written ?? ''))).toBe(JSON.stringify(executed));
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('writes each location as it is, also when there are more of them than are kept', () => {
  const document = parse(
    'subscription { nearbyFriends { nearby { distanceMeters location { latitude } } } }',
  );
  const write = compileFrameWriter(schema, document, document.definitions[0] as OperationDefinitionNode, {});
  const friend = { id: 'id', handle: 'ann', displayName: 'Ann' };
  const locations = Array.from({ length: 9_000 }, (_, index) => ({
    ...PLACE,
    id: String(index),
    latitude: index / 100,
  }));
  for (const round of [1, 2]) {
    for (const location of locations) {
      const nearby = [{ friend, distanceMeters: round, location }];
      const text = write?.write({ snapshot: false, nearby, left: [], origin: null });
      const entry = `{"distanceMeters":${round},"location":{"latitude":${location.latitude}}}`;
      expect(text).toBe(`{"data":{"nearbyFriends":{"nearby":[${entry}]}}}`);
    }
  }
});

test('writes the text of a location that several lists show once, however many others come', () => {
  const document = parse('subscription { nearbyFriends { nearby { location { latitude } } } }');
  const write = compileFrameWriter(schema, document, document.definitions[0] as OperationDefinitionNode, {});
  const friend = { id: 'id', handle: 'ann', displayName: 'Ann' };
  let reads = 0;
  const counted = (): LocationUpdate => ({
    ...PLACE,
    get latitude() {
      reads += 1;
      return 1;
    },
  });
  const show = (location: LocationUpdate): string | undefined =>
    write?.write({
      snapshot: false,
      nearby: [{ friend, distanceMeters: 1, location }],
      left: [],
      origin: null,
    });
  const [shared, single] = [counted(), counted()];
  for (let list = 0; list < 4; list++) show(shared);
  show(single);
  expect(reads).toBe(2);
  for (let nth = 0; nth < 10_000; nth++) show({ ...PLACE });
  show(shared);
  expect(reads).toBe(2);
  show(single);
  expect(reads).toBe(3);
});

test('writes a friend who has another name at the same place', () => {
  const document = parse('subscription { nearbyFriends { nearby { friend { displayName } } } }');
  const write = compileFrameWriter(schema, document, document.definitions[0] as OperationDefinitionNode, {});
  // On many lists, whose text is shared, and on one.
  for (const displayName of [
    ...Array<string>(6).fill('Ann'),
    'Anna',
    'Ann',
    ...Array<string>(6).fill('Anna'),
  ]) {
    const nearby = [{ friend: { id: 'id', handle: 'ann', displayName }, distanceMeters: 1, location: PLACE }];
    expect(write?.write({ snapshot: false, nearby, left: [], origin: null })).toBe(
      `{"data":{"nearbyFriends":{"nearby":[{"friend":{"displayName":"${displayName}"}}]}}}`,
    );
  }
});

test('the corpus is made of operations that are valid but for parts that are not used', () => {
  fc.assert(
    fc.property(operation, (text) => {
      const messages = validate(schema, parse(text)).map(({ message }) => message);
      return messages.every((message) => /is never used/.test(message));
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['another subscription', 'subscription { friendRequests { id } }'],
  ['a root field that is skipped', 'subscription { nearbyFriends @skip(if: true) { snapshot } }'],
])('leaves %s to graphql-js', (_name, text) => {
  const document = parse(text);
  const definition = document.definitions[0] as OperationDefinitionNode;
  expect(compileFrameWriter(schema, document, definition, {})).toBeNull();
});
