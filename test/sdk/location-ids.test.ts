import { expect, test } from 'vitest';
import { withLocationIds } from '../../sdk/src/location-ids.js';

const HERE = { latitude: 1, longitude: 2 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const withId = { ...HERE, id: expect.stringMatching(UUID) as string };

test.each([
  ['mutation ($input: UpdateLocationInput!) { x }', { input: HERE }, { input: withId }],
  ['mutation M($a: UpdateLocationInput, $b: Int) { x }', { a: HERE, b: 1 }, { a: withId, b: 1 }],
  ['mutation($where:UpdateLocationInput!){x}', { where: { ...HERE, id: null } }, { where: withId }],
  [
    'mutation ($inputs: [UpdateLocationInput!]!) { x }',
    { inputs: [HERE, HERE] },
    { inputs: [withId, withId] },
  ],
  ['mutation ($inputs : [ UpdateLocationInput ! ]) { x }', { inputs: HERE }, { inputs: withId }],
  ['mutation ($input: UpdateLocationInput!) { x }', { input: { ...HERE, id: 'mine' } }, null],
  ['mutation ($input: UpdateLocationInput) { x }', { input: null }, null],
  ['mutation ($input: UpdateLocationInput) { x }', {}, null],
  ['mutation ($input: UpdateSharingInput!) { x }', { input: { enabled: true } }, null],
  ['query ($input: UpdateLocationInputs!) { x }', { input: HERE }, null],
  ['{ me { id } }', undefined, null],
])('%s with %o', (document, variables, filled) => {
  expect(withLocationIds(document, variables)).toEqual(filled ?? variables);
});

test('each update gets an id of its own, and what the app passed stays as it is', () => {
  const variables = { inputs: [HERE, HERE] };
  const filled = withLocationIds('mutation ($inputs: [UpdateLocationInput!]!) { x }', variables);
  const [first, second] = filled?.['inputs'] as { id: string }[];
  expect(first?.id).not.toBe(second?.id);
  expect(variables).toEqual({ inputs: [HERE, HERE] });
});
