/**
 * Gives location updates an id before they are sent, so that one that is sent again after a lost answer is
 * recorded once. It finds them as variables of the type UpdateLocationInput and as lists of it, whatever
 * their names. An update that is written into the document itself gets none.
 */
import { randomId } from './random-id.js';

export function withLocationIds(
  document: string,
  variables: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (variables === undefined) return undefined;
  const filled = { ...variables };
  for (const [, name = ''] of document.matchAll(LOCATION_VARIABLE)) {
    const value = filled[name];
    if (Array.isArray(value)) filled[name] = value.map(withId);
    else if (value !== undefined) filled[name] = withId(value);
  }
  return filled;
}

const LOCATION_VARIABLE = /\$(\w+)[\s,]*:[\s,]*\[?[\s,]*UpdateLocationInput\b/g;

function withId(update: unknown): unknown {
  if (typeof update !== 'object' || update === null) return update;
  return (update as { id?: unknown }).id == null ? { ...update, id: randomId() } : update;
}
