import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeHandle } from '../../src/domain/handle.js';
import { fromMessage, type Notification, toMessage } from '../../src/domain/notification.js';
import { uuidOf } from '../support/uuid.js';

const [ANN, BOB] = ['ann', 'bob'].map((handle) => ({ id: uuidOf(handle), handle, displayName: handle }));
if (ANN === undefined || BOB === undefined) throw new Error('two users');

const request = {
  id: uuidOf('request'),
  from: ANN,
  to: { ...BOB, displayName: '👩‍👩‍👧 Bob' },
  status: 'PENDING',
  createdAtMs: Date.UTC(2026, 10, 28),
} as const;

const all: readonly Notification[] = [
  { kind: 'relation', friendId: BOB.id },
  { kind: 'relation', friendId: BOB.id, isFriendship: true },
  { kind: 'sharing' },
  { kind: 'sharing', friendId: BOB.id },
  { kind: 'session-ended', sessionId: null },
  { kind: 'session-ended', sessionId: uuidOf('session') },
  { kind: 'request', request },
];

test.each(all)('$kind crosses servers unchanged, from the release before too', (notification) => {
  const message: unknown = JSON.parse(JSON.stringify(toMessage(notification)));
  expect(message).toEqual({ version: 1, ...notification });
  expect(fromMessage(message)).toEqual(notification);
  expect(fromMessage(notification)).toEqual(notification);
});

test('names and handles of before a rule are read', () => {
  const notification: Notification = {
    kind: 'request',
    request: { ...request, to: { ...BOB, handle: '...', displayName: '\u202elive\u3164' } },
  };
  expect(fromMessage(toMessage(notification))).toEqual(notification);
});

test('one that a server of another version left in the outbox keeps its version', () => {
  const stored = { version: 2, kind: 'relation', friendId: BOB.id } as Notification;
  expect(toMessage(stored)).toEqual(stored);
  expect(fromMessage(stored)).toBeNull();
});

test('no JSON is read that is no notification', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(fromMessage(json)).toBeNull();
    }),
  );
});

test.each<unknown>([
  null,
  [],
  { kind: 'request' },
  { kind: 'request', request: null },
  { kind: 'request', request: { id: request.id } },
  { kind: 'relation' },
  { kind: 'relation', friendId: 'bob' },
  { kind: 'sharing', friendId: 'bob' },
  { kind: 'session-ended' },
  { kind: 'session-ended', sessionId: 7 },
  { kind: 'unheard-of' },
  { kind: '__proto__' },
])('%j is none', (message) => {
  expect(fromMessage(message)).toBeNull();
});

test('a request is none when one of its fields is not what the schema says', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, 'x'.repeat(201), 1e300));
  const fields = ['id', 'status', 'createdAtMs', 'from', 'to'] as const;
  fc.assert(
    fc.property(fc.constantFrom(...fields), odd, (field, value) => {
      const found = fromMessage({ kind: 'request', request: { ...request, [field]: value } });
      if (found === null) return;
      // Only a date can be right by chance.
      expect(field).toBe('createdAtMs');
      expect(value).toBeGreaterThanOrEqual(0);
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom('id', 'handle', 'displayName'), odd, (field, value) => {
      const found = fromMessage({ kind: 'request', request: { ...request, to: { ...BOB, [field]: value } } });
      if (found === null) return;
      // Names can be right by chance.
      expect(['handle', 'displayName']).toContain(field);
      if (typeof value !== 'string') expect.fail(`${typeof value} is no name`);
      if (field === 'handle') expect(normalizeHandle(value)).toBe(value);
    }),
  );
});
