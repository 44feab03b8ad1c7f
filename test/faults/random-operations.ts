/** Random documents and variables: mostly what the schema allows, often not quite. */
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLInputType,
  type GraphQLObjectType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  getNamedType,
} from 'graphql';
import type { Random } from './random.js';

export interface RandomOperation {
  readonly isSubscription: boolean;
  readonly query: string;
  /** JSON text, since some values have no place in JavaScript. */
  readonly variables: string;
  readonly operationName: string | null;
}

/** Never signs out or deletes the account, after which the rest of a run would be in vain. */
export function randomOperation(random: Random): RandomOperation {
  const kind = random.pick(['query', 'mutation', 'subscription'] as const);
  const type = ROOTS[kind];
  if (type == null) throw new Error(`the schema has no ${kind}`);
  const variables = new Map<string, { readonly type: string; readonly value: string }>();
  const selection = selectionOf(random, type, variables, 0);
  const declared = [...variables].map(([name, variable]) => `$${name}: ${variable.type}`).join(', ');
  const name = random.pick(['', '', 'Q', 'Ü']);
  let query = `${kind} ${name}${declared === '' ? '' : `(${declared})`} ${selection}`;
  if (random.chance(0.1)) query += ` fragment F on ${type.name} ${selection}`;
  if (random.chance(0.05)) query += ` ${query}`;
  if (random.chance(0.25)) query = mutateText(random, query);
  const values = [...variables].map(([key, { value }]) => `${JSON.stringify(key)}:${value}`).join(',');
  return {
    isSubscription: kind === 'subscription',
    query,
    variables: random.chance(0.1) ? strangeValue(random) : `{${values}}`,
    operationName: random.pick([null, null, null, name, 'Other', '']),
  };
}

/** Drops, doubles or replaces pieces of a text. */
export function mutateText(random: Random, text: string): string {
  const pieces = text.split(/(?<=[^\w])|(?=[^\w])/);
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(pieces.length);
    const piece = random.pick(['', `${pieces[at]}${pieces[at]}`, random.pick(PIECES), random.pick(pieces)]);
    pieces[at] = piece;
  }
  return pieces.join('');
}

/** JSON text of a value that is mostly of no type of the schema. */
export function strangeValue(random: Random): string {
  if (random.chance(0.05)) return `${'['.repeat(3_000)}${']'.repeat(3_000)}`;
  if (random.chance(0.05)) return `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`;
  return random.pick(STRANGE_VALUES);
}

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const ROOTS = {
  query: schema.getQueryType(),
  mutation: schema.getMutationType(),
  subscription: schema.getSubscriptionType(),
};
const SPARED: readonly string[] = ['signOut', 'deleteAccount'];
const DEEPEST = 5;

const PIECES = [
  '{',
  '}',
  '(',
  ')',
  '@skip(if: true)',
  '@include(if: $x)',
  '...',
  '...F',
  '$x',
  '!',
  '"',
  '"""',
  ':',
  '0',
  '-',
  '\u0000',
  '#',
  '\ud800',
  '😀',
  'null',
  '@defer',
  '__schema',
  '__typename',
];

const STRANGE_VALUES = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '1e400',
    '-1e400',
    '1e-400',
    '0.1',
    '9007199254740993',
    '2147483648',
  ],
  ...['""', '"0"', '"NaN"', '"\\u0000"', '"\\ud800"', '"__proto__"', '"😀"', `"${'x'.repeat(10_000)}"`],
  ...['[]', '{}', '[null]', '[[]]', '{"__proto__":1}', '{"toJSON":1}', '{"length":-1}', '{"then":1}'],
  ...[
    '"1970-01-01T00:00:00.000Z"',
    '"0000-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59-23:59"',
    '"2026-02-30T00:00:00Z"',
    '"2026-01-01"',
    '"now"',
    '"2026-01-01T00:00:00+23:59"',
  ],
  ...['"00000000-0000-0000-0000-000000000000"', '"not-an-id"', '"\' OR 1=1 --"', '"%"', '"../../etc/passwd"'],
];

function selectionOf(random: Random, type: GraphQLObjectType, variables: Variables, depth: number): string {
  const fields = Object.values(type.getFields()).filter(({ name }) => !SPARED.includes(name));
  const chosen =
    depth === 0 && random.chance(0.7) ? [random.pick(fields)] : fields.filter(() => random.chance(0.6));
  const texts = (chosen.length === 0 ? fields.slice(0, 1) : chosen).map((field) => {
    const args = field.args
      .filter((arg) => isNonNullType(arg.type) || random.chance(0.5))
      .map((arg) => `${arg.name}: ${argument(random, arg.type, variables)}`);
    const result = getNamedType(field.type);
    const inner =
      isObjectType(result) && depth < DEEPEST ? selectionOf(random, result, variables, depth + 1) : '';
    const alias = random.chance(0.1) ? `${random.pick(['a', 'b', '__proto__', 'then'])}: ` : '';
    const condition = random.chance(0.08)
      ? ` @${random.pick(['skip', 'include'])}(if: ${flag(random, variables)})`
      : '';
    return `${alias}${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${condition} ${inner}`;
  });
  if (random.chance(0.1)) texts.push(`... on ${type.name} { __typename }`);
  if (random.chance(0.03)) texts.push('...F');
  return `{ ${texts.join(' ')} }`;
}

function flag(random: Random, variables: Variables): string {
  if (random.chance(0.5)) return random.pick(['true', 'false']);
  const name = random.pick(['x', 'y']);
  variables.set(name, { type: 'Boolean!', value: random.pick(['true', 'false', 'true', 'null']) });
  return `$${name}`;
}

function argument(random: Random, type: GraphQLInputType, variables: Variables): string {
  const value = random.chance(0.25) ? strangeValue(random) : valueOf(random, type);
  if (random.chance(0.4)) return literalOf(value);
  const name = `v${variables.size}`;
  variables.set(name, { type: random.chance(0.05) ? 'Nothing' : String(type), value });
  return `$${name}`;
}

/** JSON text of a value of a type. */
function valueOf(random: Random, type: GraphQLInputType): string {
  if (isNonNullType(type)) return valueOf(random, type.ofType);
  if (isListType(type))
    return `[${Array.from({ length: random.below(4) }, () => valueOf(random, type.ofType)).join(',')}]`;
  if (isEnumType(type)) return JSON.stringify(random.pick(type.getValues()).name);
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isNonNullType(field.type) || random.chance(0.4),
    );
    return `{${fields
      .map(
        (field) =>
          `"${field.name}":${random.chance(0.1) ? strangeValue(random) : valueOf(random, field.type)}`,
      )
      .join(',')}}`;
  }
  switch (type.name) {
    case 'Boolean':
      return String(random.chance(0.5));
    case 'Int':
      return String(random.below(1_001));
    case 'Float':
    case 'Latitude':
    case 'Longitude':
      return String((random.next() - 0.5) * 180);
    case 'DateTime':
      return `"${new Date(Date.now() - random.below(86_400_000)).toISOString()}"`;
    default:
      return random.pick(['"01a22158-9e86-7161-9b22-31675c182166"', '"nobody_here"', '"some text"']);
  }
}

/** A GraphQL literal: JSON whose keys and enums have no quotes. */
function literalOf(json: string): string {
  return json.replace(/"(\w+)":/g, '$1: ').replace(/"(INCOMING|OUTGOING)"/g, '$1');
}

type Variables = Map<string, { readonly type: string; readonly value: string }>;
