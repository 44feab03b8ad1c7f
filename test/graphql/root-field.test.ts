import { type DocumentNode, getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { rootFieldOf } from '../../src/graphql/root-field.js';

function fieldOf(text: string): string {
  const document: DocumentNode = parse(text);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('The document must have one operation');
  return rootFieldOf(document, operation);
}

test.each([
  ['the name of the field, not that of an alias or of the operation', 'query Mine { x: me { id } }', 'me'],
  ['one field that is asked twice', '{ a: user(id: 1) { id } b: user(id: 2) { id } }', 'user'],
  ['more than one field', '{ me { id } server { time } }', 'several'],
  ['fragments, inline and named', '{ ... { ...F } } fragment F on Query { me { id } }', 'me'],
  ['fields in different fragments', '{ ...F me { id } } fragment F on Query { server { time } }', 'several'],
  ['introspection', '{ __schema { types { name } } }', '__schema'],
])('%s', (_case, text, field) => {
  expect(fieldOf(text)).toBe(field);
});

test('fragments that double with each level take no longer', () => {
  const levels = Array.from(
    { length: 60 },
    (_, level) => `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`,
  );
  expect(fieldOf(`{ ...F0 } ${levels.join(' ')} fragment F60 on Query { me { id } }`)).toBe('me');
});
