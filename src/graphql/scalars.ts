/**
 * The schema's own scalars. DateTime is milliseconds since the epoch in the server and RFC 3339 on the wire.
 */
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

export const LatitudeScalar = degrees('Latitude', 90);
export const LongitudeScalar = degrees('Longitude', 180);

export const DateTimeScalar = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined),
});

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function degrees(name: string, limit: number): GraphQLScalarType<number, number> {
  const parse = (value: unknown): number => {
    if (typeof value !== 'number' || !(Math.abs(value) <= limit)) {
      throw badInput(`${name} must be a number from ${-limit} to ${limit}.`);
    }
    return value;
  };
  return new GraphQLScalarType<number, number>({
    name,
    serialize: (value) => value as number,
    parseValue: parse,
    parseLiteral: (node) => parse(numberOf(node)),
  });
}

function numberOf(node: ValueNode): number | undefined {
  return node.kind === Kind.INT || node.kind === Kind.FLOAT ? Number(node.value) : undefined;
}

/**
 * RFC 3339 section 5.6, with seconds and an offset; a day that its month does not have is refused. So is an instant
 * whose year in UTC has not four digits or is 0, as by its offset: neither RFC 3339 nor PostgreSQL can write it.
 */
function parseInstant(value: unknown): number {
  const match = typeof value === 'string' ? RFC3339.exec(value) : null;
  const ms = match === null ? NaN : Date.parse(match[0].toUpperCase());
  if (
    match === null ||
    !(ms >= FIRST_MS && ms <= LAST_MS) ||
    !isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3]))
  ) {
    throw badInput('DateTime must be an instant like 2026-11-22T05:17:57.123Z.');
  }
  return ms;
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
