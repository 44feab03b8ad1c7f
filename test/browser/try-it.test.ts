import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { GRAPHIQL_OPTIONS } from '../../src/http/graphiql.js';

it('GraphiQL offers the operations that docs/try-it.md explains', async () => {
  const document = await readFile('docs/try-it.md', 'utf8');
  const tabs = GRAPHIQL_OPTIONS.defaultTabs ?? [];
  expect(tabs).toHaveLength(4);
  for (const { query } of tabs) expect(document).toContain(query);
});
