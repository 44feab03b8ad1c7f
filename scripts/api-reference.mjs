// A plugin of graphql-codegen that writes docs/api.md: every operation and type of the schema on one page of
// GitHub Markdown. It fails on a kind of type that it does not know, so that nothing is left out silently.
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  print,
} from 'graphql';

/** @param {import('graphql').GraphQLSchema} schema */
export function plugin(schema) {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && !roots.includes(type))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const sections = [
    '<!-- Made from schema.graphql by `npm run generate`. -->',
    '# API reference',
    'Every operation and type of [schema.graphql](../schema.graphql). [protocol.md](protocol.md) explains ' +
      'frames, errors and close codes.',
    [...roots.map(rootContents), `- Types: ${types.map(({ name }) => link(name, name)).join(', ')}`].join(
      '\n',
    ),
    ...roots.flatMap(rootSection),
    '## Types',
    ...types.flatMap((type) => [`### ${type.name}`, ...described(type), ...members(type)]),
  ];
  return `${sections.join('\n\n')}\n`;
}

function rootContents(root) {
  const names = Object.keys(root.getFields());
  return `- ${root.name}: ${names.map((name) => link(name, `${root.name}.${name}`)).join(', ')}`;
}

function rootSection(root) {
  return [
    `## ${root.name}`,
    ...described(root),
    ...Object.values(root.getFields()).flatMap((field) => [
      `### ${root.name}.${field.name}`,
      ...described(field),
      `Returns ${typeLink(field.type)}.`,
      ...inputTable('argument', field.args),
    ]),
  ];
}

function members(type) {
  if (isScalarType(type)) return [];
  if (isEnumType(type)) {
    return table(
      ['value', 'meaning'],
      type.getValues().map((value) => [`\`${value.name}\``, meaning(value)]),
    );
  }
  const fields = Object.values(type.getFields?.() ?? {});
  if (isInputObjectType(type)) return inputTable('field', fields);
  if ((isObjectType(type) || isInterfaceType(type)) && !fields.some(({ args }) => args.length > 0)) {
    const interfaces = type.getInterfaces().map(typeLink).join(', ');
    return [
      ...(interfaces === '' ? [] : [`It implements ${interfaces}.`]),
      ...table(
        ['field', 'type', 'meaning'],
        fields.map((field) => [`\`${field.name}\``, typeLink(field.type), meaning(field)]),
      ),
    ];
  }
  throw new Error(`scripts/api-reference.mjs does not know how to show ${type.name} yet.`);
}

/** Arguments, or fields of an input. */
function inputTable(what, inputs) {
  const defaultOf = ({ astNode }) => (astNode?.defaultValue ? `\`${print(astNode.defaultValue)}\`` : '');
  return table(
    [what, 'type', 'default', 'meaning'],
    inputs.map((input) => [`\`${input.name}\``, typeLink(input.type), defaultOf(input), meaning(input)]),
  );
}

function table(head, rows) {
  if (rows.length === 0) return [];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [lines.join('\n')];
}

function described(thing) {
  return thing.description || thing.deprecationReason != null ? [meaning(thing, '\n\n')] : [];
}

/** A description as Markdown; paragraphs of a cell are parted by `paragraph`. */
function meaning({ description, deprecationReason }, paragraph = '<br>') {
  const parts = (description ?? '')
    .split(/\n\n+/)
    .map((part) => part.replaceAll('\n', ' ').replaceAll('|', '\\|'));
  if (deprecationReason != null) parts.push(`**Deprecated:** ${deprecationReason}`);
  return parts.filter(Boolean).join(paragraph);
}

/** What GraphQL itself brings has no section. */
function typeLink(type) {
  const named = getNamedType(type);
  return isSpecifiedScalarType(named) ? `\`${type}\`` : link(`\`${type}\``, named.name);
}

/** To a heading, whose anchor GitHub makes so. */
function link(text, heading) {
  return `[${text}](#${heading.toLowerCase().replaceAll('.', '')})`;
}
