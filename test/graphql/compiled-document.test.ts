import fc from 'fast-check';
import { execute, type ExecutionResult, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../src/domain/errors.js';
import { toClientError } from '../../src/graphql/errors.js';
import { CompiledDocument } from '../../src/graphql/compiled-document.js';
import { compileMutation } from '../../src/graphql/compiled-mutation.js';
import { buildSchema } from '../../src/graphql/schema.js';

const schema = buildSchema();

/** What a service does when it is called. */
const OUTCOMES = ['answers', 'answers', 'refuses', 'breaks', 'throws at once', 'gives nothing'] as const;
type Outcome = (typeof OUTCOMES)[number];

const CARD = { id: 'e5b3f2c4-6d8f-4b62-9d0e-2c8a4d0e51aa', handle: 'ada', displayName: 'Ada ♥' };
const REQUEST = { id: CARD.id, from: CARD, to: CARD, status: 'PENDING', createdAtMs: 1_700_000_000_000 };
const LOCATION = {
  ...{ latitude: 1.5, longitude: -2, accuracyMeters: null, recordedAtMs: 1_700_000_000_123 },
  speedMetersPerSecond: 1.4,
};

/** Services that note how they were called, and do what they are told in turn. */
function servicesThat(outcomes: readonly Outcome[]) {
  const calls: unknown[][] = [];
  const service =
    (name: string, answer: unknown) =>
    (...args: unknown[]): unknown => {
      const outcome = outcomes[calls.length % outcomes.length];
      calls.push([name, ...args]);
      if (outcome === 'throws at once') throw new DomainError('forbidden', 'Not you.');
      if (outcome === 'refuses') return Promise.reject(new DomainError('conflict', 'Not so.'));
      if (outcome === 'breaks') return Promise.reject(new Error('a defect'));
      return Promise.resolve(outcome === 'answers' ? answer : null);
    };
  const services = {
    locations: { publish: service('publish', { location: LOCATION, recorded: true }) },
    friends: {
      sendRequest: service('ask', REQUEST),
      updateSharing: service('share', { enabled: true, untilMs: null }),
      remove: service('remove', true),
    },
    locationHistory: { delete: service('delete', 7) },
  };
  return { calls, services };
}

const USER = '{ id handle name: displayName __typename }';
const SELECTIONS: Record<string, readonly string[]> = {
  'updateLocation(input: $input)': [
    '{ recorded location { latitude longitude accuracyMeters speedMetersPerSecond headingDegrees recordedAt } }',
    '{ __typename again: recorded recorded ...Told }',
    '{ location { recordedAt } ... on UpdateLocationPayload { location { __typename latitude } } }',
  ],
  'updateLocation(input: { latitude: 1, longitude: $east, id: "x" })': ['{ recorded }'],
  'updateSharing(input: $sharing)': ['{ enabled until }'],
  'updateSharing(input: { enabled: true, until: $from })': ['{ until }'],
  'sendFriendRequest(userId: $id)': [`{ id status createdAt from ${USER} to { id } }`, '{ status }'],
  'removeFriend(userId: $id)': [''],
  'deleteLocationHistory(from: $from)': [''],
};

const field = fc
  .constantFrom(...Object.entries(SELECTIONS))
  .chain(([call, selections]) => fc.constantFrom(...selections).map((selection) => `${call} ${selection}`));

const mutation = fc.tuple(field, fc.constantFrom('', 'it: ')).map(
  ([text, alias]) =>
    `mutation App($input: UpdateLocationInput!, $east: Longitude! = 3, $sharing: UpdateSharingInput!, $id: ID!, $from: DateTime) {
         ${alias}${text}
       }
       fragment Told on UpdateLocationPayload { location { accuracyMeters } told: recorded }`,
);

const nonsense = fc.oneof(
  fc.constantFrom<unknown[]>(
    undefined,
    null,
    true,
    '',
    'x',
    [],
    {},
    [1],
    -0,
    1.5,
    91,
    181,
    1e400,
    2 ** 31,
    2 ** 53,
  ),
  fc.jsonValue({ maxDepth: 1 }),
);
const mostly = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 60, arbitrary: good }, { weight: 1, arbitrary: nonsense });
const instant = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('2026-11-22T05:17:57.123Z', '2026-11-22T05:17:57+02:00') },
  { weight: 1, arbitrary: fc.constantFrom('2026-02-30T00:00:00Z', 'yesterday') },
);

/** Mostly right. Over a socket variables come as JSON. */
const variables = fc
  .record(
    {
      input: mostly(
        fc.record(
          {
            latitude: mostly(fc.double({ min: -90, max: 90, noNaN: true })),
            longitude: mostly(fc.double({ min: -180, max: 180, noNaN: true })),
            accuracyMeters: mostly(fc.option(fc.oneof(fc.integer(), fc.double({ noNaN: true })))),
            headingDegrees: mostly(fc.option(fc.double({ min: -1, max: 360 }))),
            recordedAt: mostly(fc.option(instant)),
            id: mostly(fc.oneof(fc.uuid(), fc.integer())),
            altitude: mostly(fc.constant(undefined)),
          },
          { requiredKeys: ['latitude', 'longitude'] },
        ),
      ),
      east: mostly(fc.double({ min: -180, max: 180, noNaN: true })),
      sharing: mostly(
        fc.record(
          { enabled: mostly(fc.boolean()), until: mostly(fc.option(instant)) },
          { requiredKeys: ['enabled'] },
        ),
      ),
      id: mostly(fc.uuid()),
      from: mostly(fc.option(instant)),
      unasked: nonsense,
    },
    { requiredKeys: ['input', 'sharing', 'id'] },
  )
  .map((values) => JSON.parse(JSON.stringify(values)) as Record<string, unknown>);

/** The text that a client is told: its fields have an order. */
function told({ data, errors }: ExecutionResult): string {
  return JSON.stringify({ data, errors: errors?.map((error) => toClientError(error, () => undefined)) });
}

describe('a compiled mutation', () => {
  test('tells clients what graphql-js would, and calls what it would call, whatever it is given', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        mutation,
        variables,
        fc.array(fc.constantFrom(...OUTCOMES), { minLength: 1, maxLength: 3 }),
        async (text, variableValues, outcomes) => {
          const document = parse(text);
          expect(compileMutation(schema, document)).not.toBeNull();
          const it = new CompiledDocument(schema, document, 1);
          const [one, other] = [servicesThat(outcomes), servicesThat(outcomes)];
          const args = { schema, document, variableValues };
          const viewer = { userId: CARD.id };
          const compiled = await it.run({ variableValues, contextValue: { services: one.services, viewer } });
          const executed = await execute({ ...args, contextValue: { services: other.services, viewer } });
          expect(told(compiled)).toBe(told(executed));
          expect(one.calls).toEqual(other.calls);
          if (executed.data != null) answered += 1;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(answered).toBeGreaterThan(400);
  });

  test('the corpus is of valid mutations', () => {
    fc.assert(
      fc.property(mutation, (text) => {
        const faults = validate(schema, parse(text)).filter(({ message }) => !message.includes('never used'));
        expect(faults).toEqual([]);
      }),
    );
  });

  test.each([
    ['a query', '{ me { id } }'],
    ['a subscription', 'subscription { friendRequests { id } }'],
    ['one of several operations', 'mutation A { signOut } mutation B { signOut }'],
    ['one of several fields', 'mutation { signOut again: signOut }'],
    ['one whose fields are in a fragment', 'mutation { ... { signOut again: signOut } }'],
    ['one with directives', 'mutation ($no: Boolean!) { signOut @skip(if: $no) }'],
  ])('%s is left to graphql-js', (_name, text) => {
    expect(compileMutation(schema, parse(text))).toBeNull();
  });
});

test('a mutation answers the same before and after it is compiled', async () => {
  const { services, calls } = servicesThat(['answers']);
  const document = parse('mutation ($id: ID!) { removeFriend(userId: $id) }');
  const it = new CompiledDocument(schema, document, 10);
  for (let time = 0; time < 25; time++) {
    const contextValue = { services, viewer: { userId: CARD.id } };
    const answer = await it.run({ contextValue, variableValues: { id: `friend ${time}` } });
    expect(JSON.stringify(answer)).toBe('{"data":{"removeFriend":true}}');
    expect(calls.at(-1)?.at(-1)).toBe(`friend ${time}`);
  }
  expect(calls).toHaveLength(25);
});
