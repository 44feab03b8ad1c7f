// Writes the documents of the built SDK by their SHA-256 to sdk/dist/persisted-documents.json, for servers that run
// known documents only.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import * as operations from '../sdk/dist/generated/operations.js';

const texts = Object.values(operations)
  .filter((operation) => operation instanceof String)
  .map(String);
const byId = Object.fromEntries(texts.map((text) => [createHash('sha256').update(text).digest('hex'), text]));
await writeFile(
  new URL('../sdk/dist/persisted-documents.json', import.meta.url),
  JSON.stringify(byId, null, 2),
);
