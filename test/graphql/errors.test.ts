import { graphql, GraphQLError } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { beforeEach, describe, expect, test } from 'vitest';
import { DomainError, type DomainErrorKind } from '../../src/domain/errors.js';
import { toClientError } from '../../src/graphql/errors.js';
import { DateTimeScalar, LatitudeScalar } from '../../src/graphql/scalars.js';

let defects: unknown[];
beforeEach(() => {
  defects = [];
});

const told = (error: unknown): GraphQLError => toClientError(error, (defect) => defects.push(defect));
const codeOf = (error: unknown): unknown => told(error).extensions['code'];

/** What graphql-js makes of something that a resolver threw. */
function thrown(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError, path: ['field'] });
}

describe('expected failures', () => {
  test.each<[DomainErrorKind, string]>([
    ['invalid', 'BAD_USER_INPUT'],
    ['unauthenticated', 'UNAUTHENTICATED'],
    ['forbidden', 'FORBIDDEN'],
    ['not-found', 'NOT_FOUND'],
    ['conflict', 'CONFLICT'],
    ['rate-limited', 'RATE_LIMITED'],
    ['unavailable', 'UNAVAILABLE'],
  ])('%s is %s, with its own text, bare or from a resolver', (kind, code) => {
    const error = new DomainError(kind, 'What to do about it.');
    for (const each of [error, thrown(error)]) {
      expect(told(each)).toMatchObject({ message: 'What to do about it.', extensions: { code } });
    }
    expect(told(thrown(error)).path).toEqual(['field']);
    expect(defects).toEqual([]);
  });

  test('with a cause tell the log of it, and the client nothing', () => {
    const cause = new Error('SELECT secret');
    const error = told(new DomainError('unavailable', 'Try again later.', { cause }));
    expect(defects).toEqual([cause]);
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});

describe('defects', () => {
  const secret = new TypeError('Cannot read 37.98 of undefined at /srv/app.js, SELECT * FROM users');

  test.each<[string, unknown]>([
    ['an error', secret],
    ['an error from a resolver', thrown(secret)],
    ['a text', 'thrown text 37.98'],
    ['nothing', undefined],
    ['null', null],
  ])('%s is INTERNAL_SERVER_ERROR without its text, and reported', (_name, error) => {
    const client = told(error);
    expect(client).toMatchObject({
      message: 'Something went wrong on the server.',
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
    expect(client.originalError).toBeUndefined();
    expect(JSON.stringify(client)).not.toMatch(/37\.98|SELECT|srv/);
    expect(defects).toHaveLength(1);
  });
});

describe('what graphql-js and Yoga say', () => {
  const schema = createSchema({
    typeDefs: `
      scalar Latitude
      scalar DateTime
      input Place { latitude: Latitude!, note: String, at: DateTime }
      type Query {
        place(place: Place!, first: Int): String
        required: String!
      }`,
    resolvers: {
      Latitude: LatitudeScalar,
      DateTime: DateTimeScalar,
      Query: { place: () => 'taken', required: () => null },
    },
  });

  async function errorsOf(
    source: string,
    variableValues: Record<string, unknown> = {},
  ): Promise<GraphQLError[]> {
    const { errors } = await graphql({ schema, source, variableValues });
    expect(errors).toBeDefined();
    return (errors ?? []).map(told);
  }

  const query = 'query ($place: Place!, $first: Int) { place(place: $place, first: $first) }';

  test.each<[string, Record<string, unknown>]>([
    ['out of range', { place: { latitude: 91.2345 } }],
    ['a text where a number is due', { place: { latitude: '37.98765' } }],
    ['missing', { place: { note: 'hunter2-secret' } }],
    ['null', { place: { latitude: null } }],
    ['no text', { place: { latitude: 1, note: 77.1234 } }],
    ['an unknown field', { place: { latitude: 1, hunter2: 37.98765 } }],
    ['no instant', { place: { latitude: 1, at: 'hunter2-secret' } }],
    ['too great', { place: { latitude: 1 }, first: 99_999_999_999.25 }],
    ['not there at all', {}],
    ['of another kind', { place: 'hunter2-secret' }],
  ])(
    'a variable that is %s is BAD_USER_INPUT and named, and its value is not repeated',
    async (_name, variables) => {
      for (const error of await errorsOf(query, variables)) {
        expect(error.extensions['code']).toBe('BAD_USER_INPUT');
        expect(error.message).toMatch(/"\$(place|first)/);
        expect(error.message).not.toMatch(/91\.2345|37\.98|77\.1|hunter2-secret|99999999999|99_999/);
      }
      expect(defects).toEqual([]);
    },
  );

  test('a null where the schema promises a value is a defect of ours', async () => {
    const [error] = await errorsOf('{ required }');
    expect(error).toMatchObject({
      message: 'Something went wrong on the server.',
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
      path: ['required'],
    });
    expect(defects).toHaveLength(1);
  });

  test('a documented code stays, another becomes BAD_USER_INPUT, as does a refusal by HTTP status, which stays too', () => {
    const parse = new GraphQLError('Syntax Error', { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
    expect(told(parse)).toBe(parse);
    expect(codeOf(new GraphQLError('Odd', { extensions: { code: 'SOMETHING_ELSE' } }))).toBe(
      'BAD_USER_INPUT',
    );
    const refused = told(new GraphQLError('Must provide query', { extensions: { http: { status: 400 } } }));
    expect(refused.extensions).toEqual({ http: { status: 400 }, code: 'BAD_USER_INPUT' });
    expect(defects).toEqual([]);
  });
});
