import { validate, version } from 'uuid';
import { expect, test } from 'vitest';
import { createIdGenerator } from '../../src/adapters/new-id.js';

test('ids are UUIDs of version 7, each greater than the one before', () => {
  const ids = Array.from({ length: 50_000 }, createIdGenerator());
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
});
