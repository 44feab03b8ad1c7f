/** Operations that have to be refused: what is sent, the codes that may answer, and the text that no answer may repeat. */
import { signUp, type TestUser, UPDATE_LOCATION } from './api.js';

export interface BadOperation {
  readonly name: string;
  readonly query: string;
  /** JSON text, since some values have no place in JavaScript. */
  readonly variables?: string;
  readonly operationName?: string;
  readonly codes: readonly string[];
  readonly secret?: string;
}

const INPUT = ['BAD_USER_INPUT'];
/** A literal may be refused by its type. */
const LITERAL = ['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED'];
const SECRET_PASSWORD = 'swordfish-7261';

export async function badOperations(url: string, viewer: TestUser): Promise<BadOperation[]> {
  const stranger = await signUp(url);
  return [
    ...badLocations(),
    ...badDates(),
    ...badRadii(),
    ...badAccounts(viewer),
    ...badIds(viewer, stranger),
    ...badPages(),
    ...badDocuments(),
  ];
}

function badLocations(): BadOperation[] {
  const variable = (name: string, input: string, secret?: string): BadOperation => ({
    name,
    query: UPDATE_LOCATION,
    variables: `{"input":${input}}`,
    codes: INPUT,
    ...(secret && { secret }),
  });
  const literal = (input: string, secret?: string): BadOperation => ({
    name: `literal ${input}`,
    query: `mutation { updateLocation(input: { ${input} }) { recorded } }`,
    codes: LITERAL,
    ...(secret && { secret }),
  });
  return [
    variable('latitude above 90', '{"latitude":90.123457,"longitude":0}', '90.123457'),
    variable('latitude below -90', '{"latitude":-90.123457,"longitude":0}', '90.123457'),
    variable('longitude above 180', '{"latitude":0,"longitude":180.123457}', '180.123457'),
    variable('longitude below -180', '{"latitude":0,"longitude":-180.123457}', '180.123457'),
    variable('latitude 1e400', '{"latitude":1e400,"longitude":0}', 'Infinity'),
    variable('longitude -1e400', '{"latitude":0,"longitude":-1e400}', 'Infinity'),
    variable('latitude NaN in words', '{"latitude":"NaN","longitude":0}', 'NaN'),
    variable('latitude in words', '{"latitude":"37.123457","longitude":0}', '37.123457'),
    variable('latitude null', '{"latitude":null,"longitude":12.123457}', '12.123457'),
    variable('no longitude', '{"latitude":12.123457}', '12.123457'),
    variable('latitude true', '{"latitude":true,"longitude":0}'),
    variable('latitude a list', '{"latitude":[12.123457],"longitude":0}', '12.123457'),
    variable('latitude an object', '{"latitude":{"deg":12.123457},"longitude":0}', '12.123457'),
    variable('a field that does not exist', '{"latitude":12.123457,"longitude":0,"altitude":3}', '12.123457'),
    variable('input a number', '12.123457', '12.123457'),
    variable('input null', 'null'),
    variable('accuracy below 0', '{"latitude":0,"longitude":0,"accuracyMeters":-0.123457}', '0.123457'),
    variable('accuracy 1e400', '{"latitude":0,"longitude":0,"accuracyMeters":1e400}', 'Infinity'),
    variable(
      'speed too fast',
      '{"latitude":0,"longitude":0,"speedMetersPerSecond":10000.123457}',
      '0.123457',
    ),
    variable('speed 1e400', '{"latitude":0,"longitude":0,"speedMetersPerSecond":1e400}', 'Infinity'),
    variable('heading above 360', '{"latitude":0,"longitude":0,"headingDegrees":360.123457}', '0.123457'),
    variable('heading NaN in words', '{"latitude":0,"longitude":0,"headingDegrees":"NaN"}', 'NaN'),
    variable('accuracy in words', '{"latitude":0,"longitude":0,"accuracyMeters":"12.123457"}', '12.123457'),
    variable(
      'a time far ahead',
      '{"latitude":0,"longitude":0,"recordedAt":"2999-01-01T00:00:00.000Z"}',
      '2999',
    ),
    variable('a time an hour ahead', `{"latitude":0,"longitude":0,"recordedAt":"${inSeconds(3_600)}"}`),
    variable(
      'a time of another age',
      '{"latitude":0,"longitude":0,"recordedAt":"1971-01-01T00:00:00.000Z"}',
      '1971',
    ),
    variable(
      'the 30th of February',
      '{"latitude":0,"longitude":0,"recordedAt":"2026-02-30T00:00:00.000Z"}',
      '02-30',
    ),
    variable('a date without a time', '{"latitude":0,"longitude":0,"recordedAt":"2026-02-03"}'),
    variable(
      'a time as a number',
      '{"latitude":0,"longitude":0,"recordedAt":1771234567890}',
      '1771234567890',
    ),
    variable('an id that is no UUID', '{"latitude":0,"longitude":0,"id":"zzz-secret"}', 'zzz-secret'),
    variable('an empty id', '{"latitude":0,"longitude":0,"id":""}'),
    variable('an id with NUL', '{"latitude":0,"longitude":0,"id":"\\u0000"}'),
    variable(
      'an id with a NUL after it',
      `{"latitude":0,"longitude":0,"id":"${crypto.randomUUID()}\\u0000"}`,
    ),
    literal('latitude: 1e400, longitude: 0', '1e400'),
    literal('latitude: 0, longitude: -1e400', '1e400'),
    literal('latitude: NaN, longitude: 0'),
    literal('latitude: Infinity, longitude: 0'),
    literal('latitude: 90.123457, longitude: 0', '90.123457'),
    literal('latitude: "37.123457", longitude: 0', '37.123457'),
    literal('latitude: 0, longitude: 0, recordedAt: "2999-01-01T00:00:00.000Z"', '2999'),
    literal('latitude: 0, longitude: 0, recordedAt: 1771234567890', '1771234567890'),
    literal('latitude: 0, longitude: 0, id: "zzz-secret"', 'zzz-secret'),
    literal('longitude: 12.123457', '12.123457'),
  ];
}

/** Dates that are well-formed and that neither the API nor PostgreSQL can write, in every place for a date. */
function badDates(): BadOperation[] {
  const dates = [
    '0000-01-01T00:00:00Z',
    '0000-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-23:59',
    '9999-12-31T23:59:59.999-00:01',
  ];
  const places = [
    'query ($at: DateTime!) { locationHistory(from: $at) { edges { cursor } } }',
    'query ($at: DateTime!) { locationHistory(to: $at) { edges { cursor } } }',
    'mutation ($at: DateTime!) { deleteLocationHistory(from: $at) }',
    'mutation ($at: DateTime!) { deleteLocationHistory(to: $at) }',
    'mutation ($at: DateTime!) { updateSharing(input: { enabled: false, until: $at }) { enabled } }',
    'mutation ($at: DateTime!) { updateLocation(input: { latitude: 0, longitude: 0, recordedAt: $at }) { recorded } }',
    'mutation ($at: DateTime!) { updateLocations(inputs: [{ latitude: 0, longitude: 0, recordedAt: $at }]) { recorded } }',
  ];
  return dates.flatMap((date) =>
    places.flatMap((place) => [
      {
        name: `${date} in ${place}`,
        query: place,
        variables: `{"at":"${date}"}`,
        codes: INPUT,
        secret: date,
      },
      {
        name: `literal ${date} in ${place}`,
        query: place.replace(' ($at: DateTime!)', '').replace('$at', `"${date}"`),
        codes: LITERAL,
        secret: date,
      },
    ]),
  );
}

function badRadii(): BadOperation[] {
  const radii = ['0', '-0', '-1', '500000.123457', '1e400', '-1e400', '"12.123457"', 'true', '[5]'];
  return radii.flatMap((radius) => [
    {
      name: `subscription, radius ${radius}`,
      query: 'subscription ($r: Float) { nearbyFriends(radiusMeters: $r) { snapshot } }',
      variables: `{"r":${radius}}`,
      codes: INPUT,
      secret: '123457',
    },
    {
      name: `query, radius ${radius}`,
      query: 'query ($r: Float) { nearbyFriends(radiusMeters: $r) { updatedAt } }',
      variables: `{"r":${radius}}`,
      codes: INPUT,
      secret: '123457',
    },
    {
      name: `literal radius ${radius}`,
      query: `subscription { nearbyFriends(radiusMeters: ${radius}) { snapshot } }`,
      codes: LITERAL,
      secret: '123457',
    },
  ]);
}

function badAccounts(viewer: TestUser): BadOperation[] {
  const signingUp = (
    name: string,
    handle: string,
    displayName = '"A"',
    password = SECRET_PASSWORD,
  ): BadOperation => ({
    name,
    query: `mutation ($h: String!, $d: String!, $p: String!) {
      signUp(input: { handle: $h, displayName: $d, password: $p }) { accessToken } }`,
    variables: `{"h":${handle},"d":${displayName},"p":"${password}"}`,
    codes: INPUT,
    secret: SECRET_PASSWORD,
  });
  const long = JSON.stringify('a'.repeat(100_000));
  return [
    signingUp('a handle of 2', '"ab"'),
    signingUp('a handle of 31', JSON.stringify('a'.repeat(31))),
    signingUp('a handle of 100,000', long),
    signingUp('a handle with a space', '"a b c"'),
    signingUp('a handle with a newline at its end', '"abcd\\n"'),
    signingUp('a handle with NUL', '"abc\\u0000"'),
    signingUp('a handle with a lone surrogate', '"abc\\ud800"'),
    signingUp('a handle of another script', '"αβγδ"'),
    signingUp('a handle with the Kelvin sign', '"abc\\u212a"'),
    signingUp('a handle that is a number', '12345'),
    signingUp('an empty display name', '"nobody_1"', '""'),
    signingUp('a display name of blanks', '"nobody_1"', '"  "'),
    signingUp('a display name with NUL', '"nobody_1"', '"A\\u0000B"'),
    signingUp('a display name with a lone surrogate', '"nobody_1"', '"A\\udc00"'),
    signingUp('a display name of 100,000', '"nobody_1"', long),
    signingUp('a short password', '"nobody_1"', '"A"', 'pass'),
    signingUp('a password with NUL', '"nobody_1"', '"A"', `${SECRET_PASSWORD}\\u0000`),
    signingUp('a password with a lone surrogate', '"nobody_1"', '"A"', `${SECRET_PASSWORD}\\ud800`),
    signingUp('a password of 100,000', '"nobody_1"', '"A"', SECRET_PASSWORD.repeat(8_000)),
    { ...signingUp('a taken handle', JSON.stringify(viewer.handle.toUpperCase())), codes: ['CONFLICT'] },
    {
      name: 'signing in with a NUL and a lone surrogate',
      query:
        'mutation ($h: String!, $p: String!) { signIn(input: { handle: $h, password: $p }) { accessToken } }',
      variables: `{"h":"a\\u0000\\ud800","p":"${SECRET_PASSWORD}\\u0000"}`,
      codes: ['UNAUTHENTICATED'],
      secret: SECRET_PASSWORD,
    },
    {
      name: 'a refresh token that is none',
      query: 'mutation ($t: String!) { refreshToken(refreshToken: $t) { accessToken } }',
      variables: '{"t":"token-8812-\\u0000"}',
      codes: ['UNAUTHENTICATED'],
      secret: 'token-8812',
    },
    {
      name: 'sharing until the past',
      query:
        'mutation { updateSharing(input: { enabled: false, until: "2001-01-01T00:00:00.000Z" }) { enabled } }',
      codes: INPUT,
    },
  ];
}

function badIds(viewer: TestUser, stranger: TestUser): BadOperation[] {
  const ofUser = [
    'sendFriendRequest(userId: $id) { id }',
    'removeFriend(userId: $id)',
    'blockUser(userId: $id)',
  ];
  const ofRequest = ['accept', 'decline', 'cancel'].map(
    (verb) => `${verb}FriendRequest(requestId: $id) { id }`,
  );
  const ask = (field: string, name: string, id: unknown, codes: readonly string[]): BadOperation => ({
    name: `${field.split('(')[0] ?? ''}, ${name}`,
    query: `mutation ($id: ID!) { ${field} }`,
    variables: JSON.stringify({ id }),
    codes,
  });
  const malformed = [
    '',
    'x',
    '123',
    '\0',
    '\ud800',
    `${viewer.id} `,
    `{${stranger.id}}`,
    'a'.repeat(100_000),
  ];
  return [
    ...[...ofUser, ...ofRequest, 'unblockUser(userId: $id)'].flatMap((field) => [
      ...malformed.map((id, index) => ask(field, `malformed id ${index}`, id, INPUT)),
      ask(field, 'an object for an id', { id: stranger.id }, INPUT),
      ask(field, 'a fraction for an id', 1.5, INPUT),
    ]),
    ...ofUser.map((field) => ask(field, 'oneself', viewer.id, INPUT)),
    ...ofUser.map((field) => ask(field, 'nobody', crypto.randomUUID(), ['NOT_FOUND'])),
    ...ofRequest.map((field) => ask(field, 'no request', crypto.randomUUID(), ['NOT_FOUND'])),
  ];
}

function badPages(): BadOperation[] {
  const fields = ['friends', 'friendRequests', 'blockedUsers', 'locationHistory'];
  const page = (field: string, args: string, codes: readonly string[]): BadOperation => ({
    name: `${field}(${args.slice(0, 40)})`,
    query: `{ ${field}(${args}) { pageInfo { endCursor } } }`,
    codes,
  });
  const cursors = [
    '',
    'x',
    '====',
    Buffer.from('\0').toString('base64url'),
    Buffer.from('0 0').toString('base64url'),
  ];
  return fields.flatMap((field) => [
    ...['99999999', '-1', '1001'].map((first) => page(field, `first: ${first}`, INPUT)),
    ...['1.5', '1e3', '99999999999', '"20"', 'null'].map((first) => page(field, `first: ${first}`, LITERAL)),
    ...cursors.map((cursor) => page(field, `after: ${JSON.stringify(cursor)}`, INPUT)),
    page(field, `after: ${JSON.stringify('A'.repeat(50_000))}`, INPUT),
  ]);
}

function badDocuments(): BadOperation[] {
  const refused = (name: string, query: string, codes: readonly string[]): BadOperation => ({
    name,
    query,
    codes,
  });
  const PARSE = ['GRAPHQL_PARSE_FAILED'];
  const RULE = ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED'];
  const nested = '{ '.repeat(300) + '}'.repeat(300);
  const cycle = 'query { me { ...A } } fragment A on User { ...B } fragment B on User { ...A }';
  return [
    refused('a syntax error', '{ me { id }', PARSE),
    refused('no document', '', [...PARSE, ...INPUT]),
    refused('only a comment', '# nothing', PARSE),
    refused('a NUL in the document', '{ me { id \0 } }', PARSE),
    refused('an unknown field', '{ me { id passwordHash } }', RULE),
    refused('an unknown argument', '{ me(id: 1) { id } }', RULE),
    refused(
      'two root fields of a subscription',
      'subscription { nearbyFriends { snapshot } friendRequests { id } }',
      RULE,
    ),
    refused('a fragment that contains itself', cycle, RULE),
    refused('a document of 1,002 tokens', `{ ${'me { id } '.repeat(250)} }`, RULE),
    refused('a document of 50,000 tokens', `{ ${'a'.repeat(3)} `.repeat(50_000), RULE),
    refused('braces 300 deep', nested, RULE),
    refused('lists 300 deep', `{ me(a: ${'['.repeat(300)}${']'.repeat(300)}) { id } }`, RULE),
    refused(
      '500 aliases',
      `{ ${Array.from({ length: 350 }, (_, i) => `a${i}: me { id }`).join(' ')} }`,
      RULE,
    ),
    refused('300 directives', `{ me ${'@skip(if: false) '.repeat(300)} { id } }`, RULE),
    { name: 'an unknown operationName', query: 'query A { me { id } }', operationName: 'B', codes: INPUT },
    {
      name: 'two operations and no name',
      query: 'query A { me { id } } query B { me { id } }',
      codes: INPUT,
    },
    {
      name: 'a variable of a wrong type',
      query: 'query ($first: Int!) { friends(first: $first) { totalCount } }',
      variables: '{"first":"many-9917"}',
      codes: INPUT,
      secret: 'many-9917',
    },
    {
      name: 'a variable left out',
      query: 'query ($first: Int!) { friends(first: $first) { totalCount } }',
      codes: INPUT,
    },
    {
      name: 'an enum value that is none',
      query: '{ friendRequests(direction: BOTH) { pageInfo { endCursor } } }',
      codes: RULE,
    },
  ];
}

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}
