import { expect, test } from 'vitest';
import { withInlineIds, withLocationIds } from '../../sdk/src/location-ids.js';
import { randomId } from '../../sdk/src/random-id.js';

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
  expect(withLocationIds(document, variables, randomId)).toEqual(filled ?? variables);
});

test('each update gets an id of its own, and what the app passed stays as it is', () => {
  const variables = { inputs: [HERE, HERE] };
  const filled = withLocationIds('mutation ($inputs: [UpdateLocationInput!]!) { x }', variables, randomId);
  const [first, second] = filled?.['inputs'] as { id: string }[];
  expect(first?.id).not.toBe(second?.id);
  expect(variables).toEqual({ inputs: [HERE, HERE] });
});

const ANY_ID = /id: "[0-9a-f-]{36}" /g;

test.each([
  'mutation { updateLocation(input: {@latitude: 1, longitude: 2}) { recorded } }',
  'mutation($lat: Latitude!){updateLocation(input:{@longitude:2,latitude:$lat}){recorded}}',
  'mutation { updateLocations(inputs: [{@latitude: -1, longitude: 2}, {@latitude: 3, longitude: 4}]) { recorded } }',
  'mutation ($at: UpdateLocationInput = {@latitude: 1, longitude: 2}) { updateLocation(input: $at) { recorded } }',
  'mutation { updateLocation(input: {@latitude: 1, longitude: 2, device: "id: } \\" {"}) { recorded } }',
  'mutation { # {latitude: 1}\n updateLocation(input: {@latitude: 1 # id: }\n longitude: 2}) { recorded } }',
  'mutation { updateLocation(input: {latitude: 1, longitude: 2, id: "mine"}) { recorded } }',
  'mutation ($id: ID) { updateLocation(input: {latitude: 1, longitude: 2, id: $id}) { recorded } }',
  'mutation { updateLocation(input: $at) { recorded location { latitude: longitude } } }',
  '{ nearby(at: {latitude: 1}) { id } }',
])('each update that is written into it gets an id, where it has none: %s', (marked) => {
  const document = marked.replaceAll('@', '');
  const filled = withInlineIds(document, randomId);
  expect(filled.replaceAll(ANY_ID, '@')).toBe(marked);
  const ids = filled.match(ANY_ID) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
});
